import { isEmpty, isMap, nodeText, own, scalarText } from "./data.ts";
import { EditFailure } from "./failures.ts";

type Texts = readonly string[];

/**
 * Joins two lists item by item, those of the patch first: kyaml's `associative_sequence.go` step by step, because what it
 * does to items that lack a key follows from its steps alone. Changes `list`, which may be `patch` itself.
 * `merge` brings the item of the object and that of the patch together; either may be missing.
 */
export function joinLists(
  list: unknown[],
  patch: unknown[] | undefined,
  keys: Texts,
  merge: (old: unknown, item: unknown) => unknown,
): unknown[] | undefined {
  const rows = distinctRows([...(patch ?? []), ...list], keys);
  const used = keys.map((_, column) => rows.some((row) => row[column] !== ""));
  const pick = (row: Texts) => (used.includes(true) ? row.filter((_, column) => used[column]) : row);
  const names = pick(keys);
  const plain = joinNamed(list, patch ?? [], names, merge);
  if (plain !== undefined) return plain;
  if (keys.length > 1) fillGaps(rows);
  const joined: unknown[] = [];
  for (const values of rows.map(pick)) {
    const merged = merge(findItem(list, names, values), patch && findItem(patch, names, values));
    if (isEmpty(merged)) {
      setItem(list, names, values);
      continue;
    }
    if (isMap(merged)) {
      const missing = names.flatMap((name, at) => (name in merged || values[at] === "" ? [] : [[name, values[at]]]));
      Object.assign(merged, Object.fromEntries(missing));
    }
    setItem(joined, names, values, merged);
  }
  if (rows.length === 0) return list;
  for (const item of list) appendOld(joined, item, names);
  return joined;
}

/**
 * The same where each item says all keys and no two of a list say the same, which leaves nothing of those steps but their
 * order, and costs no more than the items. Undefined, and nothing changed, where that is not so.
 */
function joinNamed(
  list: readonly unknown[],
  patch: readonly unknown[],
  names: Texts,
  merge: (old: unknown, item: unknown) => unknown,
): unknown[] | undefined {
  const olds = indexItems(list, names);
  const items = indexItems(patch, names);
  if (olds === undefined || items === undefined || olds.size + items.size === 0) return undefined;
  const isRetyped = (key: string) => olds.has(key) && typesOf(olds.get(key), names) !== typesOf(items.get(key), names);
  if ([...items.keys()].some(isRetyped)) return undefined;
  const joined = new Map<string, unknown>();
  for (const key of new Set([...items.keys(), ...olds.keys()])) {
    const merged = merge(olds.get(key), items.get(key));
    if (!isEmpty(merged)) joined.set(key, merged);
    else olds.delete(key);
  }
  for (const [key, old] of olds) {
    if (names.length > 1) joined.delete(key);
    joined.set(key, old);
  }
  return [...joined.values()];
}

/** Items by what they say of their keys. */
function indexItems(items: readonly unknown[], names: Texts): Map<string, unknown> | undefined {
  const found = new Map<string, unknown>();
  for (const item of items) {
    const values = names.map((name) => scalarText(keyOf(item, name)));
    if (values.includes("")) return undefined;
    found.set(JSON.stringify(values), item);
  }
  return found.size === items.length ? found : undefined;
}

function typesOf(item: unknown, names: Texts): string {
  return names.map((name) => typeof keyOf(item, name)).join();
}

function keyOf(item: unknown, name: string): unknown {
  return name === "" ? item : own(item, name);
}

function appendOld(joined: unknown[], item: unknown, names: Texts): void {
  if (names[0] === "") {
    setItem(joined, names, [nodeText(item)], item);
    return;
  }
  if (item !== null && !isMap(item)) throw new EditFailure("wrong node kind: expected a map in a list");
  const values: string[] = [];
  for (const name of names) {
    if (item !== null && Object.hasOwn(item, name)) values.push(nodeText(item[name]));
    else joined.push(item);
  }
  if (names.length > 1) setItem(joined, names, values);
  setItem(joined, names, values, item ?? undefined);
}

/** Replaces, appends or, without `element`, removes. Too few values match nothing and drop what is there. */
export function setItem(list: unknown[], names: Texts, values: Texts, element?: unknown): void {
  const keepsOthers = names[0] !== "" && values.length > 0 && values[0] !== "";
  let found = false;
  const kept = list.flatMap((item) => {
    if (isEmpty(item)) return [];
    if (!isMap(item) && keepsOthers) return [item];
    if (!hasValues(item, names, values)) return values.length > 0 ? [item] : [];
    found = true;
    return element === undefined ? [] : [element];
  });
  if (element !== undefined && !found) kept.push(element);
  list.length = 0;
  for (const item of kept) list.push(item);
}

function hasValues(item: unknown, names: Texts, values: Texts): boolean {
  if (values.length === 0) return false;
  return names.every((name, at) => {
    const value = values[Math.min(at, values.length - 1)]!;
    const asked = at < values.length ? name : names[values.length - 1]!;
    if (isMap(item) === (asked === "") || Array.isArray(item))
      throw new EditFailure(`wrong node kind: expected a ${asked === "" ? "scalar" : "map"} in a list`);
    if (!isMap(item)) return nodeText(item) === value;
    return Object.hasOwn(item, asked) && (value === "" || nodeText(item[asked]) === value);
  });
}

/** The first item with these values; empty ones are not asked for while another is given. */
function findItem(list: readonly unknown[], names: Texts, values: Texts): unknown {
  if (names[0] === "") return list.find((item) => nodeText(item) === values[0]);
  const anyValue = values.some((value) => value !== "");
  return list.find(
    (item) =>
      isMap(item) &&
      names.every((name, at) => {
        if (anyValue && values[at] === "") return true;
        return Object.hasOwn(item, name) && nodeText(item[name]) === values[at];
      }),
  );
}

function distinctRows(items: readonly unknown[], keys: Texts): string[][] {
  const rows = new Map<string, string[]>();
  for (const item of items) {
    const row = keys.map((key) => (key === "" ? nodeText(item) : isMap(item) ? scalarText(item[key]) : ""));
    const text = row.length === 1 ? row[0]! : JSON.stringify(row);
    if (!rows.has(text)) rows.set(text, row);
  }
  return [...rows.values()];
}

/** Rows that differ only where one of them is empty count as one item. */
function fillGaps(rows: string[][]): void {
  for (const [at, row] of rows.entries()) {
    for (const [otherAt, other] of rows.entries()) {
      const fits = row.every((text, column) => text === other[column] || text === "" || other[column] === "");
      if (!fits || !row.some((text, column) => text === other[column])) continue;
      const filled = row.map((text, column) => text || other[column]!);
      rows[at] = filled;
      rows[otherAt] = filled;
    }
  }
}
