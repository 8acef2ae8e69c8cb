import type { ObjectKey } from "../admission/key.ts";
import type { Loc } from "../contract/errors.ts";
import { getOrMake } from "../contract/group-by.ts";
import { isRefused } from "./refused-builds.ts";
import type { Settings } from "./settings.ts";
import type { Build, FluxSpec, OperatorSet, OwnedObject, Snapshot } from "./types.ts";

/** Rounds after which a change still going on counts as never settling. */
const MAX_ROUNDS = 12;

/** Both trees as one cluster sees them. */
export interface Worlds {
  before: Snapshot;
  after: Snapshot;
  /** What the operator owns today, so that kustomize-controller does not touch it; undefined before adoption. */
  today: OperatorSet | undefined;
  /** What it generates after the merge. */
  later: OperatorSet | undefined;
}

/** The way of every FluxKustomization through the change. */
export interface Course extends Worlds {
  settings: Settings;
  histories: ReadonlyMap<ObjectKey, FluxHistory>;
  /** What a FluxKustomization was measured to hold. */
  inventory: (history: FluxHistory) => ReadonlyMap<ObjectKey, OwnedObject> | undefined;
}

/** One thing a FluxKustomization may build on its way from before to after. */
export interface Config {
  spec: FluxSpec;
  /** Which tree it builds. */
  tree: "before" | "after";
  /** 0: as it is today. 2: as it ends. 1: in between, in some order of reconciling. */
  stage: 0 | 1 | 2;
}

/** One FluxKustomization over the whole change. */
export interface FluxHistory {
  key: ObjectKey;
  configs: Config[];
  /** Exists today, as far as Git says. */
  existed: boolean;
  /** Something delivers it at the end, or it never was delivered by anything. */
  delivered: boolean;
  /** Those that deliver it at the end, as long as they are there themselves. */
  parents: ReadonlySet<ObjectKey>;
  /** Where something delivers it, if anything does. */
  at?: Loc;
  /** Whether every build is the same one, so that nothing it applies can become stale. */
  fixed: boolean;
}

/** By FluxKustomization, then by spec and source: the same spec on another source may meet another tree. */
type Specs = Map<ObjectKey, Map<string, FluxSpec>>;

/**
 * Every spec and tree each FluxKustomization may build with, whatever the order in which they reconcile. A child may meet
 * the new tree under its old spec (its parent is slower), and, when it reads another source than its parent, the old tree
 * under its new one. Polynomial: variants are collected, orders are not enumerated.
 */
export function collectHistories(worlds: Worlds): Map<ObjectKey, FluxHistory> {
  const { before, after, later } = worlds;
  const existing = spreadToday(worlds);
  const today = existing.specs;
  const old = new Set([...today.values()].flatMap((specs) => [...specs.keys()]));
  const spreadAll = (meetsOld: (spec: FluxSpec) => boolean) => {
    const builds = (spec: FluxSpec) => [...(meetsOld(spec) ? [before.build(spec)] : []), buildAfter(worlds, spec)];
    const isOwned = (key: ObjectKey) => isOwnedStill(worlds, key);
    return spread(withGenerated(today, later), isOwned, builds, before, after);
  };
  let all = spreadAll((spec) => old.has(variantOf(spec)));
  const sources = [...all.specs.values()].flatMap((specs) => [...specs.values()].map(({ source }) => source));
  const lags = new Set(sources.filter((source) => source !== "")).size > 1;
  if (lags) all = spreadAll(() => true);
  const { specs: last, dropped, settled, parents: allParents } = settle(existing, worlds);
  const returning = lags ? findReturning(all, today, last, worlds) : new Set<ObjectKey>();
  const histories = new Map<ObjectKey, FluxHistory>();
  for (const [key, specs] of all.specs) {
    // With two specs at the end, or none, nothing says which comes last.
    const isLoose = !settled || dropped.has(key) || (last.get(key)?.size ?? 0) > 1;
    const configs: Config[] = [];
    for (const spec of specs.values()) {
      const isOld = today.get(key)?.has(variantOf(spec)) ?? false;
      const isLast = isLoose || (last.get(key)?.has(variantOf(spec)) ?? false);
      if (isOld) configs.push({ spec, tree: "before", stage: 0 });
      if (lags && (!isOld || returning.has(key))) configs.push({ spec, tree: "before", stage: isLoose ? 2 : 1 });
      configs.push({ spec, tree: "after", stage: isLast ? 2 : 1 });
    }
    // An old spec over files that are the same builds what it builds today, which is not built for this alone.
    const isNew = ({ spec }: Config) => after.mayDiffer(spec) || !today.get(key)?.has(variantOf(spec));
    const isTurnedDown = (config: Config) =>
      config.stage === 1 && isNew(config) && isRefused(config.spec, () => buildOf(worlds, config));
    const applied = configs.filter((config) => !isTurnedDown(config));
    const ids = new Set([...specs.values()].map(({ id }) => id));
    const [first] = specs.values();
    const fixed = ids.size === 1 && today.has(key) && !after.mayDiffer(first!);
    const at = all.places.get(key);
    const delivered = last.has(key) && !dropped.has(key);
    const parents = allParents.get(key) ?? new Set();
    const way = { key, configs: applied, existed: today.has(key), delivered, parents, fixed };
    histories.set(key, at ? { ...way, at } : way);
  }
  return histories;
}

