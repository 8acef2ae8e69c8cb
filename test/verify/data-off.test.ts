import { expect, test } from "vitest";
import { verifyEdits } from "./edited.ts";
import { release } from "./home-tree.ts";
import { HR, h, sayOf } from "./odd-tree.ts";

const ceph = (values: string) =>
  release("player", [`values: ${values}`]).replace("chart: app,", "chart: rook-ceph-cluster,");
const says = (from: string, to: string) => sayOf({ ...h, [HR]: ceph(from) }, { [HR]: ceph(to) });
const POOLS = "{cephBlockPools: [{name: fast, spec: {}}, {name: slow, spec: {}}]}";

test.each([
  [POOLS, "{cephBlockPools: [{name: fast, spec: {}}]}"],
  [POOLS, "{cephBlockPools: [{name: fast, spec: {}}, {name: slower, spec: {}}]}"],
  [POOLS, "{}"],
  ["{}", "{cephFileSystems: []}"],
  ["{}", "{cephObjectStores: [{name: own}]}"],
  ["{cephECBlockPools: [{name: a}]}", "{cephECBlockPools: null}"],
  ["{clusterName: one}", "{clusterName: two}"],
  ["{clusterName: one}", "{}"],
  [
    "{cephClusterSpec: {mon: {count: 3}}}",
    "{cephClusterSpec: {mon: {count: 3}, cleanupPolicy: {confirmation: yes-really-destroy-data}}}",
  ],
])("values of a chart that makes data give some of it up: %s to %s", (from, to) => {
  expect(says(from, to)).toBe("unproven | safety-unknown HelmRelease media/player");
});

test.each([
  ["{}", "{cephBlockPools: [{name: ceph-blockpool, spec: {}}, {name: more}]}"],
  ["{}", "{cephECBlockPools: [{name: a}]}"],
  [POOLS, "{cephBlockPools: [{name: slow, spec: {a: b}}, {name: fast, spec: {}}]}"],
  ["{cephClusterSpec: {mon: {count: 3}}}", "{cephClusterSpec: {mon: {count: 5}, cleanupPolicy: {confirmation: ''}}}"],
])("values that give none up: %s to %s", (from, to) => {
  expect(says(from, to)).toMatch(/^safe/);
});

test("what goes is named, at its list", () => {
  const { findings } = verifyEdits({ [HR]: ceph("{cephBlockPools: [{name: fast}]}") }, { ...h, [HR]: ceph(POOLS) });
  const said = findings.find(({ rule }) => rule === "safety-unknown");
  expect(said?.what).toContain("has no CephBlockPool slow made by its values any more (cephBlockPools)");
});

test("data that the operator leaves is not called deleted", () => {
  const store = (more: string) => ceph(`{cephObjectStores: [{name: own, spec: {${more}}}]}`);
  const said = (more: string) =>
    verifyEdits({ [HR]: ceph("{cephObjectStores: []}") }, { ...h, [HR]: store(more) }).findings.map(({ what }) => what);
  expect(said("preservePoolsOnDelete: true").join()).toContain(
    "Helm deletes it, and its operator leaves the data in it (spec.preservePoolsOnDelete)",
  );
  expect(said("preservePoolsOnDelete: false").join()).toContain("Helm deletes it, and its operator the data in it");
});
