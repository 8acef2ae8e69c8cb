import { expect, test } from "vitest";
import { CONFIG, kustomization, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, runPhase } from "./run-phases.ts";

const GOTK = "clusters/base/flux-system/gotk-components.yaml";
const cluster = (name: string): Files => ({
  [`clusters/${name}/flux-system/gotk-sync.yaml`]: makeSync(`./clusters/${name}`),
  [`clusters/${name}/flux-system/kustomization.yaml`]: kustomization(
    "resources:\n  - ../../base/flux-system\n  - gotk-sync.yaml\n",
  ),
  [`clusters/${name}/settings.yaml`]: CONFIG,
  [`clusters/${name}/kustomization.yaml`]: kustomization("resources: [flux-system, settings.yaml]\n"),
});

test("what clusters that are cut over together share is gone, and what reads it is told", () => {
  const job = "jobs:\n  check:\n    steps:\n      - run: kubeconform clusters/base/flux-system/gotk-components.yaml\n";
  const start = {
    ...cluster("blue"),
    ...cluster("green"),
    [GOTK]: makeGotk(),
    "clusters/base/flux-system/kustomization.yaml": kustomization("resources: [gotk-components.yaml]\n"),
    ".github/workflows/check.yaml": job,
  };
  const installed = runPhase(start, "install").files;
  const both = runPhase(installed, "cutover");
  expect(both.changed).toContain(GOTK);
  expect(both.rules).toContain("automation-names-removed");
  expect(both.rules).not.toContain("gotk-base-shared");
  const one = runPhase(installed, "cutover", { clusters: ["blue"] });
  expect(one.changed).not.toContain(GOTK);
  expect(one.rules).toContain("gotk-base-shared");
  expect(one.rules).not.toContain("automation-names-removed");
});
