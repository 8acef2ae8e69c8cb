import type { Loc } from "../../contract/errors.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { effectiveNamespace } from "./builtin-kinds.ts";
import { type Data, mapAt, scalarText, textEntries } from "./data.ts";
import { BuildError } from "./failures.ts";
import { isSelected } from "./field-spec.ts";
import { allIds, type Item, idKey, originalId, splitApiVersion } from "./item.ts";
import { compile } from "./regex.ts";
import type { Id } from "./types.ts";

/** A patch target compiled: name and namespace match the original or the current id, the rest the current one. */
export function compileTarget(target: Data, at: Loc): (item: Item) => boolean {
  const matcher = (key: string): ((value: string) => boolean) => {
    const pattern = scalarText(target[key]);
    if (pattern === "") return () => true;
    // A name, as nearly all are: to run a pattern for each pair of patch and object takes a hundred times as long.
    if (/^[\w-]+$/.test(pattern)) return (value) => value === pattern;
    const regex = compile(`^(?:${pattern})$`);
    if (regex === undefined) throw new BuildError(at, `invalid regular expression in patch target: ${pattern}`);
    return (value) => regex.test(value);
  };
  const [group, version, kind, name, namespace] = ["group", "version", "kind", "name", "namespace"].map(matcher);
  return (item) => {
    if (!name!(item.name) && !name!(item.previous[0]?.name ?? item.name)) return false;
    const original = originalId(item);
    const [itemGroup, itemVersion] = splitApiVersion(item.apiVersion);
    return (
      (namespace!(effectiveNamespace(original)) || namespace!(effectiveNamespace(item))) &&
      group!(itemGroup) &&
      version!(itemVersion) &&
      kind!(item.kind) &&
      selects(target.labelSelector, item, "labels", at) &&
      selects(target.annotationSelector, item, "annotations", at)
    );
  };
}

/** Whether labels meet a selector in kubectl's syntax; undefined when it does not parse. */
export function meetsSelector(selector: string, labels: Readonly<Record<string, string>>): boolean | undefined {
  const found = splitSelector(selector).map((part) => meets(part.trim(), labels));
  return found.includes(undefined) ? undefined : !found.includes(false);
}

/** Whether the labels or annotations of an object match a selector in kubectl's syntax; an empty one matches all. */
export function selects(selector: unknown, item: Item, field: "labels" | "annotations", at: Loc): boolean {
  const pairs = mapAt(item.body, "metadata")[field];
  if (Array.isArray(pairs) && pairs.length > 0)
    throw new BuildError(at, `kustomize crashes on ${field} that are a list`);
  const text = scalarText(selector);
  if (text.trim() === "") return true;
  const texts = Object.fromEntries(textEntries(pairs));
  const found = meetsSelector(text, texts);
  if (found === undefined) throw new BuildError(at, `unable to parse selector: ${text}`);
  return found;
}

/** The requirements of a selector; a comma in parentheses parts values. */
function splitSelector(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  let close = -1;
  for (let comma = text.indexOf(","); comma >= 0; comma = text.indexOf(",", comma + 1)) {
    if (close < comma) close = nextBracket(text, comma);
    if (text[close] === ")") continue;
    parts.push(text.slice(start, comma));
    start = comma + 1;
  }
  return [...parts, text.slice(start)];
}

function nextBracket(text: string, from: number): number {
  for (let at = from; at < text.length; at++) if (text[at] === "(" || text[at] === ")") return at;
  return text.length;
}

/** How replacements select: exact values, `''` for any. */
export function isSelectedBy(id: Id, selector: Data): boolean {
  const [group, version, kind, name, namespace] = ["group", "version", "kind", "name", "namespace"].map((key) =>
    scalarText(selector[key]),
  );
  return (
    isSelected(id, { group: group!, version: version!, kind: kind! }) &&
    (name === "" || name === id.name) &&
    (namespace === "" || namespace === effectiveNamespace(id))
  );
}

/** Indexes of the objects that have or had an id. */
export function findById(items: readonly (Item | undefined)[], id: Id): number[] {
  const key = idKey(id);
  const found: number[] = [];
  for (const [index, item] of items.entries()) if (item && idKeysOf(item).includes(key)) found.push(index);
  return found;
}

/** The same for many ids, looked up: `note` is told of each object that is put in the place of another one. */
export function indexIds(items: readonly (Item | undefined)[]) {
  const places = new Map<string, Set<number>>();
  const note = (index: number) => {
    const item = items[index];
    if (item) for (const key of idKeysOf(item)) getOrMake(places, key, () => new Set()).add(index);
  };
  for (const index of items.keys()) note(index);
  const find = (id: Id): number[] => {
    const key = idKey(id);
    const has = (item: Item | undefined) => item !== undefined && idKeysOf(item).includes(key);
    return [...(places.get(key) ?? [])].filter((index) => has(items[index]));
  };
  return { find, note };
}

/** Each patch asks each object; none of them changes. */
const idKeys = new WeakMap<Item, readonly string[]>();

function idKeysOf(item: Item): readonly string[] {
  return getOrMake(idKeys, item, () => allIds(item).map(idKey));
}

const name = "[\\w./-]+";
const patterns = {
  set: new RegExp(`^(${name})\\s+(in|notin)\\s*\\(([^()]*)\\)$`),
  compare: new RegExp(`^(${name})\\s*(==|=|!=|>|<)\\s*([\\w./-]*)$`),
  exists: new RegExp(`^(!?)\\s*(${name})$`),
};

/** Whether texts meet one requirement of a selector; undefined when it does not parse. */
function meets(part: string, texts: Readonly<Record<string, string>>): boolean | undefined {
  const read = (key: string) => (Object.hasOwn(texts, key) ? texts[key] : undefined);
  const set = patterns.set.exec(part);
  if (set) {
    const value = read(set[1]!);
    const listed = value !== undefined && set[3]!.split(",").some((item) => item.trim() === value);
    return set[2] === "in" ? listed : !listed;
  }
  const compare = patterns.compare.exec(part);
  if (compare) {
    const value = read(compare[1]!);
    const wanted = compare[3]!;
    if (compare[2] === "!=") return value !== wanted;
    if (compare[2] === ">") return value !== undefined && Number(value) > Number(wanted);
    if (compare[2] === "<") return value !== undefined && Number(value) < Number(wanted);
    return value === wanted;
  }
  const exists = patterns.exists.exec(part);
  if (!exists) return undefined;
  return (read(exists[2]!) !== undefined) === (exists[1] === "");
}
