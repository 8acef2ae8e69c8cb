import { finalizesToy, keyOf, ROOT, type ToyItem, type ToySpec, type ToyTree, type ToyWorld } from "./world.ts";

interface Live {
  /** FluxKustomization in the owner labels; undefined when the operator took them off. */
  owner?: string;
  byOperator?: true;
  spared: boolean;
  item: ToyItem;
  /** Of a FluxKustomization. */
  inventory?: string[];
  /** Deleted, and waiting for its finalizer. */
  leaving?: true;
  /** Of a FluxKustomization between applying and pruning, in which others may reconcile: what it is about to prune. */
  pending?: string[];
}

interface State {
  live: Record<string, Live>;
  /** Which tree each source serves. */
  sources: Record<string, "before" | "after">;
  operatorRan: boolean;
}

export interface Simulation {
  /** Everything that was deleted in some order after the merge. */
  deleted: Set<string>;
  /** What was in the cluster when the change was merged, in any of the states today may be in. */
  existing: Set<string>;
  /** Whether every order was tried. */
  complete: boolean;
}

/**
 * Tries every order in which sources advance, FluxKustomizations apply and then prune, finalizers run and the operator
 * applies. An
 * independent reading of flux-facts 2.1 to 2.5: it follows labels, inventories and live specs step by step.
 */
export function simulate(world: ToyWorld, limit = 4000): Simulation {
  const result: Simulation = { deleted: new Set(), existing: new Set(), complete: true };
  const start = reachToday(world);
  const seen = new Set<string>();
  const stack: State[] = [start];
  while (stack.length > 0) {
    const state = stack.pop()!;
    const id = idOf(state);
    if (seen.has(id)) continue;
    seen.add(id);
    if (seen.size > limit) {
      result.complete = false;
      break;
    }
    const merged = Object.values(state.sources).includes("after") || state.operatorRan;
    if (!merged) for (const key of Object.keys(state.live)) result.existing.add(key);
    for (const action of listActions(world, state)) {
      const next = copy(state);
      const deleted = new Set<string>();
      action(next, deleted);
      const isMerged = Object.values(next.sources).includes("after") || next.operatorRan;
      if (isMerged) for (const key of deleted) result.deleted.add(key);
      stack.push(next);
    }
  }
  return result;
}

/** The same for states that were reached in another order. */
function idOf({ live, sources, operatorRan }: State): string {
  const lines = Object.entries(live).map(
    ([key, { owner, byOperator, spared, item, inventory, leaving, pending }]) =>
      `${key} ${owner} ${byOperator} ${spared} ${textOf(item)} ${inventory} ${leaving} ${pending}`,
  );
  return [...lines.sort(), sources.a, sources.b, operatorRan].join("\n");
}

const texts = new WeakMap<ToyItem, string>();

function textOf(item: ToyItem): string {
  const known = texts.get(item) ?? JSON.stringify(item);
  texts.set(item, known);
  return known;
}

/** Nothing changes an item or a list in place. */
function copy({ live, sources, operatorRan }: State): State {
  const copies = Object.entries(live).map(([key, one]) => [key, { ...one }] as const);
  return { live: Object.fromEntries(copies), sources: { ...sources }, operatorRan };
}

type Action = (state: State, deleted: Set<string>) => void;

function listActions(world: ToyWorld, state: State): Action[] {
  const actions: Action[] = [];
  for (const [source, at] of Object.entries(state.sources)) {
    if (at === "after") continue;
    actions.push((next) => {
      next.sources[source] = "after";
    });
  }
  for (const [key, live] of Object.entries(state.live)) {
    if (live.item.kind !== "Kustomization") continue;
    if (live.pending) actions.push((next, deleted) => prunePending(next, key, deleted));
    else if (live.leaving) actions.push((next, deleted) => finalize(next, key, deleted));
    else actions.push((next, deleted) => reconcile(world, next, key, deleted));
  }
  // The FluxInstance comes from Git as well: here through the source of the root.
  const carrier = state.live[ROOT]?.item.spec?.source;
  const isHere = carrier === undefined || state.sources[carrier] === "after";
  if (world.operatorAfter && !state.operatorRan && isHere) {
    actions.push((next, deleted) => runOperator(world, next, deleted));
  }
  return actions;
}

