import type { ObjectKey } from "../admission/key.ts";
import { makeTakes } from "../change/applied-release.ts";
import { makeViews } from "../change/artifact-views.ts";
import { type ClusterChange, readChange, type Side } from "../change/change.ts";
import type { Comparison } from "../change/comparison.ts";
import { findCopies, firstOf } from "../change/copies.ts";
import { type ReadContext, readSource } from "../change/read-object.ts";
import { DEFAULTS } from "../change/settings.ts";
import { dropStandIns, findOwnSources, patchSource, readSources, type SourceSwitch } from "../change/source-facts.ts";
import type { Gap, Harm, OpenPoint, TreeChange } from "../change/types.ts";
import { readsExternal } from "../cluster/components-in-use.ts";
import { findInstances, isFilledAs } from "../cluster/instances.ts";
import type { Cluster, InstanceDescription, RepoModel } from "../cluster/types.ts";
import type { KubeObject } from "../contract/objects.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { findStopped, type StoppedAnswer } from "../references/index.ts";
import { locateIn } from "../references/report.ts";
import { findLostSettings, type LostSetting } from "../references/settings/lost-settings.ts";
import type { FluxVersion } from "../release/releases.ts";
import { type CompareOptions, compareSnapshots } from "./compare.ts";
import { isFluxCore } from "./fate/danger.ts";
import { FilledSnapshot } from "./filled-snapshot.ts";
import { findControllersOff } from "./operator/chart-controllers.ts";
import {
  type AppliedInstances,
  findAppliedInstances,
  findDeliveredInstance,
  findPreparedInstance,
  findSuccessor,
} from "./operator/delivered-instance.ts";
import { findDowngradeHarms } from "./operator/downgrade.ts";
import { findInstanceChanges, type InstanceChanges } from "./operator/instance-changes.ts";
import { findNeeds, findUpgrade } from "./operator/instance-needs.ts";
import { findFailedPatch, findRefusal, type InstanceRefusal } from "./operator/instance-refusal.ts";
import { findOlderOperator } from "./operator/older-operator.ts";
import {
  listChartObjects,
  readAdoptedElsewhere,
  readGeneratedSource,
  resolveDistribution,
  versionOf,
} from "./operator/operator-set.ts";
import { findOperatorsGone } from "./operator/operators-gone.ts";
import { findOutOfReach } from "./operator/registry.ts";
import { findLostGrants } from "./refused/lost-grants.ts";
import { listDoubtfulRefusals } from "./refused/refusals.ts";
import { ClusterSnapshot } from "./snapshot.ts";
import { findSourceSwitches } from "./sources/applied-sources.ts";
import { findApplying, listMadeSources } from "./sources/appliers.ts";
import { findIncluded } from "./sources/included.ts";
import { foldUnread, makePathUnread } from "./sources/path-unread.ts";
import { findNewSync, readPublished } from "./sources/published.ts";
import { findSecondGenerators, findSecondInstances } from "./sources/second-makers.ts";
import { findSecondReleases } from "./sources/second-releases.ts";
import { findStrayedPaths } from "./sources/strayed-paths.ts";
import { direct, findLiteralPath, findOpenPath } from "./sources/sync-path.ts";
import { findIgnoredFields } from "./unknown/ignored-fields.ts";
import { findUnseen } from "./unknown/unseen.ts";
import { type AlteredValues, findAlteredValues } from "./values/altered-values.ts";
import { findChangedValues } from "./values/changed-values.ts";
import { findClaimsOff } from "./values/claims-off.ts";
import { findCrdsOff } from "./values/crds-off.ts";
import { findUnset } from "./values/unset-variables.ts";

export interface TreeComparison extends Comparison {
  /** The FluxInstance that the tree after the change delivers. */
  instance?: InstanceDescription;
  /** Settings without which a FluxKustomization cannot apply what it builds, and that it loses (trap 25). */
  lost: LostSetting[];
  /** What Flux applies no more, or never will, because something it needs is not there. */
  stopped: StoppedAnswer["findings"];
  /** What the change of the FluxInstance breaks though nothing goes at once. */
  harms: Harm[];
  /** Data whose operator goes. */
  unmanned: Harm[];
  /** Set when the FluxInstance of the tree after the change is not taken. */
  refused?: InstanceRefusal;
  /** Sources that read another repository, branch or tag afterwards. */
  switched: SourceSwitch[];
}

const NOTHING: InstanceChanges = { harms: [], open: [] };

/**
 * What Flux does to one cluster when a change of the repository is merged. Only FluxKustomizations whose files, spec or
 * parents change are built, and those that hold others.
 * @param model of the tree before the change
 * @param options.values what it alters in ConfigMaps and Secrets, where that is known
 * @param options.gaps what is to be read as if it built
 * @param options.applied the FluxInstance on both sides, where its file does not say it all
 */
