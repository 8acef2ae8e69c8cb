import { describe, expect, test } from "vitest";
import { CONFIG, kustomization, makeGotk, makeSync } from "./make-gotk.ts";
import { type Files, runPhase } from "./run-phases.ts";

const GOTK = "base/gotk/gotk-components.yaml";
const cluster = (env: string, name: string): Files => ({
  [`clusters/${name}/flux-system/gotk-sync.yaml`]: makeSync(`./clusters/${name}`),
  [`clusters/${name}/flux-system/kustomization.yaml`]: kustomization(
    `resources:\n  - ../../../env/${env}\n  - gotk-sync.yaml\n`,
  ),
  [`clusters/${name}/settings.yaml`]: CONFIG,
  [`clusters/${name}/kustomization.yaml`]: kustomization("resources: [flux-system, settings.yaml]\n"),
});
const env = (name: string): Files => ({
  [`env/${name}/kustomization.yaml`]: kustomization(
    "resources:\n  - ../../base/gotk\n  - limits.yaml\npatches:\n  - path: memory.yaml\n",
  ),
  [`env/${name}/limits.yaml`]: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: limits\n  namespace: default\ndata:\n  env: ${name}\n`,
  [`env/${name}/memory.yaml`]:
    "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: kustomize-controller\n  namespace: flux-system\nspec:\n  template:\n    metadata:\n      labels:\n        identity: yes-please\n",
});
const fleet: Files = {
  [GOTK]: makeGotk(),
  "base/gotk/kustomization.yaml": kustomization("resources: [gotk-components.yaml]\n"),
  ...env("test"),
  ...env("prod"),
  ...cluster("test", "test-a"),
  ...cluster("test", "test-b"),
  ...cluster("prod", "prod-a"),
  ...cluster("prod", "prod-b"),
};
const blockers = ({ findings }: ReturnType<typeof runPhase>) =>
  findings.filter(({ level }) => level === "blocker").map(({ rule, what }) => `${rule}: ${what}`);

describe("an install shared by all clusters of a fleet, through a kustomization for each environment", () => {
  const installed = runPhase(fleet, "install").files;
  const first = runPhase(installed, "cutover", { clusters: ["test-a", "test-b"] });

  test("is left by the clusters of one environment where those clusters leave it together", () => {
    expect(blockers(first)).toEqual([]);
    expect(first.files[GOTK]).toBe(fleet[GOTK]);
    expect(first.files["env/test/kustomization.yaml"]).not.toContain("base/gotk");
    expect(first.files["env/test/kustomization.yaml"]).toContain("limits.yaml");
    expect(first.files["env/test/memory.yaml"]).toBeUndefined();
    expect(first.files["env/prod/kustomization.yaml"]).toBe(fleet["env/prod/kustomization.yaml"]);
    expect(first.changed.filter((path) => path.includes("prod"))).toEqual([]);
    const said = first.findings.filter(({ rule }) => rule === "gotk-base-shared").map(({ what }) => what);
    expect(said).toHaveLength(2);
    for (const one of said) expect(one).toContain("the clusters prod-a, prod-b still build from it");
    const cleanup = runPhase(first.files, "cleanup", { clusters: ["test-a", "test-b"] });
    expect(blockers(cleanup)).toEqual([]);
    expect(cleanup.files[GOTK]).toBe(fleet[GOTK]);
    expect(cleanup.files["clusters/test-a/flux-system/gotk-sync.yaml"]).toBeUndefined();
    expect(cleanup.files["clusters/test-b/flux-system/gotk-sync.yaml"]).toBeUndefined();
  });

  test("is left the same way where that kustomization holds nothing else", () => {
    const bare = { ...fleet };
    for (const name of ["test", "prod"]) {
      delete bare[`env/${name}/limits.yaml`];
      bare[`env/${name}/kustomization.yaml`] = bare[`env/${name}/kustomization.yaml`]!.replace("  - limits.yaml\n", "");
    }
    const cutover = runPhase(runPhase(bare, "install").files, "cutover", { clusters: ["test-a", "test-b"] });
    expect(blockers(cutover)).toEqual([]);
    expect(cutover.files[GOTK]).toBe(fleet[GOTK]);
    expect(cutover.files["env/test/kustomization.yaml"]).toBeUndefined();
    for (const name of ["test-a", "test-b"])
      expect(cutover.files[`clusters/${name}/flux-system/kustomization.yaml`]).not.toContain("env/test");
    expect(blockers(runPhase(cutover.files, "cleanup", { clusters: ["test-a", "test-b"] }))).toEqual([]);
  });

  test("goes with the last environment", () => {
    const last = runPhase(first.files, "cutover", { clusters: ["prod-a", "prod-b"] });
    expect(blockers(last)).toEqual([]);
    expect(last.files[GOTK]).toBeUndefined();
    expect(last.files["env/prod/kustomization.yaml"]).toContain("limits.yaml");
  });

  test("is not left by one cluster of an environment alone", () => {
    const alone = runPhase(installed, "cutover", { clusters: ["test-a"] });
    expect(alone.rules).toContain("gotk-base-inseparable");
  });
});
