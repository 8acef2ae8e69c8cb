import { describe, expect, test } from "vitest";
import { assignBootstraps, keepBootstraps, ownersOf } from "../../src/cluster/territory.ts";
import type { Cluster, Install, RepoModel } from "../../src/cluster/types.ts";
import type { Edit } from "../../src/contract/edit.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import type { ClusterPlan } from "../../src/contract/plan.ts";
import { dirname } from "../../src/delivery/paths.ts";
import { checkTerritory, holdSharers } from "../../src/plan/territory-check.ts";
import { memoryTree } from "../support/memory.ts";

interface Facts {
  path?: string;
  artifactRoot?: string;
  appsDir?: string;
  files?: string[];
  bootstraps?: (string | undefined)[];
}

const install = (dir: string | undefined): Install =>
  ({ at: { file: `${dir ?? "install"}.yaml`, line: 1, col: 1 }, ...(dir === undefined ? {} : { dir }) }) as Install;

/** A cluster, as far as it decides whose file it is. @param file of its root */
function cluster(name: string, file: string, facts: Facts = {}): Cluster {
  const { path = `./${dirname(file)}`, artifactRoot = "", appsDir, files = [], bootstraps = [] } = facts;
  return {
    ...{ name, root: { file, data: { spec: { path } } }, artifactRoot, files: new Set(files) },
    ...{ layout: appsDir === undefined ? {} : { appsDir }, bootstraps: bootstraps.map(install) },
  } as unknown as Cluster;
}

const leftOut = (file: string) => ({ object: { file } }) as RepoModel["leftOut"][number];
const owners = (path: string, clusters: Cluster[], others: string[] = []) =>
  ownersOf(path, { clusters, leftOut: others.map(leftOut) }).map(({ name }) => name);

describe("a file is owned by", () => {
  const east = cluster("east", "a/east/root.yaml", { path: "./a/east", files: ["base/shared.yaml", "a/east/x.yaml"] });
  const west = cluster("west", "a/west/root.yaml", { path: "./a/west", files: ["base/shared.yaml"] });

  test("all that read it, wherever it lies", () => {
    expect(owners("base/shared.yaml", [east, west])).toEqual(["east", "west"]);
    expect(owners("a/east/x.yaml", [east, west])).toEqual(["east"]);
    expect(owners("a/west/x.yaml", [cluster("north", "n.yaml", { files: ["a/west/x.yaml"] }), west])).toEqual([
      "north",
    ]);
  });

  test("else the nearest by the folder of its root, what that builds, its apps and its bootstraps", () => {
    expect(owners("a/east/deep/er/y.yaml", [east, west])).toEqual(["east"]);
    expect(owners("a/y.yaml", [east, west])).toEqual(["east", "west"]);
    const other = cluster("other", "o/root.yaml");
    const near = (facts: Facts, path: string) => owners(path, [other, cluster("one", "r/root.yaml", facts)]);
    expect(near({}, "r/y.yaml")).toEqual(["one"]);
    expect(near({ path: "./built" }, "built/y.yaml")).toEqual(["one"]);
    expect(near({ path: "./built", artifactRoot: "in" }, "in/built/y.yaml")).toEqual(["one"]);
    expect(near({ path: "./built/${X}" }, "built/y.yaml")).toEqual(["other", "one"]);
    expect(near({ appsDir: "apps" }, "apps/y.yaml")).toEqual(["one"]);
    expect(near({ bootstraps: ["boot", undefined] }, "boot/y.yaml")).toEqual(["one"]);
    expect(near({}, "elsewhere/y.yaml")).toEqual(["other", "one"]);
  });

  test("nobody where a place that is no recognised cluster is nearer, but not where it is as near", () => {
    expect(owners("a/east/archive/boot.yaml", [east, west], ["a/east/archive/root.yaml"])).toEqual([]);
    expect(owners("a/east/boot.yaml", [east, west], ["a/east/archive.yaml"])).toEqual(["east"]);
    expect(owners("a/west/y.yaml", [east, west], ["a/east/old/root.yaml", "z/y.yaml"])).toEqual(["west"]);
    expect(owners("a/west/old/y.yaml", [east, west], ["z/y.yaml", "a/west/old/root.yaml"])).toEqual([]);
  });

  test("nobody where there is no cluster", () => {
    expect(owners("a.yaml", [])).toEqual([]);
  });
});