/** Whether one build may come after another; a source never goes back to an older tree. */
export function mayFollow(later: Config, earlier: Config): boolean {
  if (later === earlier || earlier.stage > later.stage) return false;
  const isSameSpec = variantOf(later.spec) === variantOf(earlier.spec);
  return !(isSameSpec && (later.tree === earlier.tree || later.tree === "before"));
}

/** What a FluxKustomization builds today, or in the end. */
export function buildsAt(worlds: Worlds, { configs }: FluxHistory, stage: Config["stage"]): Build[] {
  return configs.filter((config) => config.stage === stage).map((config) => buildOf(worlds, config));
}

export function buildOf(worlds: Worlds, { tree, spec }: Config): Build {
  return tree === "before" ? worlds.before.build(spec) : buildAfter(worlds, spec);
}

function buildAfter({ before, after }: Worlds, spec: FluxSpec): Build {
  return after.mayDiffer(spec) ? after.build(spec) : before.build(spec);
}

/** Whether nothing can be said of what it holds. */
export function isWhollyUnknown(build: Build): boolean {
  return build.ok && build.unknown.some(({ whole }) => whole);
}

/**
 * What stays applied in the end: a failed build and a suspended FluxKustomization leave everything as it was. One that
 * delivers itself has applied the new tree by then, and a new one that is suspended nothing.
 * @param today as what it exists before the change
 */
export function buildsAtRest(worlds: Worlds, key: ObjectKey, spec: FluxSpec, today: readonly FluxSpec[]): Build[] {
  const build = spec.suspend ? undefined : buildAfter(worlds, spec);
  const isUnknown = build !== undefined && isWhollyUnknown(build);
  if (build?.ok && !isUnknown) return [build];
  const kept = today.map((old) => {
    const last = buildAfter(worlds, old);
    const delivered = last.ok ? last.objects.get(key)?.flux : undefined;
    return delivered && variantOf(delivered) === variantOf(spec) ? last : worlds.before.build(old);
  });
  const applied = kept.filter(({ ok }) => ok);
  // It may apply anything, all that is there today among it.
  if (isUnknown) return [...applied, build];
  return applied.length > 0 || !build ? applied : [build];
}

/**
 * FluxKustomizations that may get an old spec back after a newer one: several deliver them, or one that itself goes back
 * and forth does. A slower source then serves them the old tree once more.
 */
