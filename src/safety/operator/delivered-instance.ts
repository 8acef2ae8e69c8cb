import { appliedFrom, givenIn } from "../../change/applied-release.ts";
import type { FluxSpec, Snapshot } from "../../change/types.ts";
import { findReach, repositoryPath } from "../../cluster/graph.ts";
import { readHelmValues } from "../../cluster/helm-values.ts";
import type { Cluster, InstanceDescription } from "../../cluster/types.ts";
import { readable } from "../../contract/answer.ts";
import { bodyOf, sortKeys } from "../../contract/objects.ts";
import { pushAll } from "../../contract/push-all.ts";
import { isWithin } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";

/** A FluxInstance, and the FluxKustomization that delivers it to this cluster. */
export interface DeliveredInstance {
  instance: InstanceDescription;
  by: FluxSpec;
}

/** The first of some FluxInstances that the folders of a cluster hold in a tree. */
export function findDeliveredInstance(
  instances: readonly InstanceDescription[],
  { tree, cluster }: { tree: Tree; cluster: Cluster },
  [today, later]: readonly [Snapshot, Snapshot],
): DeliveredInstance | undefined {
  if (instances.length === 0) return undefined;
  const seen = new Set<string>();
  const queue: FluxSpec[] = [...today.roots.values()];
  for (const by of queue) {
    // What goes through a kubeconfig is the instance of another cluster.
    if (seen.has(by.id) || !by.data.isLocal || by.remote !== undefined) continue;
    seen.add(by.id);
    const isParent = later.mayHoldFlux(by) || today.mayHoldFlux(by);
    const path = repositoryPath(by.data.spec, cluster.artifactRoot) ?? "";
    const near = instances.filter(({ object }) => isParent || isWithin(object.file, path));
    const resources = near.length > 0 ? findReach(tree, by.data.spec, cluster.artifactRoot)?.resources : undefined;
    const found = near.find(({ object }) => resources?.includes(object.file));
    if (found) return { instance: { ...found, delivered: true }, by };
    if (isParent) pushAll(queue, listChildren(by, today, later));
  }
  return undefined;
}

/** FluxKustomizations that one applies in the end: where it builds no more, those of before go on by themselves. */
function listChildren(spec: FluxSpec, today: Snapshot, later: Snapshot): FluxSpec[] {
  const own = (later.mayDiffer(spec) ? later : today).build(spec);
  const build = own.ok ? own : today.build(spec);
  return build.ok ? [...build.objects.values()].flatMap(({ flux }) => flux ?? []) : [];
}

/** The same instance in the tree after the change. */
export function findSuccessor(
  { object, form }: InstanceDescription,
  instances: readonly InstanceDescription[],
): InstanceDescription | undefined {
  return instances.find(
    (one) => one.form === form && one.object.name === object.name && one.object.file === object.file,
  );
}

/** The one that was installed by hand, told by what it syncs; a parent that does not build keeps it from being delivered. */
export function findPreparedInstance(
  instances: readonly InstanceDescription[],
  { root, artifactRoot }: Cluster,
): InstanceDescription | undefined {
  const path = repositoryPath(root.data.spec, artifactRoot);
  return instances.find(({ spec }) => spec.sync?.path && repositoryPath(spec.sync, artifactRoot) === path);
}

/** The FluxInstance on both sides as patches and variables on its way leave it. */
export interface AppliedInstances {
  old?: InstanceDescription | undefined;
  now?: InstanceDescription | undefined;
}

interface Sides {
  old: DeliveredInstance | undefined;
  now: DeliveredInstance | undefined;
  trees: { before: Tree; after: Tree };
  snapshots: readonly [Snapshot, Snapshot];
}

/** Undefined where their files say it all. */
export function findAppliedInstances({ old, now, trees, snapshots }: Sides): AppliedInstances | undefined {
  const [was, is] = [
    old && applyInstance(old, trees.before, snapshots[0]),
    now && applyInstance(now, trees.after, snapshots[1]),
  ];
  if (!was && !is) return undefined;
  const [from, to] = [was ?? old?.instance, is ?? now?.instance];
  // Where the root begins is told by the files; what patches make of it counts where the change alters that.
  const isSame = from?.spec.sync?.path === to?.spec.sync?.path;
  const path = old?.instance.spec.sync?.path;
  const keep = (one: InstanceDescription | undefined) =>
    one && isSame && path !== undefined ? { ...one, spec: { ...one.spec, sync: { ...one.spec.sync, path } } } : one;
  return { old: keep(from), now: keep(to) };
}

function applyInstance(
  { instance, by }: DeliveredInstance,
  tree: Tree,
  snapshot: Snapshot,
): InstanceDescription | undefined {
  const build = snapshot.build(by);
  const objects = build.ok ? [...build.objects.values()] : [];
  const object = appliedFrom(instance.object, objects);
  if (!object) return undefined;
  const { unread: _, ...known } = instance;
  const { form, filled } = instance;
  const given = form === "chart" ? readHelmValues(tree, object, object.data.spec, givenIn(objects)) : undefined;
  const values = given && readable(given.values);
  const read = form === "chart" ? values?.instance : object.data.spec;
  if (!read) return undefined;
  const sync = filled ? { sync: { ...read.sync, path: instance.spec.sync?.path } } : {};
  const spec = { ...read, ...sync };
  const print = (one: unknown) => JSON.stringify(sortKeys(one));
  const marks = [object, instance.object].map((one) => print(bodyOf(one).metadata?.annotations ?? null));
  const isSame = print([spec, values]) === print([instance.spec, instance.values]);
  if (isSame && marks[0] === marks[1]) return undefined;
  const unread = given && !given.values.known ? { unread: given.values.unknowns } : {};
  return { ...known, object, spec, ...unread, ...(values ? { values } : {}) };
}
