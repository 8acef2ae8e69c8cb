import { expect, test } from "vitest";
import { CONFIG, kustomization, makeFluxSystem } from "./make-gotk.ts";
import { runAll, runPhase } from "./run-phases.ts";

const DIR = "clusters/main";
const LIST = `${DIR}/kustomization.yaml`;
const UNKNOWN = "postBuild:\n  substituteFrom: []\n";

const filesWith = (resources: string) => ({
  ...makeFluxSystem(DIR),
  [`${DIR}/settings.yaml`]: CONFIG,
  // kustomize-controller drops what it does not know in the kustomization at `spec.path`, where kustomize would fail.
  [LIST]: kustomization(`resources:\n${resources}${UNKNOWN}`),
});

test("a field that kustomize does not know keeps no app from the list that Flux builds", () => {
  const { files, rules } = runPhase(filesWith("  - flux-system\n  - settings.yaml\n"), "install", {
    phase: "all",
    direct: true,
  });
  expect(files[LIST]).toBe(
    kustomization(`resources:\n  - settings.yaml\n  - flux-operator\n  - flux-instance.yaml\n${UNKNOWN}`),
  );
  expect(Object.keys(files).filter((path) => path.includes("gotk"))).toEqual([]);
  expect(rules).not.toContain("app-without-owner");
});

test("a field that kustomize does not know keeps nothing that goes in the list", () => {
  const entries = "  - flux-system/gotk-components.yaml\n  - flux-system/gotk-sync.yaml\n  - settings.yaml\n";
  const { cleanup } = runAll(filesWith(entries));
  expect(cleanup.files[LIST]).not.toContain("gotk");
  expect(cleanup.files[LIST]).toContain(UNKNOWN);
  expect(Object.keys(cleanup.files).filter((path) => path.includes("gotk"))).toEqual([]);
});
