import { expect, test } from "vitest";
import { listCalls, PUSH } from "../../src/cluster/artifact-calls.ts";
import { makeStanding } from "../../src/cluster/chart-conditions.ts";
import { syncsOf } from "../../src/cluster/instance-syncs.ts";
import type { InstanceDescription } from "../../src/cluster/types.ts";
import { listChartFiles } from "../../src/delivery/chart/facts.ts";
import { listChartFolders } from "../../src/safety/sources/local-releases.ts";
import { stopAfter } from "../../test/hostile/growth.ts";
import { memoryTree } from "../../test/support/memory.ts";

test("the functions of a script are not read for each of its calls, nor each push told apart for each of them", () => {
  const push = "  flux push artifact oci://ghcr.io/me/$1:latest --path=./$2 --source=x --revision=y\n";
  const calls = Array.from({ length: 400 }, (_, i) => `push a${i} apps/a${i}\n`).join("");
  const tree = memoryTree({ "push.sh": `push() {\n${push.repeat(400)}}\n${calls}` });
  const found = stopAfter(() => listCalls(tree, "push.sh", PUSH), 4000);
  expect([found[0]?.path, found[399]?.path, found.at(-1)?.path]).toEqual(["apps/a0", "apps/a399", undefined]);
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
