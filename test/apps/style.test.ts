import { expect, test } from "vitest";
import { CONFIG, kustomization, makeFluxSystem } from "../gotk/make-gotk.ts";
import { instanceText, runPhase } from "../gotk/run-phases.ts";

test("without an app to learn from, what the owner wrote decides the style, and what flux bootstrap wrote does not", () => {
  const bootstrapped = makeFluxSystem("clusters/main");
  const plain = {
    "clusters/main/settings.yaml": CONFIG,
    "clusters/main/kustomization.yaml": kustomization("resources:\n- flux-system\n- settings.yaml\n"),
  };
  const written = (more: Record<string, string>) =>
    instanceText(runPhase({ ...bootstrapped, ...more }, "install").files);
  expect(written(plain)).toMatch(/^apiVersion:[\s\S]*\n( +)components:\n\1- source-controller/);
  expect(written({})).toMatch(/^---\n[\s\S]*\n( +)components:\n\1 {2}- source-controller/);
});

test.each(["", "  "])(
  "where no app holds a list, lists are indented by %j, as in the files that list the apps",
  (lead) => {
    const release = `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: redis
  namespace: flux-system
spec:
  chart:
    spec:
      chart: redis
      sourceRef:
        kind: HelmRepository
        name: charts
  interval: 1h
`;
    const own = {
      "clusters/main/redis/helmrelease.yaml": release,
      "clusters/main/redis/kustomization.yaml": kustomization(`resources:\n${lead}- helmrelease.yaml\n`),
      "clusters/main/kustomization.yaml": kustomization(`resources:\n${lead}- flux-system\n${lead}- redis\n`),
    };
    const made = instanceText(runPhase({ ...makeFluxSystem("clusters/main"), ...own }, "install").files);
    const [, outer, inner] = /\n( +)components:\n( +)- source-controller/.exec(made)!;
    expect(inner).toBe(outer + lead);
  },
);