/** The cluster before the merge: everything applied in turn until nothing changes. */
function reachToday(world: ToyWorld): State {
  const sources: State["sources"] = { a: "before", b: "before" };
  const state: State = { live: {}, sources, operatorRan: false };
  state.live[ROOT] = {
    spared: false,
    item: { kind: "Kustomization", name: "root", spec: world.root },
    inventory: [],
  };
  const owned = world.adopted ? (world.operatorBefore ?? world.operatorAfter ?? []) : [];
  for (let round = 0; round < 8; round++) {
    for (const item of owned) adopt(state, item);
    for (const [key, live] of Object.entries(state.live)) {
      if (live.item.kind === "Kustomization" && state.live[key]) reconcile(world, state, key, new Set(), true);
    }
  }
  return state;
}

function adopt(state: State, item: ToyItem): void {
  const key = keyOf(item);
  const inventory = state.live[key]?.inventory ?? (item.kind === "Kustomization" ? [] : undefined);
  const pending = state.live[key]?.pending;
  state.live[key] = {
    byOperator: true,
    spared: true,
    item,
    ...(inventory ? { inventory } : {}),
    ...(pending ? { pending } : {}),
  };
}

function treeOf(world: ToyWorld, state: State, spec: ToySpec): ToyTree {
  return world[state.sources[spec.source]!];
}

function reconcile(world: ToyWorld, state: State, key: string, deleted: Set<string>, first = false): void {
  const self = state.live[key]!;
  const spec = self.item.spec!;
  // On the way to today a suspended one has been applied before it was suspended.
  if (spec.suspend && !first) return;
  const items = treeOf(world, state, spec)[spec.path];
  if (items === undefined || items === "broken") return;
  const old = self.inventory!;
  for (const item of items) {
    const at = keyOf(item);
    const known = state.live[at];
    if (known?.byOperator) continue;
    const inventory = known?.inventory ?? (item.kind === "Kustomization" ? [] : undefined);
    state.live[at] = {
      owner: key,
      spared: item.spared ?? false,
      item,
      ...(inventory ? { inventory } : {}),
      ...(known?.leaving ? { leaving: true as const } : {}),
      ...(known?.pending ? { pending: known.pending } : {}),
    };
  }
  const now = items.map(keyOf);
  // It may just have applied itself with another spec; the pass goes on with the one it read.
  const mine = state.live[key];
  if (mine) mine.inventory = now;
  if (!spec.prune) return;
  const stale = old.filter((at) => !now.includes(at));
  if (first || !mine) for (const at of stale) prune(state, at, key, deleted);
  else if (stale.length > 0) mine.pending = stale;
}

function prunePending(state: State, key: string, deleted: Set<string>): void {
  const { pending = [] } = state.live[key]!;
  delete state.live[key]!.pending;
  for (const at of pending) prune(state, at, key, deleted);
}

function prune(state: State, key: string, by: string, deleted: Set<string>): void {
  const live = state.live[key];
  if (!live || live.owner !== by || live.spared || live.leaving) return;
  remove(state, key, deleted);
}

function remove(state: State, key: string, deleted: Set<string>): void {
  const live = state.live[key];
  if (!live) return;
  deleted.add(key);
  if (live.item.kind === "Kustomization") {
    live.leaving = true;
    return;
  }
  delete state.live[key];
  if (live.item.kind === "HelmRelease" && !live.item.suspend) {
    for (const name of live.item.holds ?? []) remove(state, keyOf({ kind: "ConfigMap", name }), deleted);
  }
  if (live.item.kind === "Namespace") {
    for (const [at, { item }] of Object.entries(state.live)) {
      if (item.kind !== "Namespace" && (item.namespace ?? "x") === live.item.name) remove(state, at, deleted);
    }
  }
}

function finalize(state: State, key: string, deleted: Set<string>): void {
  const { item, inventory } = state.live[key]!;
  delete state.live[key];
  if (!finalizesToy(item.spec!)) return;
  for (const at of inventory!) prune(state, at, key, deleted);
}

function runOperator(world: ToyWorld, state: State, deleted: Set<string>): void {
  state.operatorRan = true;
  const today = world.adopted ? (world.operatorBefore ?? world.operatorAfter ?? []) : [];
  const later = world.operatorAfter!;
  for (const item of later) adopt(state, item);
  const keys = new Set(later.map(keyOf));
  for (const item of today) if (!keys.has(keyOf(item))) remove(state, keyOf(item), deleted);
}
