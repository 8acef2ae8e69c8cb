import { expect, test } from "vitest";
import { printKey } from "../../src/admission/key.ts";
import { buildModel } from "../../src/cluster/model.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { findFutureLosses, isBlamed } from "../../src/safety/fate/future-losses.ts";
import { memoryTree } from "../support/memory.ts";
import { homeOps, migrate } from "../traps/support.ts";
import { homeTree, object } from "../verify/home-tree.ts";
import type { Files } from "../verify/judge.ts";

/** What would go that is still wanted, were documents removed after a phase has left the tree as it is. */
function future(removed: (objects: KubeObject[]) => KubeObject[], files: Files = homeTree(), later: Files = files) {
  const model = buildModel({ tree: memoryTree(files), remotes: [], options: { layout: "auto" } });
  const cluster = model.clusters[0]!;
  const edited = new Set(Object.keys(files).filter((path) => later[path] !== files[path]));
  const phase = { tree: memoryTree(later), model, cluster, edited };
  const { losses } = findFutureLosses(phase, removed(model.objects));
  const names = losses.map(({ outcome }) => printKey(outcome.key)).filter((name) => /^(Kust|Persist|HelmR)/.test(name));
  return { losses, names: names.sort() };
}
const named =
  (...names: string[]) =>
  (objects: KubeObject[]) =>
    names.map((name) => objects.find((one) => `${one.kind} ${one.name}` === name)!);
const CHILDREN = [
  "HelmRelease games/chess",
  "HelmRelease media/player",
  "Kustomization flux-system/chess",
  "Kustomization flux-system/cluster-apps",
  "Kustomization flux-system/flux",
  "Kustomization flux-system/player",
  "PersistentVolumeClaim media/player",
];

test("a root that goes takes what it applies along", () => {
  expect(future(named("Kustomization cluster")).names).toEqual(CHILDREN);
  expect(future(named("Kustomization chess")).names).toEqual([]);
  expect(future(() => []).names).toEqual([]);
});

test("several documents of one file go together, in whatever order they are named", () => {
  const all = ["GitRepository home", "Kustomization cluster", "GitRepository home"];
  expect(future(named(...all)).names).toEqual(CHILDREN);
  expect(future(named(...all.reverse())).names).toEqual(CHILDREN);
});

test("the other documents of a file stay", () => {
  expect(future(named("GitRepository home")).names).toEqual([]);
  const file = "kubernetes/flux/config/cluster.yaml";
  const spare = object("OCIRepository", "spare", "source.toolkit.fluxcd.io/v1", ["  namespace: flux-system"]);
  const files = { ...homeTree(), [file]: spare + homeTree()[file]! };
  expect(future(named("OCIRepository spare", "GitRepository home"), files).names).toEqual([]);
  expect(future(named("OCIRepository spare", "Kustomization cluster"), files).names).toEqual(CHILDREN);
});

test("a file that the phase takes away is gone", () => {
  const { "kubernetes/flux/config/cluster.yaml": _file, ...later } = homeTree();
  expect(future(named("Kustomization cluster"), homeTree(), later).names).toEqual(CHILDREN);
});

test("what the operator has adopted does not go with the old install", () => {
  const { files } = migrate(homeOps());
  expect(future(named("OCIRepository flux-manifests", "Kustomization flux"), files).losses).toEqual([]);
});

test("a loss is the fault of what begins it, by its name and its namespace", () => {
  const { losses } = future(named("Kustomization cluster"));
  const root = named("Kustomization cluster")(
    buildModel({ tree: memoryTree(homeTree()), remotes: [], options: { layout: "auto" } }).objects,
  )[0]!;
  expect(losses.every((loss) => isBlamed(root, "other", loss))).toBe(true);
  expect(losses.some((loss) => isBlamed({ ...root, name: "other" }, "flux-system", loss))).toBe(false);
  expect(losses.some((loss) => isBlamed({ ...root, namespace: "" }, "flux-system", loss))).toBe(true);
  expect(losses.some((loss) => isBlamed({ ...root, namespace: "" }, "other", loss))).toBe(false);
});
