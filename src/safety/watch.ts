import { splitKey } from "./key.ts";
import type { FluxSpec, ObjectKey, Snapshot } from "./types.ts";

export function groupByName(keys: Iterable<ObjectKey>): ReadonlyMap<string, readonly ObjectKey[]> {
  const groups = new Map<string, ObjectKey[]>();
  for (const key of keys) {
    const { name } = splitKey(key);
    const known = groups.get(name);
    if (known) known.push(key);
    else groups.set(name, [key]);
  }
  return groups;
}

/** Whether a build may hold one of some objects; looks up the fewer names. */
export function mayHoldAny(
  world: Snapshot,
  spec: FluxSpec,
  watched: ReadonlyMap<string, readonly ObjectKey[]>,
): boolean {
  const names = world.namesIn(spec);
  const [some, isThere] =
    names && names.size < watched.size
      ? [names, (name: string) => watched.has(name)]
      : [watched.keys(), (name: string) => names?.has(name) ?? true];
  for (const name of some) {
    if (isThere(name) && watched.get(name)!.some((key) => world.mayHold(spec, key))) return true;
  }
  return false;
}
