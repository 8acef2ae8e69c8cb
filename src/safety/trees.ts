import type { ObjectKey } from "../admission/key.ts";
import { type ClusterChange, readChange } from "../change/change.ts";
import type { BrokenBuild, Comparison } from "../change/comparison.ts";
import { type Given, goes } from "../change/given.ts";
import { DEFAULTS } from "../change/settings.ts";
import type { SourceSwitch } from "../change/source-facts.ts";
import type { Harm, OpenPoint, Snapshot, TreeChange } from "../change/types.ts";
import type { Cluster, InstanceDescription, RepoModel } from "../cluster/types.ts";
import type { Loc } from "../contract/errors.ts";
import { groupBy } from "../contract/group-by.ts";
import { locateField } from "../delivery/locations.ts";
import { findLeft } from "../references/flux/left-failing.ts";
import { findStopped, type StoppedAnswer } from "../references/index.ts";
import { locateIn } from "../references/report.ts";
import { findDroppedSources } from "../references/settings/dropped-sources.ts";
import { findLostSettings, type LostSetting } from "../references/settings/lost-settings.ts";
import { findUnmarked } from "../references/settings/unmarked.ts";
import type { FluxVersion } from "../release/releases.ts";
import { type CompareOptions, compareSnapshots } from "./compare.ts";
import { isFluxCore } from "./fate/danger.ts";
import { findOfMerge, NOTHING_OF_MERGE } from "./merge-only.ts";
import { type OpenOptions, type OpenSides, openSides } from "./open-sides.ts";
import { findBlocked } from "./operator/blocked.ts";
import { findControllersOff } from "./operator/chart-controllers.ts";
import { type AppliedInstances, findAppliedInstances, findDeliveredInstance } from "./operator/delivered-instance.ts";
import { findInstanceChanges, type InstanceChanges } from "./operator/instance-changes.ts";
import { keepsVersion } from "./operator/instance-needs.ts";
import { findFailedPatch, type InstanceRefusal } from "./operator/instance-refusal.ts";
import { type InstanceSides, readInstanceSides } from "./operator/instance-sides.ts";
import { resolveDistribution, versionOf } from "./operator/operator-set.ts";
import { findOperatorsGone } from "./operator/operators-gone.ts";
import { findFirstHarms, findFirstRefusal } from "./operator/refused-parts.ts";
import { readStandstill, type Standstill } from "./operator/standstill.ts";
import { listDoubtfulRefusals } from "./refused/refusals.ts";
import { findSourceSwitches } from "./sources/applied-sources.ts";
import { foldUnread, makePathUnread, sayHidden } from "./sources/path-unread.ts";
import { findStrayedPaths } from "./sources/strayed-paths.ts";
import { direct, findLiteralPath, findOpenPath } from "./sources/sync-path.ts";
import { findIgnoredFields, findUnreadParts } from "./unknown/ignored-fields.ts";
import { findUnseen } from "./unknown/unseen.ts";
import { findAlteredValues } from "./values/altered-values.ts";

export interface TreeComparison extends Comparison {
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
  /** Why the operator has taken nothing over, where that is known. */
  standstill: string | undefined;
  /** Sources that read another repository, branch or tag afterwards. */
  switched: SourceSwitch[];
}

const NOTHING: InstanceChanges = { harms: [], open: [] };

type TreeOptions = CompareOptions &
  OpenOptions & {
    /** The FluxInstance on both sides, where its file does not say it all. */
    applied?: AppliedInstances;
    /** What keeps the operator from all work, where more than its own files tells that. */
    still?: Standstill;
  };

/**
 * What Flux does to one cluster when a change of the repository is merged. Only FluxKustomizations whose files, spec or
 * parents change are built, and those that hold others.
 * @param model of the tree before the change
 */
