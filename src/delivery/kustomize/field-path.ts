import { cutEnd } from "../../contract/cut.ts";
import { type Change, type Data, isMap, markText, own, scalarText, withEntry } from "./data.ts";
import { EditFailure } from "./failures.ts";
import { compile } from "./regex.ts";

/** Splits `spec.a.[name=b.c].[d.e]`; dots in brackets are of one part, which without `=` is a plain key. */
export function splitFieldPath(path: string): string[] {
  const split = path
    .replaceAll("\\.", "\0")
    .split(".")
    .map((part) => part.replaceAll("\0", "."));
  if (split.length > 1 && split[0] === "") split.shift();
  const parts: string[] = [];
  for (let index = 0; index < split.length; index++) {
    let part = split[index]!;
    if (part.startsWith("[") && !part.endsWith("]")) {
      while (!part.endsWith("]") && index + 1 < split.length) part += `.${split[++index]}`;
      if (!part.includes("=")) part = cutEnd(part.replace(/^[[\]]+/, ""), "[]");
    }
    parts.push(part);
  }
  return parts;
}

const isIndex = (part: string) => /^\d+$/.test(part);

/** `[key=value]`; without a key it asks for the item itself. */
function splitEntry(part: string): { key: string; value: string } | undefined {
  const [, key, value] = /^\[([^=\]]*)=(.*)\]$/.exec(part) ?? [];
  return key === undefined ? undefined : { key, value: value! };
}

function textOf(item: unknown, key: string): string | undefined {
  const value = key === "" ? item : own(item, key);
  return value === undefined ? undefined : scalarText(value);
}

/** The value at a path without wildcards; undefined when there is none. */
export function readField(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((current, part) => {
    const entry = splitEntry(part);
    if (!entry && !isIndex(part)) return own(current, part);
    if (!Array.isArray(current)) return undefined;
    if (!entry) return current[Number(part)];
    return current.find((one) => textOf(one, entry.key) === entry.value);
  }, value);
}

/** The path to the value that a path finds now, with indexes in the place of `[key=value]`. */
export function resolveFieldPath(value: unknown, path: readonly string[]): string[] {
  let current = value;
  return path.map((part) => {
    const entry = splitEntry(part);
    const step =
      entry && Array.isArray(current)
        ? String(current.findIndex((one) => textOf(one, entry.key) === entry.value))
        : part;
    current = readField(current, [step]);
    return step;
  });
}

/** The keys on the way of a resolved path. */
export function keysOf(path: readonly string[]): string[] {
  return path.filter((part) => !isIndex(part));
}

interface Edit {
  /** Whether what is missing on the way is made. */
  create: boolean;
  /** Gets undefined for a value that is made. */
  edit: Change;
}

/** A new value, and how many places of it were reached. */
interface Edited {
  value: unknown;
  count: number;
}

/** Replaces every value a path reaches (`*` and `[key=regex]` reach several). Throws `EditFailure`. */
export function editFields(value: unknown, path: readonly string[], how: Edit): Edited {
  const [part, ...rest] = path;
  if (part === undefined) return { value: how.edit(value), count: 1 };
  if (part.startsWith("[") && !splitEntry(part)) throw new EditFailure(`no list entry: ${part}`);
  // Below a null kustomize makes nothing, and takes the field for found.
  if (value === null && how.create) return { value, count: 1 };
  if (part === "*" || isIndex(part) || part.startsWith("[")) return editItems(value, part, rest, how);
  if (value !== null && !isMap(value)) throw new EditFailure(`wrong node kind at ${part}`);
  const map: Data = value ?? {};
  const isThere = Object.hasOwn(map, part);
  if (!isThere && !how.create) return { value, count: 0 };
  const inner = editFields(isThere ? map[part] : startOf(rest), rest, how);
  return { value: inner.count === 0 ? value : withEntry(map, part, inner.value), count: inner.count };
}

/** What is made where a path goes on like this. */
function startOf(rest: readonly string[]): unknown {
  if (rest[0] === undefined) return undefined;
  return isIndex(rest[0]) || rest[0].startsWith("[") ? [] : {};
}

function editItems(value: unknown, part: string, rest: readonly string[], how: Edit): Edited {
  const { create } = how;
  if (!Array.isArray(value)) throw new EditFailure(`wrong node kind at ${part}`);
  const match = matcherOf(part);
  if (isIndex(part) && Number(part) >= value.length + (create ? 1 : 0)) {
    throw new EditFailure(`index ${part} specified but only ${value.length} elements found`);
  }
  const grows = isIndex(part) && Number(part) === value.length;
  let list = grows ? [...value, startOf(rest)] : value;
  if (create && part.startsWith("[") && !list.some(match)) list = [...list, newItem(part)];
  let count = 0;
  const changed = list.map((item, index) => {
    if (!match(item, index)) return item;
    const inner = editFields(item, rest, how);
    count += inner.count;
    return inner.value;
  });
  return { value: count === 0 ? value : changed, count };
}

function matcherOf(part: string): (item: unknown, index: number) => boolean {
  if (part === "*") return () => true;
  if (isIndex(part)) return (_, index) => index === Number(part);
  const entry = splitEntry(part);
  if (!entry) throw new EditFailure(`no list entry: ${part}`);
  const regex = compile(entry.value);
  if (regex === undefined) throw new EditFailure(`invalid regular expression: ${entry.value}`);
  return (item) => {
    const text = textOf(item, entry.key);
    return text !== undefined && regex.test(text);
  };
}

/** Its value is written without a tag, so that `[name=1]` holds the number 1. */
function newItem(part: string): unknown {
  const [key, text] = part.slice(1, -1).split(/=(.*)/s) as [string, string];
  const value = markText("untyped", text);
  return key === "" ? value : { [key]: value };
}