describe("an install applied by hand", () => {
  const dirs = ({ bootstraps }: Cluster) => bootstraps.map(({ dir }) => dir);
  const assign = (clusters: Cluster[], ...all: (string | undefined)[]) => {
    const strays: Install[] = [];
    const places = { clusters, strays, leftOut: [leftOut("old/east/root.yaml")] };
    assignBootstraps(places as unknown as RepoModel, all.map(install));
    return [...clusters.map(dirs), ...(strays.length > 0 ? [{ strays: strays.map(({ dir }) => dir) }] : [])];
  };
  const pair = () => [cluster("east", "a/east/root.yaml"), cluster("west", "a/west/root.yaml")];

  test("belongs to the nearest, to all of several that are as near, and to nobody where none is", () => {
    expect(assign(pair(), "a/east/boot")).toEqual([["a/east/boot"], []]);
    expect(assign(pair(), "a/boot")).toEqual([["a/boot"], ["a/boot"]]);
    expect(assign(pair(), "boot")).toEqual([[], [], { strays: ["boot"] }]);
    expect(assign(pair(), "archive/boot")).toEqual([[], []]);
    expect(assign(pair(), undefined)).toEqual([[], [], { strays: [undefined] }]);
    expect(assign(pair(), "old/east/boot")).toEqual([[], []]);
  });

  test("lies at the top where it says no folder", () => {
    expect(assign([cluster("top", "root.yaml"), cluster("east", "a/east/root.yaml")], undefined)).toEqual([
      [undefined],
      [],
    ]);
  });

  test("belongs to the only cluster wherever it lies", () => {
    expect(assign([cluster("one", "a/root.yaml")], "boot")).toEqual([["boot"]]);
  });

  test("draws no other one to itself", () => {
    expect(assign(pair(), "a/east/boot", "a/boot")).toEqual([["a/east/boot", "a/boot"], ["a/boot"]]);
    expect(assign([cluster("east", "a/root.yaml"), cluster("west", "b/root.yaml")], "a/c", "c/d")).toEqual([
      ["a/c"],
      [],
      { strays: ["c/d"] },
    ]);
  });

  test("stays with the cluster whose it was", () => {
    const now = [cluster("east", "a.yaml"), cluster("new", "c.yaml", { bootstraps: ["x"] })];
    const settled = [
      cluster("west", "b.yaml", { bootstraps: ["w"] }),
      cluster("east", "a.yaml", { bootstraps: ["e"] }),
    ];
    const model = { clusters: now, strays: [] as Install[] };
    keepBootstraps(model, { clusters: settled, strays: ["s", "t"].map(install) }, ["w", "e", "x", "s"].map(install));
    expect([now.map(dirs), model.strays.map(({ dir }) => dir)]).toEqual([[["e"], []], ["s"]]);
  });
});

const edit = (path: string): Edit => ({
  ...{ kind: "delete", path, why: "", evidence: [], transform: "cut", phase: "cleanup", cluster: "east" },
});

describe("an edit outside of the territory of who writes", () => {
  const east = cluster("east", "east/root.yaml", { files: ["shared.yaml", "east/a.yaml"] });
  const west = cluster("west", "west/root.yaml", { files: ["shared.yaml", "west/a.yaml"] });
  const tree = memoryTree(
    Object.fromEntries(["shared", "east/a", "west/a", "west/b", "top", "old/b"].map((path) => [`${path}.yaml`, ""])),
  );
  const check = (paths: string[], ...moving: string[]) =>
    checkTerritory(
      paths.map(edit),
      tree,
      { clusters: [east, west], leftOut: [leftOut("old/root.yaml")] },
      new Set(moving),
    );

  test("is refused with the first such path and whose it is", () => {
    expect(() => check(["east/a.yaml", "west/a.yaml", "old/b.yaml"], "east")).toThrow(
      expect.objectContaining({
        code: "outside-territory",
        message: "cut would change west/a.yaml for east, and it belongs to west.",
        hint: "Please report it with the output of `fluxlift scan`; nothing was written.",
      }),
    );
    const [first, second] = [{ ...edit("east/a.yaml"), transform: "add" }, edit("west/a.yaml")];
    const model = { clusters: [east, west], leftOut: [] };
    expect(() => checkTerritory([first, second], tree, model, new Set(["east"]))).toThrow(/^cut would change west/);
    expect(() => check(["old/b.yaml"], "east", "west")).toThrow(
      / old\/b\.yaml for east, and it belongs to no cluster\.$/,
    );
    expect(() => check(["west/b.yaml"], "east")).toThrow("belongs to west");
    expect(() => check(["shared.yaml"], "east")).toThrow("belongs to west");
  });

  test("is none of its own file, of what all read who move, of nobody's or of a new one", () => {
    expect(() => check(["east/a.yaml", "top.yaml", "west/new.yaml"], "east")).not.toThrow();
    expect(() => check(["shared.yaml", "west/a.yaml"], "east", "west")).not.toThrow();
  });
});

describe("a cluster waits for one that stays and reads the same file", () => {
  const staying = [cluster("west", "w.yaml", { files: ["b.yaml", "c.yaml"] }), cluster("north", "n.yaml")];
  const say = (...said: string[]) => said as unknown as DraftFinding;
  const hold = (plans: [string, string[]][]) => [
    ...holdSharers(
      plans.map(([name, paths]) => ({ cluster: name, edits: paths.map(edit) }) as unknown as ClusterPlan),
      staying,
      say,
    ),
  ];

  test("and is told which, and its first such file", () => {
    expect(hold([["east", ["a.yaml", "b.yaml", "c.yaml"]]])).toEqual([["east", ["east", "west", "b.yaml"]]]);
  });

  test("but not for itself, nor for an edit that nobody else reads", () => {
    expect(hold([["west", ["b.yaml"]]])).toEqual([]);
    expect(hold([["east", ["a.yaml"]]])).toEqual([]);
  });
});