export function compareTrees(
  trees: TreeChange,
  model: RepoModel,
  cluster: Cluster,
  options: TreeOptions,
): TreeComparison {
  const { applied, planned = false, settings = DEFAULTS } = options;
  const change = readChange(trees, model, cluster);
  const sides = readInstanceSides(change, options);
  const { old, prepared, successor, refused } = sides;
  const opened = openSides(change, sides, options);
  const { today, later, read, sources, tables, viewOf } = opened;
  const found = findDeliveredInstance(sides.instances, { tree: change.after, cluster }, [today, later]);
  if (!applied && !planned) {
    const before = old && findDeliveredInstance([old], { tree: change.before, cluster }, [today, today]);
    const settled = findAppliedInstances({ old: before, now: found, trees: change, snapshots: [today, later] });
    if (settled) return compareTrees(trees, model, cluster, { ...options, applied: settled });
  }
  const delivered = found && direct(found.instance, found.by, [today, later], change, read);
  const next = delivered?.instance ?? (options.adopted ? prepared : undefined);
  if (next) later.setInstance(refused && old ? old : next);
  const flux = options.version ?? endVersion(change, next ?? old);
  const parts = { old, next, change, today, later, isSeen: options.isAdoptionSeen };
  const still = options.still ?? readStandstill(parts);
  const adopted = options.adopted && still.reason === undefined;
  const compared = { ...options, adopted, isIdle: still.isIdle, flux };
  const { given, ...comparison } = compareSnapshots(today, later, compared);
  const blocked = adopted ? findBlocked(given, parts) : undefined;
  if (blocked) return compareTrees(trees, model, cluster, { ...options, still: blocked });
  const altered = options.values
    ? undefined
    : findAlteredValues(given, opened.values, change, hangsOnValues(old, successor));
  // What they make of the FluxInstance is asked anew.
  const { applied: _, ...asked } = options;
  if (altered) return compareTrees(trees, model, cluster, { ...asked, values: altered });

  const fallback = locateField(change.before, cluster.root);
  const place = { change, sources, viewOf, artifactRoot: cluster.artifactRoot, copyOf: opened.reads.after.copyOf };
  const { broken, strays } = partBroken(comparison, change, given);
  const adrift = findLeft(given, [...comparison.adrift, ...strays], place);
  const stopped = findStopped(given, {
    ...{ ...place, fallback, planned },
    fluxNamespace: cluster.namespace,
    failing: new Map(adrift.flatMap(({ key, reason }) => (reason === undefined ? [] : [[key, reason]]))),
    unbuilt: new Set(broken.map(({ key }) => key)),
    sharding: (next ?? old)?.spec.sharding,
  });
  const locateSpec = (key: ObjectKey, field: string) => {
    const held = given.after.objects.get(key);
    return held ? locateIn({ change, after: given.after, fallback }, held, ["spec", field]) : fallback;
  };
  const locatePath = (key: ObjectKey) => locateSpec(key, "path");
  const locate = (key: ObjectKey) => locateSpec(key, "postBuild");
  const filled = { given, trees: change, artifactRoot: cluster.artifactRoot, locate };
  const own = old && successor ? findInstanceChanges(pairInstances(change, { old, now: successor }, opened)) : NOTHING;
  // A migration says by itself what it cannot write.
  const comes = old || planned ? undefined : next;
  const first = comes ? readFirst(comes, later, change) : NOTHING_NEW;
  const operators = findOperatorsGone(comparison.outcomes, change, given.after, settings);
  // One that lies in the tree undelivered, before and after, takes nothing over.
  const isEdited = successor !== undefined && change.changed.has(successor.object.file);
  const isTaken = old !== undefined || delivered !== undefined || isEdited;
  const merge = planned
    ? NOTHING_OF_MERGE
    : findOfMerge({ change, given, comparison, opened, sides, next, isTaken, settings });
  const switched = [...findSourceSwitches({ given, tables, own: sources }), ...merge.switched];
  return {
    ...comparison,
    adrift,
    broken: placeBroken(broken, { change, given, planned, locatePath }),
    open: [
      ...switched.map(toPoint),
      ...opened.published.open,
      ...comparison.open,
      ...listDoubtfulRefusals(comparison.refusals, stopped.findings),
      ...findUnseen({
        ...{ ...change, ...opened, given },
        isFollowed: makeIsFollowed(given, today),
        isRendered: options.render !== undefined,
      }),
      ...stopped.open,
      ...findDroppedSources(comparison.touched, filled),
      ...findUnmarked(comparison.touched, filled),
      ...own.open,
      ...merge.open,
      ...operators.open,
      ...(delivered ? findOpenPath(delivered, change.after) : []),
    ],
    harms: [
      ...own.harms,
      ...first.harms,
      ...(delivered ? findLiteralPath(delivered, change.after) : []),
      ...findControllersOff({ ...change, given, objects: change.objects.after }),
      ...merge.harms,
    ],
    standstill: still.reason,
    shared: merge.shared,
    charts: merge.charts,
    unmanned: [...operators.harms, ...merge.unmanned],
    ...sayRefused(comparison, sides, (next && findFailedPatch(today.operator, later.operator, next)) ?? first.refusal),
    lost: findLostSettings({ ...comparison, given }, later, change, cluster.artifactRoot),
    stopped: [
      ...stopped.findings,
      ...findIgnoredFields(comparison, change, cluster.artifactRoot),
      ...findUnreadParts(comparison, change, cluster.artifactRoot),
      // A migration moves what it writes itself.
      ...(planned ? [] : findStrayedPaths(comparison, change, given.after, locatePath)),
    ],
    switched,
  };
}

const NOTHING_NEW = { harms: [], refusal: undefined };

