import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import { ownersOf } from "../../src/cluster/territory.ts";
import type { Edit } from "../../src/contract/edit.ts";
import { InternalError } from "../../src/contract/errors.ts";
import type { Options } from "../../src/contract/options.ts";
import type { Workspace } from "../../src/files/snapshot.ts";
import { composeChanges } from "../../src/plan/changes.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { checkTerritory } from "../../src/plan/territory-check.ts";
import { memoryTree } from "../support/memory.ts";
import { OPTIONS } from "../traps/support.ts";
import { fleet, flux, list, type Member, URL } from "./fleet.ts";

const STOPPED: Member = { version: "v2.1.2" };

/** Why west stays as it is while east moves. */
const OTHERS: [string, Member, Partial<Options>][] = [
  ["stopped", STOPPED, {}],
  ["not chosen", {}, { clusters: ["east"] }],
];

/** A task that rebuilds whichever cluster it is told. */
const TASKFILE = `---
version: "3"

tasks:
  bootstrap:
    cmds:
      - kubectl apply --server-side --kustomize {{.ROOT_DIR}}/kubernetes/{{.cluster}}/bootstrap/flux
`;

function planAll(files: Record<string, string>, changes: Partial<Options> = {}) {
  const workspace = { root: "/", tree: memoryTree(files), git: null } as unknown as Workspace;
  return makePlan(workspace, { ...OPTIONS, phase: "all", direct: true, ...changes });
}

describe("whose file it is", () => {
  const files = {
    ...fleet({ east: {}, west: {}, old: { dir: "kubernetes/archive/west", builds: "kubernetes/west" } }),
    "kubernetes/Taskfile.yaml": TASKFILE,
  };
  const tree = memoryTree(files);
  const model = buildModel({ tree, remotes: [URL], options: { layout: "auto" } });
  const owners = (path: string) => ownersOf(path, model).map(({ name }) => name);

  test("of those who read it, of the nearest, of all, or of nobody", () => {
    expect(owners("kubernetes/east/apps/default/kustomization.yaml")).toEqual(["east"]);
    expect(owners("kubernetes/west/bootstrap/helmfile.yaml")).toEqual(["west"]);
    expect(owners("kubernetes/Taskfile.yaml")).toEqual(["east", "west"]);
    expect(owners("Taskfile.yaml")).toEqual(["east", "west"]);
    expect(owners("kubernetes/archive/west/bootstrap/flux/kustomization.yaml")).toEqual([]);
  });

  test("an edit of another's or of nobody's is an internal error", () => {
    const edit = (path: string): Edit[] => [
      { kind: "delete", path, why: "", evidence: [], transform: "x", phase: "cleanup", cluster: "east" },
    ];
    const check = (path: string, ...moving: string[]) => checkTerritory(edit(path), tree, model, new Set(moving));
    expect(() => check("kubernetes/west/bootstrap/helmfile.yaml", "east")).toThrow(InternalError);
    expect(() => check("kubernetes/west/flux/apps.yaml", "east")).toThrow(InternalError);
    expect(() => check("kubernetes/archive/west/bootstrap/helmfile.yaml", "east", "west")).toThrow(InternalError);
    expect(() => check("kubernetes/west/bootstrap/helmfile.yaml", "east", "west")).not.toThrow();
    expect(() => check("kubernetes/Taskfile.yaml", "east")).not.toThrow();
  });
});

describe("a line that serves two clusters", () => {
  test("is rewritten once where both move", () => {
    const files = { ...fleet({ east: {}, west: {} }), "Taskfile.yaml": TASKFILE };
    const change = composeChanges(planAll(files)).find(({ path }) => path === "Taskfile.yaml");
    expect(change?.after).toContain("helmfile --file {{.ROOT_DIR}}/kubernetes/{{.cluster}}/bootstrap/helmfile.yaml");
    expect(change?.after).not.toContain("kubectl apply");
  });

  for (const [what, west, options] of OTHERS) {
    test(`stays, and is said, where the other one is ${what}`, () => {
      const files = { ...fleet({ east: {}, west }), "Taskfile.yaml": TASKFILE };
      const plan = planAll(files, options);
      const changed = composeChanges(plan).map(({ path }) => path);
      expect(changed.filter((path) => !path.startsWith("kubernetes/east/"))).toEqual([]);
      const cleanup = plan.phases.at(-1)!.clusters.find(({ cluster }) => cluster === "east")!;
      const said = cleanup.findings.filter(({ at }) => at?.file === "Taskfile.yaml");
      expect(said.map(({ rule, at }) => `${rule}:${at?.line}`)).toEqual(["automation-shared-line:7"]);
    });
  }
});

describe("files that two clusters build from", () => {
  /** Both build one folder of apps, in which each would follow the new name of its source. */
  const shared = (west: Member) => ({
    ...fleet({ east: {}, west }),
    "kubernetes/east/flux/shared.yaml": flux("shared", "./kubernetes/shared"),
    "kubernetes/west/flux/shared.yaml": flux("shared", "./kubernetes/shared"),
    "kubernetes/shared/kustomization.yaml": list("./ks.yaml"),
    "kubernetes/shared/ks.yaml": flux("more", "./kubernetes/shared/more"),
    "kubernetes/shared/more/cm.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: more\n",
  });

  for (const [what, west, options] of OTHERS) {
    test(`hold one back where the other is ${what}`, () => {
      const plan = planAll(shared(west), options);
      const east = plan.phases.flatMap(({ clusters }) => clusters).filter(({ cluster }) => cluster === "east");
      const blockers = east.flatMap(({ findings }) => findings).filter(({ level }) => level === "blocker");
      expect(blockers.length).toBeGreaterThan(0);
      const changed = composeChanges(plan).map(({ path }) => path);
      expect(changed.filter((path) => !path.startsWith("kubernetes/east/"))).toEqual([]);
    });
  }
});
