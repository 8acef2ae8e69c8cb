import { pushAll } from "../contract/push-all.ts";

/** A value of a document, with the keys and positions that lead to it. */
export interface PlacedValue {
  value: unknown;
  path: readonly (string | number)[];
}

/**
 * Every value of a document, the whole and its maps and lists included, what is above before what is below. Without recursion,
 * as nothing bounds how deep a document of somebody else is.
 * @param at the path of `body` itself
 */
export function walkData(body: unknown, at: PlacedValue["path"] = []): PlacedValue[] {
  const found: PlacedValue[] = [{ value: body, path: at }];
  for (const { value, path } of found) {
    if (typeof value !== "object" || value === null) continue;
    const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
    pushAll(
      found,
      entries.map(([key, one]) => ({ value: one, path: [...path, key] })),
    );
  }
  return found;
}

/** Every text of a document, without its keys; on whole clusters several times faster than with the places. */
export function textsIn(body: unknown): string[] {
  const found: string[] = [];
  const open: unknown[] = [body];
  for (const value of open) {
    if (typeof value === "string") found.push(value);
    else if (typeof value === "object" && value !== null) pushAll(open, Object.values(value));
  }
  return found;
}
