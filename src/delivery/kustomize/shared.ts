import { type Data, isMap, own } from "./data.ts";

/**
 * Places of an object that hold one value: kustomize puts the same node wherever it adds a label or an annotation, and a
 * later change of one of them, say of a label in the metadata, changes the selector and the pod template too.
 */
export type Shared = readonly (readonly Place[])[];

type Place = readonly (string | number)[];

/** Every map that a field spec's path leads to. */
export function placesOf(value: unknown, path: readonly string[], at: Place = []): Place[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => placesOf(item, path, [...at, index]));
  if (!isMap(value)) return [];
  const [part, ...rest] = path;
  if (part === undefined) return [at];
  const name = part.replace(/\[\]$/, "");
  return Object.hasOwn(value, name) ? placesOf(value[name], rest, [...at, name]) : [];
}

/** The values that were added under the same key at several places. */
export function findShared(before: Data, after: Data, places: readonly Place[], keys: readonly string[]): Shared {
  const unique = [...new Map(places.map((place) => [JSON.stringify(place), place])).values()];
  return keys
    .map((key) =>
      unique
        .map((place) => [...place, key])
        .filter((place) => valueAt(before, place) === undefined && valueAt(after, place) !== undefined),
    )
    .filter((group) => group.length > 1);
}

/** Carries a change of one of the places over to the others; a place that is gone is forgotten. */
export function spread(before: Data, after: Data, shared: Shared): { body: Data; shared: Shared } {
  let body = after;
  const kept: Place[][] = [];
  for (const group of shared) {
    const left = group.filter((place) => valueAt(after, place) !== undefined);
    const changed = left.find((place) => valueAt(after, place) !== valueAt(before, place));
    if (changed !== undefined) for (const place of left) body = withValue(body, place, valueAt(after, changed)) as Data;
    if (left.length > 1) kept.push(left);
  }
  return { body, shared: kept };
}

function valueAt(value: unknown, place: Place): unknown {
  return place.reduce<unknown>(
    (current, part) => (Array.isArray(current) ? current[Number(part)] : own(current, String(part))),
    value,
  );
}

function withValue(value: unknown, [part, ...rest]: Place, set: unknown): unknown {
  if (part === undefined) return set;
  const inner = withValue((value as Record<string | number, unknown>)[part], rest, set);
  return Array.isArray(value) ? value.with(Number(part), inner) : { ...(value as Data), [part]: inner };
}