function findReturning({ specs, deliverers }: Spread, today: Specs, last: Specs, { after }: Worlds): Set<ObjectKey> {
  const isSeveral = (key: ObjectKey) => {
    const count = (deliverers.get(key)?.size ?? 0) + (after.operator?.objects.has(key) ? 1 : 0);
    return count > 1 || (today.get(key)?.size ?? 0) > 1 || (last.get(key)?.size ?? 0) > 1;
  };
  const returning = new Set([...specs.keys()].filter(isSeveral));
  for (let size = -1; size !== returning.size; ) {
    size = returning.size;
    for (const [key, from] of deliverers) if ([...from].some((one) => returning.has(one))) returning.add(key);
  }
  return returning;
}

function isOwned({ today }: Worlds, key: ObjectKey): boolean {
  return today?.objects.has(key) ?? false;
}

/** Whether the operator owns it and does not give it up. */
function isOwnedStill(worlds: Worlds, key: ObjectKey): boolean {
  return isOwned(worlds, key) && (worlds.later?.objects.has(key) ?? false);
}

/** What exists today: what builds deliver, and below one that does not build, what its files show. */
function spreadToday(worlds: Worlds): Spread {
  const { before } = worlds;
  const spreadFrom = (start: Specs) =>
    spread(
      start,
      (key) => isOwned(worlds, key),
      (spec) => [before.build(spec)],
      before,
    );
  const roots: Specs = new Map();
  for (const [key, spec] of before.roots) if (!isOwned(worlds, key)) add(roots, key, spec);
  let found = spreadFrom(withGenerated(roots, worlds.today));
  const fails = (list: ReadonlyMap<string, FluxSpec>) =>
    [...list.values()].every((spec) => before.mayHoldFlux(spec) && !before.build(spec).ok);
  if (![...found.specs.values()].some(fails)) return found;
  const believed = [...(before.believed ?? [])];
  for (let grew = true; grew; ) {
    grew = false;
    const start = withGenerated(found.specs, undefined);
    for (const [key, { parent, spec }] of believed) {
      const above = found.specs.get(parent);
      if (found.specs.has(key) || isOwned(worlds, key) || above === undefined || !fails(above)) continue;
      grew = add(start, key, spec) || grew;
    }
    if (grew) found = spreadFrom(start);
  }
  return found;
}

interface Spread {
  specs: Specs;
  /** Which FluxKustomizations deliver each one, in some build. */
  deliverers: Map<ObjectKey, Set<ObjectKey>>;
  places: Map<ObjectKey, Loc>;
}

/** All specs reached through builds, starting from some. */
function spread(
  start: Specs,
  isLeftAlone: (key: ObjectKey) => boolean,
  builds: (spec: FluxSpec) => Build[],
  ...trees: Snapshot[]
): Spread {
  const result: Spread = { specs: new Map(), deliverers: new Map(), places: new Map() };
  const queue: [ObjectKey, FluxSpec][] = [];
  const visit = (key: ObjectKey, spec: FluxSpec) => {
    if (add(result.specs, key, spec) && trees.some((tree) => tree.mayHoldFlux(spec))) queue.push([key, spec]);
  };
  for (const [key, list] of start) for (const spec of list.values()) visit(key, spec);
  for (const [parent, spec] of queue) {
    for (const build of builds(spec)) {
      for (const { key, flux, at } of build.ok ? build.objects.values() : []) {
        if (!flux || isLeftAlone(key)) continue;
        if (at && !result.places.has(key)) result.places.set(key, at);
        getOrMake(result.deliverers, key, () => new Set()).add(parent);
        visit(key, flux);
      }
    }
  }
  return result;
}

interface Settled {
  specs: Specs;
  dropped: ReadonlySet<ObjectKey>;
  settled: boolean;
  /** Which FluxKustomizations deliver each one at the end. */
  parents: ReadonlyMap<ObjectKey, ReadonlySet<ObjectKey>>;
}

