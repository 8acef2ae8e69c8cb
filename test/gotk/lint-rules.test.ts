import { expect, test } from "vitest";
import { kustomization, makeFluxSystem } from "./make-gotk.ts";
import { runAll } from "./run-phases.ts";

test("a linter that leaves out a folder which stays goes on doing so; one that leaves out a file is only told", () => {
  const files = {
    ...makeFluxSystem("clusters/one"),
    "clusters/one/kustomization.yaml": kustomization(
      "resources: [flux-system/gotk-components.yaml, flux-system/gotk-sync.yaml]\n",
    ),
    "clusters/one/flux-system/notes.txt": "Kept here.\n",
    ".yamllint.yaml": "ignore: |\n  clusters/one/flux-system/\n  clusters/one/flux-system/gotk-sync.yaml\n",
    "scripts/check.sh": "kubeconform clusters/one/flux-system\n",
  };
  const { cleanup } = runAll(files);
  expect(cleanup.changed).toContain("clusters/one/flux-system/kustomization.yaml");
  const said = cleanup.findings.filter(({ rule }) => rule === "automation-names-removed");
  expect(said.map(({ level, at }) => `${level} ${at?.file}:${at?.line}`).sort()).toEqual([
    "caution scripts/check.sh:1",
    "info .yamllint.yaml:3",
  ]);
});
