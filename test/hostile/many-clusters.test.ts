import { expect, test } from "vitest";
import { makeStanding } from "../../src/cluster/chart-conditions.ts";
import { syncsOf } from "../../src/cluster/instance-syncs.ts";
import type { Cluster, InstanceDescription } from "../../src/cluster/types.ts";
import type { Options } from "../../src/contract/options.ts";
import { listChartFiles } from "../../src/delivery/chart/facts.ts";
import { type CommittedInput, checkCommitted } from "../../src/plan/committed.ts";
import { listChartFolders } from "../../src/safety/sources/local-releases.ts";
import { memoryTree } from "../support/memory.ts";
import { commitAll, git, makeRepo, writeFiles } from "../support/repo.ts";
import { stopAfter } from "./growth.ts";

test("git is asked once, not for each cluster, what a branch names and holds", () => {
  const root = makeRepo({ "a.yaml": "a: b\n" }, { remote: "https://example.org/home-ops.git" });
  const behind = git(root, "rev-parse", "HEAD").trim();
  git(root, "update-ref", "refs/remotes/origin/main", behind);
  writeFiles(root, { "b.yaml": "a: b\n" });
  commitAll(root, "More");
  const judged: unknown[] = [];
  const route = {
    transforms: [],
    checkCommitted: ({ committed }: { committed: { model: unknown } }) => {
      judged.push(committed.model);
      return [];
    },
  };
  const facts = { branch: "main", head: git(root, "rev-parse", "HEAD").trim(), dirty: () => [], remotes: () => [] };
  const input = {
    workspace: { root, git: facts },
    phase: "cutover",
    remotes: [],
    route,
    agreed: {},
    tree: {},
    model: {},
  };
  const options = { phase: "cutover", layout: "auto", clusters: [], only: [], skip: [] };
  for (let i = 0; i < 100; i++) {
    const cluster = { name: `c${i}`, branch: "main", instances: [], root: { file: "a.yaml" } };
    checkCommitted(
      input as never as CommittedInput,
      cluster as never as Cluster,
      { ...options, fluxVersion: i === 7 ? "2.6.x" : "2.5.x" } as never as Options,
    );
    // Whoever asks again finds none.
    if (i === 0) git(root, "update-ref", "-d", "refs/remotes/origin/main");
  }
  expect([judged.length, new Set(judged).size]).toEqual([200, 3]);
});

test("instances of thousands of clusters are not each compared with each cluster's folder", () => {
  const instances = Array.from({ length: 6000 }, (_, i) => {
    const object = { file: `c${i}.yaml`, kind: "FluxInstance", name: "flux", namespace: "flux-system" };
    return { object, spec: { sync: { kind: "GitRepository", path: `clusters/c${i}`, name: i < 2 ? "two" : `s${i}` } } };
  }) as never as InstanceDescription[];
  const of = (i: number) => syncsOf(instances, `clusters/c${i}`, "");
  const all = stopAfter(() => instances.map((_, i) => of(i)), 2000);
  expect(all.map(({ synced }) => synced.length)).toEqual(instances.map(() => 1));
  expect([...all[1]!.names, ...all[1]!.generated]).toEqual(["GitRepository/two"]);
  expect([...all[5]!.names, ...all[5]!.generated]).toEqual(["GitRepository/s5", "GitRepository/s5"]);
  expect(syncsOf(instances, undefined, "").synced).toEqual([]);
});

test("what stands within thousands of conditions of a chart is not asked of each of them", () => {
  const depth = 8000;
  const file = "chart/templates/a.yaml";
  const tree = memoryTree({
    "chart/Chart.yaml": "name: chart\n",
    "chart/values.yaml": "on: true\n",
    [file]: `${"{{ if .Values.on }}\na: b\n".repeat(depth)}${"{{ end }}\n".repeat(depth)}`,
  });
  const standing = makeStanding(tree, { chart: "chart", file });
  const all = stopAfter(() => Array.from({ length: 2 * depth }, (_, index) => standing(index + 1)), 2000);
  expect(new Set(all)).toEqual(new Set(["made"]));
});

test("thousands of charts of one repository are not each looked for among all of its files", () => {
  const of = (index: number) => (index < 0 ? "charts/c" : `charts/c${index}`);
  const folders = Array.from({ length: 6000 }, (_, index) => of(index - 1));
  const text = "name: c\ndependencies: [{name: d, repository: file://../c}]\n";
  const files = folders.flatMap((folder) => [
    [`${folder}/Chart.yaml`, text],
    [`${folder}.yaml`, "a: b\n"],
    [`${folder}/templates/a.yaml`, "a: b\n"],
  ]);
  const tree = memoryTree({ ...Object.fromEntries(files), "charts/c7/charts/d-1.tgz": "", "charts/c7/charts/d/b": "" });
  const parts = stopAfter(
    () => listChartFolders({ before: tree, after: tree }).map((folder) => listChartFiles(tree, folder)),
    4000,
  );
  expect(parts).toHaveLength(folders.length);
  const found = (folder: string) => parts[[...folders].sort().indexOf(folder)]!.map(({ path }) => path);
  const base = ["charts/c/Chart.yaml", "charts/c/templates/a.yaml"];
  expect(found("charts/c10")).toEqual(["charts/c10/Chart.yaml", "charts/c10/templates/a.yaml", ...base]);
  expect(found("charts/c7")).toEqual([
    "charts/c7/Chart.yaml",
    ...["charts/c7/charts/d-1.tgz", "charts/c7/charts/d/b"],
    "charts/c7/templates/a.yaml",
  ]);
});