/** Where things end when nothing is deleted: FluxKustomizations that nothing delivers any more go on as they are. */
function settle(existing: Spread, worlds: Worlds): Settled {
  const { today, later } = worlds;
  const wasDelivered = (key: ObjectKey) => isOwned(worlds, key) || existing.deliverers.has(key);
  const generated = withGenerated(new Map(), later);
  const held = new Map<ObjectKey, readonly OwnedObject[]>();
  // What is no FluxKustomization makes nothing any more once it is gone.
  const isOwn = (specs: ReadonlyMap<string, FluxSpec>) => [...specs.values()].some(({ own }) => own);
  const gone = new Set<ObjectKey>();
  let current = withGenerated(existing.specs, later);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next: Specs = new Map();
    const parents = new Map<ObjectKey, Set<ObjectKey>>();
    const isDelivered = (key: ObjectKey) => generated.has(key) || parents.has(key);
    for (const [parent, specs] of current) {
      if (gone.has(parent)) continue;
      // What fails to build keeps what it applied last: it neither applies nor prunes (flux-facts 2.4 item 1).
      const was = existing.specs.get(parent) ?? new Map();
      const hadChildren = (held.get(parent)?.length ?? 0) > 0;
      const children = childrenAtRest(worlds, parent, [specs, was], hadChildren) ?? held.get(parent) ?? [];
      held.set(parent, children);
      for (const { key, flux } of children) {
        getOrMake(parents, key, () => new Set()).add(parent);
        if (!today || !generated.has(key)) add(next, key, flux!);
      }
    }
    for (const [key, specs] of generated) for (const spec of specs.values()) add(next, key, spec);
    for (const [key, specs] of current) if (!next.has(key)) next.set(key, specs);
    const going = [...current].filter(([key, specs]) => isOwn(specs) && !gone.has(key) && !isDelivered(key));
    for (const [key] of going) gone.add(key);
    if (going.length === 0 && sameSpecs(current, next)) {
      const dropped = [...next.keys()].filter((key) => !isDelivered(key) && wasDelivered(key));
      return { specs: next, dropped: new Set(dropped), settled: true, parents };
    }
    current = next;
  }
  return { specs: current, dropped: new Set(), settled: false, parents: new Map() };
}

/** FluxKustomizations that one with these specs delivers in the end; undefined when none of the specs builds. */
function childrenAtRest(
  worlds: Worlds,
  key: ObjectKey,
  [specs, today]: readonly [ReadonlyMap<string, FluxSpec>, ReadonlyMap<string, FluxSpec>],
  hadChildren: boolean,
): readonly OwnedObject[] | undefined {
  const children: OwnedObject[] = [];
  let builds = false;
  for (const spec of specs.values()) {
    const mayHold = hadChildren || worlds.after.mayHoldFlux(spec) || worlds.before.mayHoldFlux(spec);
    const built = mayHold ? buildsAtRest(worlds, key, spec, [...today.values()]) : [];
    builds ||= built.every(({ ok }) => ok);
    for (const object of built.flatMap((build) => (build.ok ? [...build.objects.values()] : []))) {
      if (object.flux && !isOwnedStill(worlds, object.key)) children.push(object);
    }
  }
  return builds ? children : undefined;
}

function add(specs: Specs, key: ObjectKey, spec: FluxSpec): boolean {
  const known = getOrMake(specs, key, () => new Map());
  const variant = variantOf(spec);
  if (known.has(variant)) return false;
  known.set(variant, spec);
  return true;
}

function variantOf({ id, source }: FluxSpec): string {
  return `${id}@${source}`;
}

/** A copy, with what the operator generates on top. */
function withGenerated(specs: Specs, operator: OperatorSet | undefined): Specs {
  const out: Specs = new Map([...specs].map(([key, list]) => [key, new Map(list)]));
  for (const [key, { flux }] of operator?.objects ?? []) if (flux) add(out, key, flux);
  return out;
}

function sameSpecs(a: Specs, b: Specs): boolean {
  const isSame = ([key, specs]: [ObjectKey, ReadonlyMap<string, FluxSpec>]) => {
    const other = b.get(key);
    return other?.size === specs.size && [...specs.keys()].every((id) => other.has(id));
  };
  return a.size === b.size && [...a].every(isSame);
}
