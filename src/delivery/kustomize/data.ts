import { randomUUID } from "node:crypto";
import { isMap } from "../../yaml/is-map.ts";

export { isMap };

/** A YAML map as plain data. Bodies are shared between builds: they are replaced along a path, never changed. */
export type Data = Readonly<Record<string, unknown>>;

/** What is put in the place of a value; the same value where nothing changes. */
export type Change = (old: unknown) => unknown;

/** The map at a key, or an empty one. */
export function mapAt(value: unknown, key: string): Data {
  const found = isMap(value) ? value[key] : undefined;
  return isMap(found) ? found : {};
}

/** Whether there is nothing in a value: it is missing, null or a map without entries. */
export function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || (isMap(value) && Object.keys(value).length === 0);
}

/** A value under a key of its own; undefined for what is no map. */
export function own(value: unknown, key: string): unknown {
  return isMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A list with each item changed; the same list where no item is another one. */
export function mapItems(list: readonly unknown[], change: Change): readonly unknown[] {
  const items = list.map(change);
  return items.every((item, index) => item === list[index]) ? list : items;
}

/**
 * What a value does not say of a scalar, kept as a text with a mark that `scalarText` takes away: a plain one that reads as
 * another value than its text, one without a type, or a text in the place of a number or boolean.
 */
export type Mark = "plain" | "untyped" | "number" | "boolean";

/** No text of a repository can be guessed to start so. */
const start = `\0${randomUUID()}:`;

export function markText(mark: Mark, text: string): string {
  return `${start}${mark}:${text}`;
}

export function markOf(value: unknown): Mark | undefined {
  if (typeof value !== "string" || !value.startsWith(start)) return undefined;
  return value.slice(start.length, value.indexOf(":", start.length)) as Mark;
}

/** A scalar as kustomize prints it; `''` for what is missing, null or no scalar. */
export function scalarText(value: unknown): string {
  if (typeof value === "string")
    return value.startsWith(start) ? value.slice(value.indexOf(":", start.length) + 1) : value;
  return typeof value === "number" || typeof value === "boolean" || typeof value === "bigint" ? String(value) : "";
}

/** A scalar as kustomize reads its text: null is the word, taken to be written out. */
export function nodeText(value: unknown): string {
  return value === null ? "null" : scalarText(value);
}

/** Copies a map with one entry set; `undefined` removes it. */
export function withEntry(map: Data, key: string, value: unknown): Data {
  const copy: Record<string, unknown> = { ...map };
  if (value === undefined) delete copy[key];
  else copy[key] = value;
  return copy;
}

/** Strings of a list field; other items are left out. */
export function stringList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

/** Maps of a list field; other items are left out. */
export function mapList(value: unknown): Data[] {
  return Array.isArray(value) ? value.filter(isMap) : [];
}

/** Entries of a map of scalars, as strings. */
export function textEntries(value: unknown): [string, string][] {
  return isMap(value) ? Object.entries(value).map(([key, item]) => [key, nodeText(item)]) : [];
}
