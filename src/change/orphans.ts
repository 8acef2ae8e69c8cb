import type { ObjectKey } from "../admission/key.ts";
import { indexBy } from "../contract/group-by.ts";
import type { FluxHistory } from "./variants.ts";

/**
 * FluxKustomizations where those that are deleted deliver nothing: what only one of them is to deliver, as it fails to build by
 * then and keeps what it applied, goes with it.
 * @param risks of what may be deleted
 */
export function withoutOrphans(
  histories: ReadonlyMap<ObjectKey, FluxHistory>,
  risks: ReadonlyMap<ObjectKey, unknown>,
): ReadonlyMap<ObjectKey, FluxHistory> {
  const children = indexBy(histories.values(), ({ parents }) => [...parents]);
  const goes = new Set(
    [...histories.values()].filter((one) => !one.delivered && risks.has(one.key)).map(({ key }) => key),
  );
  const isOrphan = ({ key, parents }: FluxHistory) =>
    risks.has(key) && [...parents].every((parent) => goes.has(parent));
  // Grows while it is gone through.
  for (const parent of goes) for (const child of children.get(parent) ?? []) if (isOrphan(child)) goes.add(child.key);
  return new Map([...histories].map(([key, one]) => [key, goes.has(key) ? { ...one, delivered: false } : one]));
}
