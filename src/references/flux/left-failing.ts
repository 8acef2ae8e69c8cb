import { type ObjectKey, printKey, splitKey } from "../../admission/key.ts";
import type { Comparison } from "../../change/comparison.ts";
import type { Given } from "../../change/given.ts";
import { listReferences, type Reference } from "../../change/read.ts";
import type { OwnedObject } from "../../change/types.ts";
import type { Held } from "../../change/world.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { itemsOf } from "../../contract/objects.ts";
import { listGone } from "../graph.ts";
import { type Stop, type Stopped, stopsOf } from "../stopped.ts";
import { type LocalChartInput, takenChartOf } from "./local-charts.ts";
import { isWaitedFor, mayWait } from "./waits.ts";

type Adrift = Comparison["adrift"][number];

/**
 * What Flux leaves in the cluster, with why it fails from then on where it does: it does not build, what it needs goes, or it waits
 * for another one that fails. Releases are among it where they do.
 * @param left FluxKustomizations, as far as their builds tell
 */
export function findLeft(given: Given, left: Comparison["adrift"], charts: LocalChartInput): Adrift[] {
  const { before, after, risks } = given;
  const stays = ({ object, by }: Held) =>
    !by?.fixed && object.release && !object.ignored && !risks.has(object.key) && object.body?.spec?.suspend !== true;
  const releases = before.all.filter((held) => stays(held) && !after.find(held.object.key));
  if (left.length + releases.length === 0) return [];
  const gone = listGone(given);
  const reasons = new Map<ObjectKey, string>();
  const waiting = new Map<ObjectKey, ObjectKey[]>();
  const note = (held: Held) => {
    const { object } = held;
    const needs = listReferences(object).filter(({ soft }) => !soft);
    const lost = needs.find(({ target }) => gone.has(target));
    const chart = takenChartOf(held, charts);
    if (lost) reasons.set(object.key, `${printKey(lost.target)} goes, which it names in ${lost.field}`);
    else if (chart !== undefined) reasons.set(object.key, `its chart goes, ${chart}`);
    for (const one of needs) if (isAwaited(object, one)) getOrMake(waiting, one.target, () => []).push(object.key);
  };
  for (const { key, reason } of left) {
    const held = before.find(key);
    if (held) note(held);
    if (reason !== undefined) reasons.set(key, reason);
  }
  for (const held of releases) note(held);
  // Grows while it is gone through.
  for (const [key] of reasons)
    for (const one of waiting.get(key) ?? [])
      if (!reasons.has(one)) reasons.set(one, `it waits for ${printKey(key)}, which fails`);
  const failing = releases.flatMap(({ object: { key } }) => (reasons.has(key) ? [{ key, finalizes: false }] : []));
  return [...left, ...failing].map((one) => ({ ...one, reason: reasons.get(one.key) }));
}

/** Whether one is not Ready, or applied no more, as long as another is not Ready. */
function isAwaited(object: OwnedObject, reference: Reference): boolean {
  if (isWaitedFor(object, reference)) return true;
  if (reference.field !== "spec.healthChecks") return false;
  const { kind } = splitKey(reference.target);
  return !itemsOf(object.body?.spec?.healthCheckExprs).some((one) => one.kind === kind);
}

/**
 * What waits for something that leaves Git, stays in the cluster and fails from then on: for that to be ready (flux-facts 2.4
 * item 8).
 * @param failing why each of those fails
 */
export function findWaitsForLeft(given: Given, failing: ReadonlyMap<ObjectKey, string>): Stopped[] {
  if (failing.size === 0) return [];
  given.after.search([...failing.keys()].map((key) => splitKey(key).name));
  return stopsOf(given, (held) => {
    // One that is left as well is told of with the others.
    if (!mayWait(held) || failing.has(held.object.key)) return [];
    return listReferences(held.object).flatMap((reference): Stop | [] => {
      const { path, field, target } = reference;
      const reason = failing.get(target);
      if (reason === undefined || !isAwaited(held.object, reference)) return [];
      const isCheck = field === "spec.healthChecks";
      return {
        path,
        what: `${isCheck ? "has a health check on" : "depends on"} ${printKey(target)}, which leaves Git, stays in the cluster and fails from then on: ${isCheck ? "it never becomes ready, and what depends on it is not applied any more" : "no further commit reaches it"}`,
        why: `It waits until that is ready, which it never is: ${reason}.`,
        next: `Take it out of ${isCheck ? "healthChecks" : "dependsOn"} in the same change.`,
      };
    });
  });
}
