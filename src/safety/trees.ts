import { repositoryPath } from "../cluster/graph.ts";
import { findInstances } from "../cluster/instances.ts";
import { readObjects } from "../cluster/objects.ts";
import type { Cluster, InstanceDescription, RepoModel } from "../cluster/types.ts";
import type { KubeObject } from "../contract/objects.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import { isWithin } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { ArtifactViews } from "./artifact-views.ts";
import { findChangedValues } from "./changed-values.ts";
import { type CompareOptions, compareSnapshots } from "./compare.ts";
import { type DanglingReference, findDangling, listGoneSources } from "./dangling.ts";
import { findDanglingValues } from "./dangling-values.ts";
import { findLostSettings, type LostSetting } from "./lost-settings.ts";
import { listChartObjects, readGeneratedSource } from "./operator-set.ts";
import { KnownSpecs, type ReadContext } from "./read-object.ts";
import { findRefusal, type Refusal } from "./refused.ts";
import { ClusterSnapshot, type SnapshotContext, versionOf } from "./snapshot.ts";
import { findOwnSources, findSwitches, nameSwitch, readSources, type SourceSwitch, saySwitch } from "./source-facts.ts";
import { readFiles } from "./touched.ts";
import type { Comparison, FluxSpec, OpenPoint, OwnedObject, Snapshot } from "./types.ts";
import { findUnseen } from "./unseen.ts";

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
  /** Set when the FluxInstance of the tree after the change is not taken. */
  refused?: Refusal;
  /** Sources that read another repository, branch or tag afterwards. */
  switched: SourceSwitch[];
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
  const version = options.version ?? versionOf(cluster, old ?? instances[0]);
  const successor = old ? findSuccessor(old, instances) : findPreparedInstance(instances, cluster);
  const refused = options.adopted && old && successor ? findRefusal(old, successor) : undefined;
  // A refused FluxInstance stays what it is.
  const follower = refused ? old : successor;
  const isDelivered = (file: string) =>
    cluster.files.has(file) || file === cluster.source?.file || (changed.has(file) && !before.has(file));
  const generated = (instance: InstanceDescription | undefined) =>
    instance && readGeneratedSource(instance, cluster.namespace);
  const tables = {
    before: readSources(cluster, model.objects, isDelivered, generated(options.adopted ? old : undefined)),
    after: readSources(cluster, objects, isDelivered, generated(follower)),
  };
  const sources = findOwnSources(cluster, [tables.before, tables.after], [...cluster.instances, ...instances]);
  const views = new ArtifactViews({ trees: { before, after }, tables, changed, cluster });
  const viewOf = (source: string) => views.token(source);
  const chartHolds = () => listChartObjects(version, cluster.namespace);
  const read: ReadContext = { version, sources, viewOf, chartHolds, known: new KnownSpecs() };
  const context: SnapshotContext = {
    cluster,
    views,
    changed,
    read,
    fluxFiles: new Set([...model.objects, ...added].filter(isFluxKustomization).map(({ file }) => file)),
    charts: findRenamedCharts(removed, added),
    values: findChangedValues({
      trees: [before, after],
      changed,
      isRead: (file) => cluster.files.has(file),
      added,
      removed,
    }),
  };
  const past = [...kept, ...removed];
  const today = new ClusterSnapshot("before", before, { ...context, objects: past, other: objects });
  const later = new ClusterSnapshot("after", after, { ...context, objects, other: past });
  if (old) today.setInstance(old);
  const next =
    findDeliveredInstance(instances, today, later, after, cluster.artifactRoot) ??
    (options.adopted ? findPreparedInstance(instances, cluster) : undefined);
  if (next) later.setInstance(refused && old ? old : next);
  const isRead = (source: string) =>
    objects.some(({ data, ...object }) => {
      const ref = data?.spec?.sourceRef;
      return isFluxKustomization(object) && `${ref?.kind}/${ref?.name}` === source;
    });
  const dangling = findDangling({
    after,
    isDelivered,
    removed,
    added,
    kept,
    generated: later.operator ?? today.operator,
    replaced: options.adopted ? today.operator : undefined,
  });
  const comparison = compareSnapshots(today, later, { ...options, isGone: listGoneSources(dangling) });
  const { outcomes } = comparison;
  const listChildren = () => listFluxChildren(today, later);
  const switched = findSwitches(tables.before, tables.after, sources).filter((one) => one.own || isRead(one.source));
  const unseen = findUnseen({ model, cluster, before, after, changed, objects, today, later, read });
  return {
    ...comparison,
    open: [...switched.map(toPoint), ...comparison.open, ...unseen],
    ...(next ? { instance: next } : {}),
    ...(refused ? { refused } : {}),
    lost: findLostSettings(comparison, later, after, cluster.artifactRoot),
    dangling: [...dangling, ...findDanglingValues({ after, cluster, isDelivered, added, outcomes, listChildren })],
    switched,
  };
}

function toPoint(one: SourceSwitch): OpenPoint {
  return {
    resource: nameSwitch(one),
    what: saySwitch(one),
    look: "compare the two with git diff or flux diff artifact",
    at: one.at,
    ...(one.own ? { decides: true } : {}),
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
  for (const spec of queue) {
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

/** FluxKustomizations that the tree after the change delivers, as their parents apply them. */
function listFluxChildren(today: Snapshot, later: Snapshot): OwnedObject[] {
  const seen = new Set<string>();
  const found: OwnedObject[] = [...(later.operator?.objects.values() ?? [])].filter(({ flux }) => flux);
  const queue: FluxSpec[] = [...later.roots.values(), ...found.flatMap(({ flux }) => flux ?? [])];
  for (const spec of queue) {
    if (seen.has(spec.id) || !spec.data.isLocal || !later.mayHoldFlux(spec)) continue;
    seen.add(spec.id);
    const build = (later.mayDiffer(spec) ? later : today).build(spec);
    for (const object of build.ok ? build.objects.values() : []) {
      if (!object.flux) continue;
      found.push(object);
      queue.push(object.flux);
    }
  }
  return found;
}

function findRenamedCharts(removed: readonly KubeObject[], added: readonly KubeObject[]): Set<string> {
  const chart = ({ data }: KubeObject) =>
    String(data?.spec?.url ?? "")
      .replace(/\/+$/, "")
      .split("/")
      .at(-1);
  const isOther = (old: KubeObject) =>
    added.some((now) => now.kind === old.kind && now.name === old.name && chart(now) !== chart(old));
  return new Set(removed.filter((old) => old.kind === "OCIRepository" && isOther(old)).map(({ name }) => name));
}

/** The same instance in the tree after the change. */
function findSuccessor(
  { object, form }: InstanceDescription,
  instances: readonly InstanceDescription[],
): InstanceDescription | undefined {
  return instances.find(
    (one) => one.form === form && one.object.name === object.name && one.object.file === object.file,
  );
}

/** The one that was installed by hand, told by what it syncs; a parent that does not build keeps it from being delivered. */
function findPreparedInstance(
  instances: readonly InstanceDescription[],
  { root, artifactRoot }: Cluster,
): InstanceDescription | undefined {
  const path = repositoryPath(root.data?.spec, artifactRoot);
  return instances.find(({ spec }) => spec?.sync?.path && repositoryPath(spec.sync, artifactRoot) === path);
}
