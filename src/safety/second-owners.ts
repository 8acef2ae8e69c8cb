import { judgeLoss } from "./danger.ts";
import { ownerName, printKey, sayOwner } from "./key.ts";
import type { Harm, ObjectKey, Outcome } from "./types.ts";
import type { FluxHistory } from "./variants.ts";

/** Less than this is often shared on purpose, such as a ConfigMap or the Namespace that several apps bring along. */
const WORTH = 3;

/** Whether a second owner of an object is likely a mistake. */
export function isWorthAnOwner({ key, kind }: Pick<Outcome, "key" | "kind">): boolean {
  return kind !== "Namespace" && judgeLoss(key).rank >= WORTH;
}

/**
 * Finds FluxKustomizations that come to objects which another one goes on delivering, such as a copied `ks.yaml` in which
 * the path was forgotten: both apply them, and whichever goes first deletes them. Not where one of both cannot delete.
 */
export function findSecondOwners(outcomes: readonly Outcome[], histories: ReadonlyMap<ObjectKey, FluxHistory>): Harm[] {
  const byName = new Map([...histories.values()].map((history) => [ownerName(history.key), history]));
  const prunes = (name: string) =>
    byName.get(name)?.configs.some(({ spec, stage }) => stage === 2 && spec.prune && !spec.suspend) ?? false;
  const found = new Map<string, Outcome[]>();
  for (const outcome of outcomes) {
    const { before, after } = outcome;
    const [first, ...others] = before;
    if (first === undefined || others.length > 0 || !after.includes(first) || after.length < 2) continue;
    if (!isWorthAnOwner(outcome) || !prunes(first)) continue;
    for (const second of after) {
      if (second === first || !prunes(second)) continue;
      const pair = `${second}\0${first}`;
      found.set(pair, [...(found.get(pair) ?? []), outcome]);
    }
  }
  return [...found].flatMap(([pair, [one, ...rest]]): Harm | [] => {
    const [second = "", first = ""] = pair.split("\0");
    const at = byName.get(second)?.at ?? one?.at;
    if (!one || !at) return [];
    const more = rest.length > 0 ? ` and ${rest.length} more` : "";
    return {
      resource: sayOwner(second),
      at,
      what: `${sayOwner(second)} applies ${printKey(one.key)}${more} as well, which ${sayOwner(first)} goes on applying.`,
      why: "Each sets the other's changes back, and whichever of both goes first, or drops the object, deletes it for the other too.",
      next: "Point spec.path at the folder that is meant, or give the objects another name or namespace.",
    };
  });
}
