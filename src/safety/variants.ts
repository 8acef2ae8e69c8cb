import type { Loc } from "../contract/errors.ts";
import type { Build, FluxSpec, ObjectKey, OwnedObject, Snapshot } from "./types.ts";

/** Rounds after which a change still going on counts as never settling. */
const MAX_ROUNDS = 12;

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
  /** Where something delivers it, if anything does. */
  at?: Loc;
  /** Whether every build is the same one, so that nothing it applies can become stale. */
  fixed: boolean;
}

/** By FluxKustomization, then by spec and source: the same spec on another source may meet another tree. */
type Specs = Map<ObjectKey, Map<string, FluxSpec>>;

interface Walk {
  before: Snapshot;
  after: Snapshot;
  /** Objects the operator owns today: kustomize-controller does not touch them. */
  owned: ReadonlySet<ObjectKey>;
  /** Those of them it does not give up. */
  ownedStill: ReadonlySet<ObjectKey>;
  adopted: boolean;
}

/**
 * Every spec and tree each FluxKustomization may build with, whatever the order in which they reconcile. A child may meet
 * the new tree under its old spec (its parent is slower), and, when it reads another source than its parent, the old tree
 * under its new one. Polynomial: variants are collected, orders are not enumerated.
 */
export function collectHistories(walk: Walk): Map<ObjectKey, FluxHistory> {
  const { before, after } = walk;
  const today = spreadToday(walk);
  const old = new Set([...today.values()].flatMap((specs) => [...specs.keys()]));
  const isOldSpec = (spec: FluxSpec) => old.has(variantOf(spec));
  const start = merge(today, seedLater(walk));
  const builds = (spec: FluxSpec) => [...(isOldSpec(spec) ? [before.build(spec)] : []), buildAfter(walk, spec)];
  let all = spread(start, walk.ownedStill, builds, before, after);
  const sources = [...all.specs.values()].flatMap((specs) => [...specs.values()].map(({ source }) => source));
  const lags = new Set(sources.filter((source) => source !== "")).size > 1;
  if (lags) all = spread(start, walk.ownedStill, (spec) => [before.build(spec), buildAfter(walk, spec)], before, after);
  const { specs: last, dropped, settled } = settle(today, walk);
  const returning = lags ? findReturning(all, today, last, walk) : new Set<ObjectKey>();
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
    const ids = new Set([...specs.values()].map(({ id }) => id));
    const [first] = specs.values();
    const fixed = ids.size === 1 && today.has(key) && !after.mayDiffer(first!);
    const at = all.places.get(key);
    const delivered = last.has(key) && !dropped.has(key);
    histories.set(key, { key, configs, existed: today.has(key), delivered, fixed, ...(at ? { at } : {}) });
  }
  return histories;
}

/** Whether one build may come after another; a source never goes back to an older tree. */
export function mayFollow(later: Config, earlier: Config): boolean {
  if (later === earlier || earlier.stage > later.stage) return false;
  const isSameSpec = variantOf(later.spec) === variantOf(earlier.spec);
  return !(isSameSpec && (later.tree === earlier.tree || later.tree === "before"));
}

/**
 * FluxKustomizations that may get an old spec back after a newer one: several deliver them, or one that itself goes back
 * and forth does. A slower source then serves them the old tree once more.
 */
function findReturning({ specs, deliverers }: Spread, today: Specs, last: Specs, walk: Walk): Set<ObjectKey> {
  const isSeveral = (key: ObjectKey) => {
    const count = (deliverers.get(key)?.size ?? 0) + (walk.after.operator?.objects.has(key) ? 1 : 0);
    return count > 1 || (today.get(key)?.size ?? 0) > 1 || (last.get(key)?.size ?? 0) > 1;
  };
  const returning = new Set([...specs.keys()].filter(isSeveral));
  for (let size = -1; size !== returning.size; ) {
    size = returning.size;
    for (const [key, from] of deliverers) if ([...from].some((one) => returning.has(one))) returning.add(key);
  }
  return returning;
}

