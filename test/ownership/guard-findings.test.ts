import { describe, expect, test } from "vitest";
import type { Options } from "../../src/contract/options.ts";
import { CLUSTER, type Files, homeOps, type Migrated, migrate, run } from "../traps/support.ts";

const told = ({ findings }: Migrated, ...rules: string[]) =>
  findings
    .filter(({ rule }) => rules.includes(rule))
    .map(({ rule, level, at, what, why, next }) => ({ rule, level, at: `${at?.file}:${at?.line}`, what, why, next }));
const rename = (root: string, more: Partial<Options> = {}) => run(homeOps({ root }), { sync: "rename", ...more });
const patches = (target: string, operation: object) =>
  `  patches:\n    - target:\n        ${target}\n      patch: '${JSON.stringify([operation])}'\n`;

describe("a root that gets another name", () => {
  test("is guarded, and the reason names what would go", () => {
    expect(told(rename(""), "guard-added")).toEqual([
      {
        rule: "guard-added",
        level: "info",
        at: `${CLUSTER}:18`,
        what: "Kustomization flux-system/cluster gets prune: false for the time of the migration.",
        why: "The old root must not take its children along when it goes: Kustomization flux-system/addons and 6 more.",
        next: "Wait until it is reconciled before the cutover phase is merged.",
      },
    ]);
  });

  test("has its guard once", () => {
    const once = migrate(homeOps(), { sync: "rename" }).files;
    const again = run(once, { sync: "rename" });
    expect(again.files).toEqual(once);
    expect(told(again, "guard-added", "guard-overridden")).toEqual([]);
  });

  test.each(["Delete", "WaitForTermination"])("stops where deletionPolicy is %s", (policy) => {
    expect(told(rename(`  deletionPolicy: ${policy}\n`), "guard-overridden")).toEqual([
      {
        rule: "guard-overridden",
        level: "blocker",
        at: `${CLUSTER}:25`,
        what: `Kustomization flux-system/cluster has deletionPolicy: ${policy}, so it deletes what it applied when it goes under its old name, whatever prune says.`,
        why: "The guard of a root that gets another name is prune: false, and the finalizer looks at deletionPolicy first.",
        next: "Remove deletionPolicy, merge that and wait until it is reconciled, and run fluxlift again; or keep the name with --sync adopt.",
      },
    ]);
  });

  test("stops where a patch sets prune to something else", () => {
    const prune = patches("name: cluster", { op: "replace", path: "/spec/prune", value: true });
    expect(told(rename(prune), "guard-overridden")).toEqual([
      {
        rule: "guard-overridden",
        level: "blocker",
        at: `${CLUSTER}:18`,
        what: "A patch above Kustomization flux-system/cluster sets prune to something else than false, so the guard never reaches the cluster.",
        why: "Flux decides from the live object, and the patch is applied after what this file says.",
        next: "Take prune out of that patch, or exempt this object from it, and run fluxlift again.",
      },
    ]);
  });

  test("stops where what reaches it cannot be known", () => {
    const files: Files = homeOps();
    files["kubernetes/flux/kustomization.yaml"] =
      "resources: [config, apps.yaml]\ncomponents: ['github.com/example/parts?ref=v1']\n";
    expect(told(run(files, { sync: "rename" }), "guard-overridden")).toEqual([
      {
        rule: "guard-overridden",
        level: "blocker",
        at: "kubernetes/flux/kustomization.yaml:2",
        what: "Whether prune: false of Kustomization flux-system/cluster reaches the cluster cannot be known here: remote component github.com/example/parts?ref=v1.",
        why: "Flux decides from the live object, and what cannot be read here is applied after what its file says.",
        next: "Bring it into this repository, or take Kustomization flux-system/cluster out of its reach, and run fluxlift again.",
      },
    ]);
  });

  test("needs no guard under its own name, nor where it orphans what it applied", () => {
    expect(told(rename("", { sync: "adopt" }), "guard-added")).toEqual([]);
    expect(told(rename("  deletionPolicy: Orphan\n"), "guard-added", "guard-overridden")).toEqual([]);
    expect(run(homeOps(), { sync: "adopt" }).files[CLUSTER]).toBe(homeOps()[CLUSTER]);
  });
});
