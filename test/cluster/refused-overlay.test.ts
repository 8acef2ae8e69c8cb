import { expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "../gotk/make-gotk.ts";
import { runPhase } from "../gotk/run-phases.ts";

const overlay = (version: string) =>
  `apiVersion: kustomize.config.k8s.io/${version}\nkind: Kustomization\nresources: [../base/flux-system]\npatches:\n- target: { kind: Kustomization, name: flux-system }\n  patch: |\n    - op: replace\n      path: /spec/path\n      value: ./clusters/prod\n`;

const stops = (version: string) =>
  runPhase(
    {
      ...makeFluxSystem("clusters/base"),
      "clusters/prod/kustomization.yaml": overlay(version),
      "clusters/other/kustomization.yaml": kustomization("resources: []\n").replace("v1beta1", "v1beta2"),
    },
    "install",
  ).findings.filter(({ level }) => level === "blocker");

test("an overlay of the root that kustomize refuses stops the cluster that its base is taken for", () => {
  expect(stops("v1beta2")).toMatchObject([
    {
      rule: "kustomization-broken",
      at: { file: "clusters/prod/kustomization.yaml", line: 1 },
      what: "Flux cannot build clusters/prod: apiVersion for Kustomization should be kustomize.config.k8s.io/v1beta1, not kustomize.config.k8s.io/v1beta2.",
    },
  ]);
  expect(stops("v1beta1")).toEqual([]);
});

test("so it does where the base has no path of its own, and its overlays lie further up", () => {
  const base = makeFluxSystem("clusters/base", { root: { path: "./clusters/${CLUSTER}" } });
  const list = (version: string) => overlay(version).replace("../base/flux-system", "../shared");
  const run = (version: string) =>
    runPhase(
      {
        ...base,
        "clusters/shared/kustomization.yaml": kustomization("resources: [../base/flux-system]\n"),
        "clusters/prod/kustomization.yaml": list(version),
      },
      "install",
    ).findings.filter(({ level }) => level === "blocker");
  expect(run("v1beta2")).toMatchObject([
    { rule: "kustomization-broken", at: { file: "clusters/prod/kustomization.yaml", line: 1 } },
  ]);
  expect(run("v1beta1")).toEqual([]);
});
