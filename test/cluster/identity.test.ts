import { describe, expect, test } from "vitest";
import { buildModel } from "../../src/cluster/model.ts";
import type { RepoModel } from "../../src/cluster/types.ts";
import type { Options } from "../../src/contract/options.ts";
import { overlayTree } from "../../src/files/overlay.ts";
import type { Workspace } from "../../src/files/snapshot.ts";
import type { Tree } from "../../src/files/tree.ts";
import { makePlan } from "../../src/plan/plan.ts";
import { memoryTree } from "../support/memory.ts";
import { OPTIONS } from "../traps/support.ts";
import { fleet, type Member, URL } from "./fleet.ts";

const read = (tree: Tree, settled?: RepoModel): RepoModel =>
  buildModel({ tree, remotes: [URL], options: { layout: "auto" }, settled });

const namesOf = ({ clusters }: RepoModel) => clusters.map(({ name }) => name).sort();

function planAll(tree: Tree, changes: Partial<Options> = {}) {
  const workspace = { root: "/", tree, git: null } as unknown as Workspace;
  return makePlan(workspace, { ...OPTIONS, phase: "all", direct: true, ...changes });
}

/** The tree after each phase, the start first. */
function treesOf(files: Record<string, string>, changes: Partial<Options> = {}): Tree[] {
  let tree: Tree = memoryTree(files);
  const trees = [tree];
  for (const { files: changed } of planAll(tree, changes).phases) {
    tree = overlayTree(tree, changed);
    trees.push(tree);
  }
  return trees;
}

/** Too old for the operator: every phase stops for it. */
const STOPPED: Member = { version: "v2.1.2" };

const ARCHIVES: [string, Member][] = [
  ["an archive elsewhere", { dir: "archive/west", builds: "kubernetes/west", ...STOPPED }],
  ["an archive between the clusters", { dir: "kubernetes/archive/west", builds: "kubernetes/west", ...STOPPED }],
  ["an archive that names a folder of its own", { dir: "archive/west", builds: "kubernetes/west-old", ...STOPPED }],
];

/** Moves source and root out of what the root builds, so that only bootstrap applies them. */
function appliedByHand(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => {
      if (path.endsWith("/flux/config/flux.yaml")) return [path.replace("/config/", "/"), text];
      if (path.endsWith("/flux/config/kustomization.yaml")) text = text.replace("  - ./flux.yaml\n", "");
      return [path.replace("/flux/config/", "/boot/"), text];
    }),
  );
}

test("what all paths begin or end with is no part of a name", () => {
  const dirs = ["fleet/eu/prod", "fleet/eu/test", "fleet/us/prod"];
  const tree = memoryTree(fleet(Object.fromEntries(dirs.map((dir) => [dir, { dir }]))));
  expect(namesOf(read(tree))).toEqual(["eu-prod", "eu-test", "us-prod"]);
});

describe("clusters keep their names while one of them moves", () => {
  for (const [what, old] of ARCHIVES) {
    for (const arrange of [(files: Record<string, string>) => files, appliedByHand]) {
      test(`${what}, ${arrange === appliedByHand ? "roots applied by hand" : "roots that deliver themselves"}`, () => {
        const files = arrange(fleet({ east: {}, west: STOPPED, old }));
        for (const options of [{}, { clusters: ["east"] }]) {
          const trees = treesOf(files, options);
          const changed = Object.keys(files).filter((path) => trees.at(-1)!.read(path) !== files[path]);
          expect(changed.length).toBeGreaterThan(3);
          expect(changed.filter((path) => !path.startsWith("kubernetes/east/"))).toEqual([]);
          // Runs of their own, with commits between them, know nothing of the tree before.
          for (const tree of trees) expect(namesOf(read(tree))).toEqual(["east", "west"]);
        }
      });
    }
  }

  test("a child of the generated source is no root, whatever root another cluster has", () => {
    const files = fleet({ east: {}, west: STOPPED });
    // West calls its source what the operator calls the one it generates for east.
    for (const path of Object.keys(files).filter((file) => file.startsWith("kubernetes/west/")))
      files[path] = files[path]!.replaceAll("name: home-ops", "name: cluster").replace(
        /(kind: Kustomization\nmetadata:\n {2}name: )cluster\n/,
        "$1west-root\n",
      );
    for (const tree of treesOf(files, { clusters: ["east"] })) expect(namesOf(read(tree))).toEqual(["east", "west"]);
  });
});

describe("clusters of an earlier tree", () => {
  test("are recognised by their FluxInstance once the root is gone", () => {
    const trees = treesOf(fleet({ east: {}, west: {} }));
    const first = read(trees[0]!);
    const last = read(trees.at(-1)!, first);
    expect(last.clusters.map(({ name, rootFrom }) => [name, rootFrom])).toEqual([
      ["east", "instance"],
      ["west", "instance"],
    ]);
  });

  test("are left out once neither is left", () => {
    const files = fleet({ east: {}, west: {} });
    const rest = Object.fromEntries(Object.entries(files).filter(([path]) => !path.startsWith("kubernetes/west/")));
    expect(namesOf(read(memoryTree(rest), read(memoryTree(files))))).toEqual(["east"]);
  });
});