type Worlds = Pick<Walk, "before" | "after">;

export function buildOf(worlds: Worlds, config: Config): Build {
  return config.tree === "before" ? worlds.before.build(config.spec) : buildAfter(worlds, config.spec);
}

function buildAfter({ before, after }: Worlds, spec: FluxSpec): Build {
  return after.mayDiffer(spec) ? after.build(spec) : before.build(spec);
}

/** What stays applied in the end: a failed build and a suspended FluxKustomization leave everything as it was. */
export function buildAtRest(worlds: Worlds, spec: FluxSpec): Build {
  const build = spec.suspend ? undefined : buildAfter(worlds, spec);
  return build?.ok ? build : worlds.before.build(spec);
}

/** What exists today: what builds deliver, and below one that does not build, what its files show. */
function spreadToday(walk: Walk): Specs {
  const { before, owned } = walk;
  const spreadFrom = (start: Specs) => spread(start, owned, (spec) => [before.build(spec)], before).specs;
  let specs = spreadFrom(seedToday(walk));
  const fails = (list: ReadonlyMap<string, FluxSpec>) =>
    [...list.values()].every((spec) => before.mayHoldFlux(spec) && !before.build(spec).ok);
  if (![...specs.values()].some(fails)) return specs;
  const believed = [...(before.believed ?? [])];
  for (let grew = true; grew; ) {
    grew = false;
    const start = merge(specs, new Map());
    for (const [key, { parent, spec }] of believed) {
      const above = specs.get(parent);
      if (specs.has(key) || owned.has(key) || above === undefined || !fails(above)) continue;
      grew = add(start, key, spec) || grew;
    }
    if (grew) specs = spreadFrom(start);
  }
  return specs;
}

function seedToday({ before, after, adopted, owned }: Walk): Specs {
  const specs: Specs = new Map();
  for (const [key, spec] of before.roots) if (!owned.has(key)) add(specs, key, spec);
  const operator = adopted ? (before.operator ?? after.operator) : undefined;
  addGenerated(specs, operator?.objects);
  return specs;
}

/** What may come on top: what the operator generates after the merge. */
function seedLater(walk: Walk): Specs {
  const specs: Specs = new Map();
  addGenerated(specs, laterOperator(walk)?.objects);
  return specs;
}

/** An instance that leaves Git goes on generating until it is deleted, which the risks look at. */
function laterOperator({ before, after, adopted }: Walk): Snapshot["operator"] {
  return after.operator ?? (adopted ? before.operator : undefined);
}

function addGenerated(specs: Specs, objects: ReadonlyMap<ObjectKey, { flux?: FluxSpec }> | undefined): void {
  for (const [key, { flux }] of objects ?? []) if (flux) add(specs, key, flux);
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
  owned: ReadonlySet<ObjectKey>,
  builds: (spec: FluxSpec) => Build[],
  ...worlds: Snapshot[]
): Spread {
  const result: Spread = { specs: new Map(), deliverers: new Map(), places: new Map() };
  const queue: [ObjectKey, FluxSpec][] = [];
  const visit = (key: ObjectKey, spec: FluxSpec) => {
    if (add(result.specs, key, spec) && worlds.some((world) => world.mayHoldFlux(spec))) queue.push([key, spec]);
  };
  for (const [key, list] of start) for (const spec of list.values()) visit(key, spec);
  for (const [parent, spec] of queue) {
    for (const build of builds(spec)) {
      if (!build.ok) continue;
      for (const { key, flux, at } of build.objects.values()) {
        if (!flux || owned.has(key)) continue;
        if (at && !result.places.has(key)) result.places.set(key, at);
        const known = result.deliverers.get(key);
        if (known) known.add(parent);
        else result.deliverers.set(key, new Set([parent]));
        visit(key, flux);
      }
    }
  }
  return result;
}

