import { keyOfObject, type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import type { ClusterChange, Side } from "../../change/change.ts";
import type { Given } from "../../change/given.ts";
import { listOperators, listPlainOperators, type OperatorRelease } from "../../change/operator-releases.ts";
import { listReferences } from "../../change/read.ts";
import type { Snapshot } from "../../change/types.ts";
import type { World } from "../../change/world.ts";
import { isFluxGroup } from "../../delivery/kinds.ts";
import { keyOfNode, makeWaits, type Node, type Wait, type WaitsOf } from "../../references/flux/waits.ts";
import { findForeign } from "../../references/new-references.ts";
import { findOffSwitch } from "../../references/rights/idle-operator.ts";
import { mayStandStill, type Standstill, type StandstillInput } from "./standstill.ts";

/** Why Flux has never come to apply the FluxInstance, or any operator, where that is certain as the tree before a change stands. */
export function findBlocked(given: Given, input: StandstillInput): Standstill | undefined {
  if (!input.old || !mayStandStill(input)) return undefined;
  const { change, today, later } = input;
  const reason = findOn("before", today, given, change);
  return reason === undefined ? undefined : { reason, isIdle: findOn("after", later, given, change) !== undefined };
}

function findOn(side: Side, snapshot: Snapshot, given: Given, change: ClusterChange): string | undefined {
  const world = given[side];
  const find = makeSearch(world, keyOfObject(change.cluster.root));
  for (const key of snapshot.operator?.carriers ?? []) {
    const said = find(key);
    if (said !== undefined) return said;
  }
  const stopped = [
    ...listOperators(given, change, true)[side].map((one) => find(one.held.object.key) ?? findOff(one, world)),
    ...listPlainOperators(given)[side].map(({ held }) => find(held.object.key)),
  ];
  return stopped.every((said) => said !== undefined) ? stopped[0] : undefined;
}

function findOff(release: OperatorRelease, world: World): string | undefined {
  const by = findOffSwitch(release, world);
  return by && `${printKey(release.held.object.key)} keeps the operator from working (${by})`;
}

/**
 * Why an object is never applied: what it waits for is nowhere, does not build, or waits for it. Errs towards what was made
 * by hand: Secrets, accounts, and sources of a FluxKustomization.
 */
function makeSearch(world: World, root: ObjectKey): (key: ObjectKey) => string | undefined {
  const all = makeWaits(world);
  // Where the root stands still the change does not arrive either.
  const waitsOf: WaitsOf = (node) => (node === `applied ${root}` ? [] : all(node));
  return (key) => {
    const by = world.find(key)?.by?.key;
    const find = (start: ObjectKey) => follow(world, waitsOf, `applied ${start}`, `applied ${key}`);
    return find(key) ?? (by === undefined ? by : find(by));
  };
}

/**
 * Walks all that a thing waits for. What waits for something that it applies works where that was there first, such as a
 * root beside what it depends on.
 * @param own what was not there first
 */
function follow(world: World, waitsOf: WaitsOf, start: Node, own: Node): string | undefined {
  /** With how many steps to it go from an object to what applies that. */
  const open = new Map<Node, number>([[start, 0]]);
  const done = new Set<Node>();
  const path = [{ node: start, waits: waitsOf(start).values() }];
  for (let last = path.at(-1); last; last = path.at(-1)) {
    const { value: wait } = last.waits.next();
    if (wait === undefined) {
      open.delete(last.node);
      done.add(last.node);
      path.pop();
      continue;
    }
    const ups = (open.get(last.node) ?? 0) + Number(wait.says === "is applied by");
    const isLoop = wait.to === own || open.get(wait.to) === ups;
    const said = isLoop ? `${printKey(keyOfNode(wait.to))} waits for itself` : findInVain(world, wait);
    if (said !== undefined) return said;
    if (done.has(wait.to) || open.has(wait.to)) continue;
    open.set(wait.to, ups);
    path.push({ node: wait.to, waits: waitsOf(wait.to).values() });
  }
  return findChartless(world, keyOfNode(start));
}

function findInVain(world: World, { from, to, says }: Wait): string | undefined {
  const [by, key] = [keyOfNode(from), keyOfNode(to)];
  const name = printKey(key);
  if (says === "is applied by") return isSuspended(world, key) ? `${name} is suspended` : undefined;
  if (says !== "depends on" || by === key) return undefined;
  if (isNowhere(world, key, by)) return `${printKey(by)} depends on ${name}, which nothing here makes`;
  return world.fails(key, true)
    ? `${printKey(by)} depends on ${name}, which does not build`
    : findChartless(world, key);
}

const isSuspended = (world: World, key: ObjectKey): boolean => {
  const holders = world.holdersOf(key);
  return holders.length > 0 && holders.every(({ spec }) => spec.suspend);
};

/** A release whose chart nothing fetches. */
function findChartless(world: World, key: ObjectKey): string | undefined {
  const held = world.find(key);
  if (!held?.object.release) return undefined;
  const sources = listReferences(held.object).filter(({ target, soft }) => {
    return !soft && isFluxGroup(splitKey(target).group) && splitKey(target).kind !== "HelmRelease";
  });
  const lost = sources.find(({ target }) => isNowhere(world, target, key));
  return lost && `${printKey(key)} takes its chart from ${printKey(lost.target)}, which nothing here makes`;
}

function isNowhere(world: World, key: ObjectKey, by: ObjectKey): boolean {
  const { name, namespace } = splitKey(key);
  if (`${name}${namespace}`.includes("${") || world.holdersOf(key).length > 0 || world.makes(key)) return false;
  world.search([name]);
  return !world.makes(key) && !world.isOpenName(key) && findForeign(world, by) === undefined;
}
