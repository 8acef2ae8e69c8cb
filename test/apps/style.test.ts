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
