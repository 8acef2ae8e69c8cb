import type { FluxSpec, ObjectKey, Snapshot } from "./types.ts";

/** Whether a build may hold one of some objects, given by name; looks up the fewer names. */
export function mayHoldAny(
  world: Snapshot,
  spec: FluxSpec,
  watched: ReadonlyMap<string, readonly ObjectKey[]>,
): boolean {
  const names = world.namesIn(spec);
  const some = names && names.size < watched.size ? names : watched.keys();
  for (const name of some) {
    if (names && !names.has(name)) continue;
    if (watched.get(name)?.some((key) => world.mayHold(spec, key))) return true;
  }
  return false;
}