/** Where things end when nothing is deleted: FluxKustomizations that nothing delivers any more go on as they are. */
function settle(today: Specs, walk: Walk): { specs: Specs; dropped: Set<ObjectKey>; settled: boolean } {
  const wasDelivered = deliveredKeys(today, walk.before, walk.owned);
  const held = new Map<ObjectKey, readonly OwnedObject[]>();
  let current = merge(today, seedLater(walk));
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const next: Specs = new Map();
    const generated: Specs = new Map();
    addGenerated(generated, laterOperator(walk)?.objects);
    const delivered = new Set<ObjectKey>(generated.keys());
    for (const [parent, specs] of current) {
      // What fails to build keeps what it applied last: it neither applies nor prunes (flux-facts 2.4 item 1).
      const children = childrenAtRest(walk, specs, (held.get(parent)?.length ?? 0) > 0) ?? held.get(parent) ?? [];
      held.set(parent, children);
      for (const { key, flux } of children) {
        delivered.add(key);
        if (!walk.adopted || !generated.has(key)) add(next, key, flux!);
      }
    }
    for (const [key, specs] of generated) for (const spec of specs.values()) add(next, key, spec);
    for (const [key, specs] of current) if (!next.has(key)) next.set(key, specs);
    if (sameSpecs(current, next)) {
      const dropped = [...next.keys()].filter((key) => !delivered.has(key) && wasDelivered.has(key));
      return { specs: next, dropped: new Set(dropped), settled: true };
    }
    current = next;
  }
  return { specs: current, dropped: new Set(), settled: false };
}

/** FluxKustomizations that one with these specs delivers in the end; undefined when none of the specs builds. */
function childrenAtRest(
  walk: Walk,
  specs: ReadonlyMap<string, FluxSpec>,
  hadChildren: boolean,
): readonly OwnedObject[] | undefined {
  const children: OwnedObject[] = [];
  let builds = false;
  for (const spec of specs.values()) {
    const mayHold = hadChildren || walk.after.mayHoldFlux(spec) || walk.before.mayHoldFlux(spec);
    const build = mayHold ? buildAtRest(walk, spec) : undefined;
    builds ||= build?.ok ?? true;
    if (!build?.ok) continue;
    for (const object of build.objects.values()) {
      if (object.flux && !walk.ownedStill.has(object.key)) children.push(object);
    }
  }
  return builds ? children : undefined;
}

function deliveredKeys(today: Specs, before: Snapshot, owned: ReadonlySet<ObjectKey>): Set<ObjectKey> {
  const keys = new Set<ObjectKey>(owned);
  for (const specs of today.values()) {
    for (const spec of specs.values()) {
      const build = before.mayHoldFlux(spec) ? before.build(spec) : undefined;
      if (build?.ok) for (const { key, flux } of build.objects.values()) if (flux) keys.add(key);
    }
  }
  return keys;
}

function add(specs: Specs, key: ObjectKey, spec: FluxSpec): boolean {
  const known = specs.get(key);
  const variant = variantOf(spec);
  if (!known) specs.set(key, new Map([[variant, spec]]));
  else if (known.has(variant)) return false;
  else known.set(variant, spec);
  return true;
}

function variantOf({ id, source }: FluxSpec): string {
  return `${id}@${source}`;
}

function merge(a: Specs, b: Specs): Specs {
  const out: Specs = new Map([...a].map(([key, specs]) => [key, new Map(specs)]));
  for (const [key, specs] of b) for (const spec of specs.values()) add(out, key, spec);
  return out;
}

function sameSpecs(a: Specs, b: Specs): boolean {
  return (
    a.size === b.size &&
    [...a].every(([key, specs]) => {
      const other = b.get(key);
      return other?.size === specs.size && [...specs.keys()].every((id) => other.has(id));
    })
  );
}
