import { type Data, isMap, scalarText, withEntry } from "./data.ts";
import { EditFailure } from "./failures.ts";

/** Splits `spec.a.[name=b.c].[d.e]`; what stands in brackets is one part, and without `=` it is a plain key. */
export function splitFieldPath(path: string): string[] {
  const split = path
    .replaceAll("\\.", "\0")
    .split(".")
    .map((part) => part.replaceAll("\0", "."));
  if (split.length > 1 && split[0] === "") split.shift();
  const parts: string[] = [];
  for (let index = 0; index < split.length; index++) {
    let part = split[index]!;
    if (part.startsWith("[")) {
      while (!part.endsWith("]") && index + 1 < split.length) part += `.${split[++index]}`;
      if (!part.includes("=")) part = part.replace(/^[[\]]+|[[\]]+$/g, "");
    }
    parts.push(part);
  }
  return parts;
}

const isIndex = (part: string) => /^\d+$/.test(part);

/** The value at a path without wildcards; undefined when there is none. */
export function readField(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((current, part) => {
    const item = /^\[([^=\]]*)=(.*)\]$/.exec(part);
    if (!item && !isIndex(part)) return isMap(current) && Object.hasOwn(current, part) ? current[part] : undefined;
    if (!Array.isArray(current)) return undefined;
    if (!item) return current[Number(part)];
    const [, key, wanted] = item as unknown as [string, string, string];
    return current.find((one) => {
      const found = key === "" ? one : isMap(one) && Object.hasOwn(one, key) ? one[key] : undefined;
      return found !== undefined && scalarText(found) === wanted;
    });
  }, value);
}

/**
 * Replaces every value a path reaches (`*` and `[key=regex]` reach several). `create` makes what is missing on the way;
 * `edit` gets undefined for a value that is made. Returns the new value and how many were reached. Throws `EditFailure`.
 */
export function editFields(
  value: unknown,
  path: readonly string[],
  create: boolean,
  edit: (old: unknown) => unknown,
): { value: unknown; count: number } {
  const [part, ...rest] = path;
  if (part === undefined) return { value: edit(value), count: 1 };
  if (part === "*" || isIndex(part) || part.startsWith("[")) return editItems(value, part, rest, create, edit);
  if (value !== null && !isMap(value)) throw new EditFailure(`wrong node kind at ${part}`);
  const map: Data = value ?? {};
  const isThere = Object.hasOwn(map, part);
  if (!isThere && !create) return { value, count: 0 };
  const inner = editFields(isThere ? map[part] : startOf(rest), rest, create, edit);
  return { value: inner.count === 0 ? value : withEntry(map, part, inner.value), count: inner.count };
}

/** What is made where a path goes on like this. */
function startOf(rest: readonly string[]): unknown {
  if (rest[0] === undefined) return undefined;
  return isIndex(rest[0]) || rest[0].startsWith("[") ? [] : {};
}

function editItems(
  value: unknown,
  part: string,
  rest: readonly string[],
  create: boolean,
  edit: (old: unknown) => unknown,
): { value: unknown; count: number } {
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
    const inner = editFields(item, rest, create, edit);
    count += inner.count;
    return inner.value;
  });
  return { value: count === 0 ? value : changed, count };
}

function matcherOf(part: string): (item: unknown, index: number) => boolean {
  if (part === "*") return () => true;
  if (isIndex(part)) return (_, index) => index === Number(part);
  const found = /^\[([^=\]]*)=(.*)\]$/.exec(part);
  if (!found) throw new EditFailure(`no list entry: ${part}`);
  const [, key, pattern] = found as unknown as [string, string, string];
  const regex = compile(pattern);
  return (item) => {
    const value = key === "" ? item : isMap(item) && Object.hasOwn(item, key) ? item[key] : undefined;
    return value !== undefined && regex.test(scalarText(value));
  };
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(pattern);
  } catch {
    throw new EditFailure(`invalid regular expression: ${pattern}`);
  }
}

function newItem(part: string): unknown {
  const [key, value] = part.slice(1, -1).split(/=(.*)/s) as [string, string];
  return key === "" ? value : { [key]: value };
}