/** What is not taken of a FluxInstance that comes. */
function readFirst(comes: InstanceDescription, { operator }: Snapshot, { after }: ClusterChange) {
  return { harms: findFirstHarms(comes, operator, after), refusal: findFirstRefusal(comes) };
}

function pairInstances(
  { after, isDelivered }: ClusterChange,
  pair: { old: InstanceDescription; now: InstanceDescription },
  { today, later }: OpenSides,
) {
  return { ...pair, after, isDelivered, sets: [today.operator, later.operator] as const };
}

/** Whether all that a ResourceSet makes today is known, and followed. */
function makeIsFollowed({ before }: Given, today: Snapshot): (set: ObjectKey) => boolean {
  return (set) => {
    const builds = before.holdersOf(set).map(({ spec }) => today.build(spec));
    return builds.length > 0 && builds.every((build) => build.ok && build.unknown.length === 0);
  };
}

/** Whether what a FluxInstance becomes holds variables that are not filled in. */
function hangsOnValues(...sides: (InstanceDescription | undefined)[]): boolean {
  const [was, is] = sides.map((one) => JSON.stringify(one?.spec ?? null));
  return was !== is && `${was}${is}`.includes("${");
}

interface Placing {
  change: ClusterChange;
  given: Given;
  planned: boolean;
  locatePath: (key: ObjectKey) => Loc;
}

/** Those are left in the cluster, like others that leave Git, whose document is gone with what applied them, or with the document of that. */
function partBroken(
  { broken, adrift, outcomes }: Pick<Comparison, "broken" | "adrift" | "outcomes">,
  { after: tree }: ClusterChange,
  given: Given,
) {
  const find = (key: ObjectKey) => given.after.objects.get(key) ?? given.before.find(key);
  const parted = broken.flatMap(({ key, isNew }) => {
    const { object, by } = find(key) ?? {};
    const file = object?.at?.file ?? "";
    return isNew || file === "" || tree.has(file) || by === undefined ? [] : { key, by: by.key };
  });
  const childrenOf = groupBy(parted, ({ by }) => by);
  const left = new Set(adrift.map(({ key }) => key));
  for (const { key, by } of parted) if (goes(given, by)) left.add(key);
  // Grows while it is gone through.
  for (const parent of left) for (const { key } of childrenOf.get(parent) ?? []) left.add(key);
  const fails = broken.filter(({ key }) => left.has(key));
  const others = outcomes.filter(({ key, fate }) => fate === "orphaned" && !left.has(key));
  const strays = [...fails, ...others.map(({ key }) => ({ key, reason: undefined }))].flatMap(({ key, reason }) => {
    const flux = find(key)?.object.flux;
    return flux && !flux.own && !flux.suspend ? [{ key, reason, finalizes: flux.finalizes }] : [];
  });
  return { broken: broken.filter(({ key }) => !left.has(key)), strays };
}

/** What only the spec of one says, such as its path, is wrong where the spec stands. */
function placeBroken(all: readonly BrokenBuild[], { change, given, planned, locatePath }: Placing): BrokenBuild[] {
  const findUnread = makePathUnread(change);
  const said = all.filter(({ sourceless }) => planned || !sourceless);
  const broken = said.map(({ idle, ...own }) => {
    // What a plan breaks it does not leave for the day somebody resumes it.
    const one = idle && !planned ? { ...own, idle } : own;
    const unread = findUnread(one);
    const told = unread ? { ...one, unread } : sayHidden(one, change.after);
    return one.at || !given.after.objects.has(one.key) ? told : { ...told, at: locatePath(one.key) };
  });
  return foldUnread(broken);
}

/** With force Flux deletes what cannot change, and makes it anew. */
function sayRefused(
  { outcomes }: Comparison,
  { refused }: InstanceSides,
  failed: InstanceRefusal | undefined,
): Pick<TreeComparison, "refused"> {
  const isForced =
    refused?.field !== "components" && outcomes.some(({ key, begins }) => begins === "force" && isFluxCore(key));
  if (refused && !isForced) return { refused };
  return failed ? { refused: failed } : {};
}

/** The Flux that runs after the change, where the files say it; of an install whose version it edits nothing is known. */
function endVersion(change: ClusterChange, instance: InstanceDescription | undefined): FluxVersion | undefined {
  if (instance) return resolveDistribution(instance.spec.distribution);
  const { cluster, changed } = change;
  const { install } = cluster;
  const files = [install?.at, install?.version?.at].flatMap((at) => (at ? [at.file] : []));
  return files.some((file) => changed.has(file)) && !keepsVersion(change) ? undefined : versionOf(cluster, undefined);
}

function toPoint({ name, says, at, own }: SourceSwitch): OpenPoint {
  const look = "compare the two with git diff or flux diff artifact";
  return { resource: name, what: says, look, at, ...(own ? { decides: true } : {}) };
}
