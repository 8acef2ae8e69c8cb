import type { Tree } from "../../workspace/tree.ts";
import { repositoryPath } from "../graph.ts";
import { findInstances } from "../instances.ts";
import { isFluxKustomization, isSyncSource } from "../kinds.ts";
import { readObjects } from "../objects.ts";
import { isWithin } from "../paths.ts";
import { repositoryIdentity } from "../sources.ts";
import type { Cluster, InstanceDescription, KubeObject, RepoModel } from "../types.ts";
import { type CompareOptions, compareSnapshots } from "./compare.ts";
import { type DanglingReference, findDangling } from "./dangling.ts";
import { findLostSettings, type LostSetting } from "./lost-settings.ts";
import { ClusterSnapshot, type SnapshotContext, versionOf } from "./snapshot.ts";
import { readFiles } from "./touched.ts";
import type { Comparison, FluxSpec, Snapshot } from "./types.ts";

export interface TreeChange {
  before: Tree;
  after: Tree;
  /** Every path whose text differs between the two, comes or goes. */
  changed: ReadonlySet<string>;
}

export interface TreeComparison extends Comparison {
  /** The FluxInstance that the tree after the change delivers. */
  instance?: InstanceDescription;
  /** Settings without which a FluxKustomization cannot apply what it builds, and that it loses (trap 25). */
  lost: LostSetting[];
  /** References to Flux objects that resolve today and not any more. */
  dangling: DanglingReference[];
}

/**
 * What Flux does to one cluster when a change of the repository is merged. Only FluxKustomizations whose files, spec or
 * parents change are built, and those that hold others.
 * @param model of the tree before the change
 */
export function compareTrees(
  change: TreeChange,
  model: RepoModel,
  cluster: Cluster,
  options: CompareOptions,
): TreeComparison {
  const { before, after, changed } = change;
  const added = [...changed]
    .filter((file) => /\.ya?ml$/.test(file))
    .flatMap((file) => readObjects(after, file).objects);
  const removed = [...changed]
    .filter((file) => /\.ya?ml$/.test(file))
    .flatMap((file) => readObjects(before, file).objects);
  const kept = model.objects.filter(({ file }) => !changed.has(file));
  const objects = [...kept, ...added];
  const instances = findInstances(after, objects);
  const old = cluster.instances.find(({ delivered }) => delivered);
  const version = versionOf(cluster, old ?? instances[0]);
  const context: SnapshotContext = {
    cluster,
    ...(version ? { version } : {}),
    objects: [...model.objects, ...added],
    base: before,
    changed,
    sources: findOwnSources(cluster, [...model.objects, ...added], [...cluster.instances, ...instances]),
    fluxFiles: new Set([...model.objects, ...added].filter(isFluxKustomization).map(({ file }) => file)),
    configMaps: new Set([...added, ...removed].filter(({ kind }) => kind === "ConfigMap").map(({ name }) => name)),
  };
  const today = new ClusterSnapshot(before, context);
  const later = new ClusterSnapshot(after, context);
  if (old) today.setInstance(old);
  const next =
    findDeliveredInstance(instances, today, later, after, cluster.artifactRoot) ??
    (options.adopted ? findPreparedInstance(instances, cluster) : undefined);
  if (next) later.setInstance(next);
  const isDelivered = (file: string) => cluster.files.has(file) || (changed.has(file) && !before.has(file));
  const comparison = compareSnapshots(today, later, options);
  return {
    ...comparison,
    ...(next ? { instance: next } : {}),
    lost: findLostSettings(comparison, later, after, cluster.artifactRoot),
    dangling: findDangling({ after, isDelivered, removed, added, kept, generated: later.operator ?? today.operator }),
  };
}

/** The FluxInstance that the tree after the change delivers to this cluster. */
function findDeliveredInstance(
  instances: readonly InstanceDescription[],
  today: Snapshot,
  later: Snapshot,
  tree: Tree,
  artifactRoot: string,
): InstanceDescription | undefined {
  if (instances.length === 0) return undefined;
  const seen = new Set<string>();
  const queue: FluxSpec[] = [...today.roots.values()];
  for (let spec = queue.shift(); spec; spec = queue.shift()) {
    if (seen.has(spec.id) || !spec.data.isLocal) continue;
    seen.add(spec.id);
    const isParent = later.mayHoldFlux(spec);
    const path = repositoryPath(spec.data.spec, artifactRoot) ?? "";
    const near = instances.filter(({ object }) => isParent || isWithin(object.file, path));
    const files = near.length > 0 ? readFiles(tree, spec.data.spec, artifactRoot) : new Set<string>();
    const found = near.find(({ object }) => files.has(object.file));
    if (found) return { ...found, delivered: true };
    const build = isParent ? (later.mayDiffer(spec) ? later : today).build(spec) : undefined;
    if (build?.ok) for (const { flux } of build.objects.values()) if (flux) queue.push(flux);
  }
  return undefined;
}

/** The one that was installed by hand, told by what it syncs; a parent that does not build keeps it from being delivered. */
function findPreparedInstance(
  instances: readonly InstanceDescription[],
  { root, artifactRoot }: Cluster,
): InstanceDescription | undefined {
  const path = repositoryPath(root.data?.spec, artifactRoot);
  return instances.find(({ spec }) => spec?.sync?.path && repositoryPath(spec.sync, artifactRoot) === path);
}

/** `Kind/name` of every source that holds this repository: the one the root reads, others with its URL, generated ones. */
function findOwnSources(
  { root, source }: Cluster,
  objects: readonly KubeObject[],
  instances: readonly InstanceDescription[],
): Set<string> {
  const ref = root.data?.spec?.sourceRef;
  const own = new Set<string>([`${ref?.kind}/${ref?.name}`]);
  for (const { object, spec } of instances) {
    if (spec?.sync?.url)
      own.add(`${spec.sync.kind}/${spec.sync.name || object.namespace || root.namespace || "flux-system"}`);
  }
  const urls = [source?.data?.spec?.url, ...instances.map(({ spec }) => spec?.sync?.url)];
  const identities = new Set(urls.filter((url) => typeof url === "string").map(repositoryIdentity));
  for (const object of objects.filter(isSyncSource)) {
    const url = object.data?.spec?.url;
    if (typeof url === "string" && identities.has(repositoryIdentity(url))) own.add(`${object.kind}/${object.name}`);
  }
  return own;
}
