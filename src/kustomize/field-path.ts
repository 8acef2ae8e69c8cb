import { type Data, isMap, scalarText, withEntry } from "./data.ts";

/** A field path that cannot be followed the way it is written. */
export class PathFailure extends Error {}

/** Splits `spec.a.[name=b.c].d`; a dot inside brackets or behind a backslash separates nothing. */
export function splitFieldPath(path: string): string[] {
  const parts: string[] = [];
  let current = "";
  let depth = 0;
  for (let index = 0; index < path.length; index++) {
    const char = path[index]!;
    if (char === "\\" && path[index + 1] === ".") {
      current += ".";
      index++;
    } else if (char === "." && depth === 0) {
      parts.push(current);
      current = "";
    } else {
      if (char === "[") depth++;
      if (char === "]") depth--;
      current += char;
    }
  }
  return [...parts, current].filter((part) => part !== "");
}

/** The value at a path without wildcards; undefined when there is none. */
export function readField(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((current, part) => {
    if (isMap(current)) return current[part];
    if (!Array.isArray(current)) return undefined;
    const match = listMatcher(part);
    if (match) return current.find(match);
    return /^\d+$/.test(part) ? current[Number(part)] : undefined;
  }, value);
}

/**
 * Replaces every value a path reaches (`*` and `[key=regex]` reach several). `create` makes missing map fields.
 * Returns the new value and how many were reached. Throws `PathFailure`.
 */
export function editFields(
  value: unknown,
  path: readonly string[],
  create: boolean,
  edit: (old: unknown) => unknown,
): { value: unknown; count: number } {
  const [part, ...rest] = path;
  if (part === undefined) return { value: edit(value), count: 1 };
  if (Array.isArray(value)) return editItems(value, part, rest, create, edit);
  if (part === "*" || listMatcher(part) || (!isMap(value) && value !== undefined && value !== null)) {
    throw new PathFailure(`wrong node kind at ${part}`);
  }
  const map: Data = isMap(value) ? value : {};
  if (!create && (map[part] === undefined || map[part] === null)) {
    const leaf = rest.length === 0 && part in map;
    return leaf ? { value: withEntry(map, part, edit(null)), count: 1 } : { value, count: 0 };
  }
  const inner = editFields(map[part], rest, create, edit);
  return { value: inner.count === 0 ? value : withEntry(map, part, inner.value), count: inner.count };
}

function editItems(
  list: readonly unknown[],
  part: string,
  rest: readonly string[],
  create: boolean,
  edit: (old: unknown) => unknown,
): { value: unknown; count: number } {
  const match = part === "*" ? () => true : listMatcher(part);
  if (!match && !/^\d+$/.test(part)) throw new PathFailure(`wrong node kind at ${part}`);
  if (!match && Number(part) >= list.length + (create ? 1 : 0)) {
    throw new PathFailure(`index ${part} specified but only ${list.length} elements found`);
  }
  const items = !match && Number(part) === list.length ? [...list, undefined] : list;
  let count = 0;
  const changed = items.map((item, index) => {
    if (match ? !match(item) : index !== Number(part)) return item;
    const inner = editFields(item, rest, create, edit);
    count += inner.count;
    return inner.value;
  });
  return { value: count === 0 ? list : changed, count };
}

function listMatcher(part: string): ((item: unknown) => boolean) | undefined {
  const found = /^\[([^=\]]*)=(.*)\]$/.exec(part);
  if (!found) return undefined;
  const [, key, pattern] = found as unknown as [string, string, string];
  const regex = new RegExp(pattern);
  return (item) => {
    const value = key === "" ? item : isMap(item) ? item[key] : undefined;
    return value !== undefined && regex.test(scalarText(value));
  };
}