export function compareTrees(
  trees: TreeChange,
  model: RepoModel,
  cluster: Cluster,
  options: CompareOptions & { gaps?: readonly Gap[] | undefined; values?: AlteredValues; applied?: AppliedInstances },
): TreeComparison {
  const change = readChange(trees, model, cluster);
  const { after, objects, added } = change;
  const { applied } = options;
  const isApplied = ({ object }: InstanceDescription) =>
    applied?.now?.object.file === object.file && applied.now.object.doc === object.doc;
  const instances = findInstances(after, objects.after)
    .filter((instance) => isFilledAs(instance, cluster))
    .map((instance) => (isApplied(instance) ? applied!.now! : instance));
  const old = applied?.old ?? cluster.instances.find(({ delivered }) => delivered);
  const prepared = findPreparedInstance(instances, cluster);
  const successor = old ? findSuccessor(old, instances) : prepared;
  const refused = options.adopted && old && successor ? findRefusal(old, successor) : undefined;
  const version = options.version ?? versionOf(cluster, old ?? instances[0]);
  const generated = (instance: InstanceDescription | undefined) =>
    instance && readGeneratedSource(instance, cluster.namespace);
  const values = options.values?.keys ?? findChangedValues(change);
  const applying = findApplying(change, values.size > 0);
  const made = (tree: Tree) => listMadeSources(tree, applying.sets);
  const declared = dropStandIns({
    before: readSources(
      cluster,
      [...patchSource(change.before, cluster, model.objects), ...made(change.before)],
      change.isDelivered,
      generated(options.adopted ? old : undefined),
    ),
    // A refused FluxInstance stays what it is.
    after: readSources(
      cluster,
      [...patchSource(after, cluster, objects.after), ...made(after)],
      change.isDelivered,
      generated(refused ? old : successor),
    ),
  });
  const sync = (old ?? prepared)?.spec.sync;
  const described = cluster.runningSource?.data.spec ?? (sync && { url: sync.url, bucketName: sync.ref });
  const published = readPublished(change, declared, described);
  const { tables } = published;
  const sources = findOwnSources(cluster, [tables.before, tables.after], [...cluster.instances, ...instances]);
  const viewOf = makeViews(change, tables);
  const [copies, included] = [findCopies(change, sources), findIncluded(change, sources, tables)];
  const read: ReadContext = {
    version,
    sources,
    viewOf: (source) => viewOf(source).token,
    copyOf: firstOf(copies.before, included),
    ...(options.settings ? { settings: options.settings } : {}),
    chartHolds: () => listChartObjects(version, cluster.namespace),
    ids: new Map(),
    specs: new WeakMap(),
  };
  const isRecipe = ({ kind }: KubeObject) => kind === "ArtifactGenerator";
  const other = [...change.removed, ...added].some(isRecipe) && firstOf(copies.after, included);
  const reads = { before: read, after: other ? { ...read, copyOf: other, specs: new WeakMap() } : read };
  // What delivers these gives them another folder then, though no file of its own changes.
  const copied = other ? [...model.objects, ...added].filter(({ data }) => readsExternal(data.spec?.sourceRef)) : [];
  const context = {
    ...change,
    viewOf,
    reads,
    fluxFiles: new Set([...model.objects, ...added].filter(isFluxKustomization).map(({ file }) => file)),
    values,
    delivered: options.values?.data,
    applying: { ...applying, files: new Set([...applying.files, ...copied.map(({ file }) => file)]) },
    tables,
    render: options.render,
  };
  const { gaps } = options;
  const look = (side: Side) => (gaps ? new FilledSnapshot(side, context, gaps) : new ClusterSnapshot(side, context));
  const [today, later] = [look("before"), look("after")];
  if (old) today.setInstance(old);
  today.adoptedElsewhere = readAdoptedElsewhere(cluster, model.clusters, read);
  today.source = readSource(cluster);
  const found = findDeliveredInstance(instances, { tree: after, cluster }, [today, later]);
  if (!applied && !options.planned) {
    const before = old && findDeliveredInstance([old], { tree: change.before, cluster }, [today, today]);
    const settled = findAppliedInstances({ old: before, now: found, trees: change, snapshots: [today, later] });
    if (settled) return compareTrees(trees, model, cluster, { ...options, applied: settled });
  }
  const delivered = found && direct(found.instance, found.by, [today, later], change, read);
  const next = delivered?.instance ?? (options.adopted ? prepared : undefined);
  if (next) later.setInstance(refused && old ? old : next);
  const flux = options.version ?? endVersion(change, next ?? old);
  const { given, ...comparison } = compareSnapshots(today, later, { ...options, flux });
  const altered = options.values ? undefined : findAlteredValues(given, values);
  if (altered) return compareTrees(trees, model, cluster, { ...options, values: altered });
  const fallback = locateField(change.before, cluster.root);
  const stopped = findStopped(given, {
    change,
    fallback,
    planned: options.planned === true,
    fluxNamespace: cluster.namespace,
    sources,
    artifactRoot: cluster.artifactRoot,
    viewOf,
    copyOf: reads.after.copyOf,
    sharding: (next ?? old)?.spec.sharding,
  });
  const switched = [
    ...findSourceSwitches({ given, tables, own: sources }),
    ...(options.planned || refused ? [] : findNewSync(change, tables, next)),
  ];
  const isFollowed = (set: ObjectKey) => {
    const builds = given.before.holdersOf(set).map(({ spec }) => today.build(spec));
    return builds.length > 0 && builds.every((build) => build.ok && build.unknown.length === 0);
  };
  const unseen = findUnseen({
    ...change,
    today,
    later,
    read,
    reads,
    isFollowed,
    viewOf,
    tables,
    isRendered: options.render !== undefined,
  });
  const locatePath = (key: ObjectKey) => {
    const held = given.after.objects.get(key);
    return held ? locateIn({ change, after: given.after, fallback }, held, ["spec", "path"]) : fallback;
  };
  // What only the spec of one says, such as its path, is wrong where the spec stands.
  const findUnread = makePathUnread(change);
  const said = comparison.broken.filter(({ sourceless }) => options.planned || !sourceless);
  const broken = said.map((one) => {
    const unread = findUnread(one);
    const told = unread ? { ...one, unread } : one;
    return one.at || !given.after.objects.has(one.key) ? told : { ...told, at: locatePath(one.key) };
  });
  const pair = old &&
    successor && {
      ...{ old, now: successor, before: change.before, after, isDelivered: change.isDelivered },
      sets: [today.operator, later.operator] as const,
    };
  const own: InstanceChanges = pair ? findInstanceChanges(pair) : NOTHING;
  const operators = findOperatorsGone(comparison.outcomes, change, given.after, options.settings ?? DEFAULTS);
  const claims = options.planned ? [] : findClaimsOff(given, change, makeTakes(given));
  const crds = options.planned ? NOTHING : findCrdsOff(given, change, options.settings ?? DEFAULTS);
  // One that lies in the tree undelivered, before and after, takes nothing over.
  const isTaken =
    old !== undefined || delivered !== undefined || (successor && change.changed.has(successor.object.file));
  const needs = { ...change, given, old, now: isTaken ? successor : undefined };
  const upgrade = findUpgrade(needs);
  const back: InstanceChanges = options.planned ? NOTHING : findDowngradeHarms(needs);
  const older = options.planned ? NOTHING : findOlderOperator({ old, now: needs.now, change, given });
  // With force Flux deletes what cannot change, and makes it anew.
  const isForced =
    refused?.field !== "components" &&
    comparison.outcomes.some(({ key, begins }) => begins === "force" && isFluxCore(key));
  const grants = { given, sets: [today.operator, later.operator] as const };
  const failed = next && findFailedPatch(today.operator, later.operator, next);
  return {
    ...comparison,
    broken: foldUnread(broken),
    open: [
      ...switched.map(toPoint),
      ...published.open,
      ...comparison.open,
      ...listDoubtfulRefusals(comparison.refusals),
      ...unseen,
      ...stopped.open,
      ...own.open,
      ...back.open,
      ...older.open,
      ...(options.planned ? [] : findLostGrants({ ...grants, next, after, namespace: cluster.namespace })),
      ...(options.planned ? [] : findOutOfReach({ ...change, old, now: successor })),
      ...operators.open,
      ...crds.open,
      ...claims,
      ...(delivered ? findOpenPath(delivered, after) : []),
    ],
    ...(next ? { instance: next } : {}),
    harms: [
      ...own.harms,
      ...back.harms,
      ...older.harms,
      ...(delivered ? findLiteralPath(delivered, after) : []),
      ...findControllersOff({ ...change, given, objects: objects.after }),
      ...(options.planned ? [] : findNeeds(needs, upgrade)),
      ...(options.planned ? [] : findSecondInstances(given, change)),
      ...(options.planned ? [] : findUnset(change, { given, later, artifactRoot: cluster.artifactRoot, upgrade })),
    ],
    shared: [...comparison.shared, ...findSecondReleases(given, after), ...findSecondGenerators(given, after)],
    unmanned: [...operators.harms, ...crds.harms],
    // A migration hands over from one root to another, guarded.
    ...(options.planned ? { shared: [], charts: [] } : {}),
    ...(refused && !isForced ? { refused } : failed ? { refused: failed } : {}),
    lost: findLostSettings({ ...comparison, given }, later, change, cluster.artifactRoot),
    stopped: [
      ...stopped.findings,
      ...findIgnoredFields(comparison, change, cluster.artifactRoot),
      // A migration moves what it writes itself.
      ...(options.planned ? [] : findStrayedPaths(comparison, change, given.after, locatePath)),
    ],
    switched,
  };
}

/** The Flux that runs after the change, where the files say it; of an install that the change edits nothing is known. */
function endVersion(
  { cluster, changed }: ClusterChange,
  instance: InstanceDescription | undefined,
): FluxVersion | undefined {
  if (instance) return resolveDistribution(instance.spec.distribution);
  const { install } = cluster;
  const files = [install?.at, install?.version?.at].flatMap((at) => (at ? [at.file] : []));
  return files.some((file) => changed.has(file)) ? undefined : versionOf(cluster, undefined);
}

function toPoint({ name, says, at, own }: SourceSwitch): OpenPoint {
  const look = "compare the two with git diff or flux diff artifact";
  return { resource: name, what: says, look, at, ...(own ? { decides: true } : {}) };
}
