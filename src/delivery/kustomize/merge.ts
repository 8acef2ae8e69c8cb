import { fieldOf, type Schema, schemaOf } from "./builtin-kinds.ts";
import { type Data, isMap, markOf, own, scalarText } from "./data.ts";
import { EditFailure } from "./failures.ts";
import type { Grown, Held } from "./grown.ts";
import { joinLists, setItem } from "./merge-list.ts";
import { pathTo, type Texts } from "./source-text.ts";

/** A null of the object that the patch does not mention: it stays, other nulls go. */
const keptNull = Symbol("null");

type Mutable = Record<string, unknown>;
type Maybe<T> = T | null | undefined;

/** How both are written; `grown`: what of the object may be changed where it is. */
interface Way extends Texts {
  grown?: Grown | undefined;
}

/**
 * Strategic merge as kustomize 5.5 does it (kyaml's `merge2` and `walk`), its deviations from Kubernetes included: null
 * deletes, of the directives only `$patch` is known, patched items of a list come before the others. Undefined when the
 * object itself is deleted. `texts` says how both are written. Throws `EditFailure`.
 */
export function mergeObject(target: Data, patch: Data, texts: Texts, grown?: Grown): Data | undefined {
  // kustomize puts the patch in the object's place and then keeps the object.
  if (patch.$patch === "replace") {
    merge(copyTree(target), copyTree(patch), undefined, texts, "");
    return target;
  }
  const way = { ...texts, grown };
  return merge(copyTree(target, grown?.held), copyTree(patch), undefined, way, "") as Data | undefined;
}

/** A copy to change in place. Parts that are one (an alias, what a JSON patch has copied) become parts of their own. */
function copyTree<T>(value: T, held?: Held): T {
  if (Array.isArray(value)) return value.map((item) => copyTree(item)) as T;
  if (!isMap(value) || held?.has(value)) return value;
  const copy: Mutable = { ...value };
  for (const key of Object.keys(copy)) {
    const item = copy[key];
    if (typeof item === "object" && item !== null) copy[key] = copyTree(item, held);
  }
  return copy as T;
}

/**
 * Joins two values in place; `undefined` stands for what is missing. A part that only the patch has is merged with itself:
 * that carries out the directives in it.
 */
function merge(target: unknown, patch: unknown, known: Schema | undefined, texts: Way, path: string): unknown {
  const kind = kindOf(target) ?? kindOf(patch);
  const other = kindOf(patch) ?? kind;
  if (other !== kind) throw new EditFailure(`wrong node kind: expected ${kind} but got ${other}`);
  if (kind === "map")
    return mergeMaps(target as Maybe<Mutable>, patch as Maybe<Mutable>, known ?? typeOf(target, patch), texts, path);
  if (kind === "list" && known?.keys)
    return mergeLists(target as Maybe<unknown[]>, patch as Maybe<unknown[]>, known, copying(texts), path);
  if (kind === undefined && target === null && patch === undefined) return texts.isBlank(path) ? undefined : keptNull;
  if (patch === undefined) return markOf(target) === "untyped" ? scalarText(target) : target;
  return kind === "scalar" ? keepQuotes(target, patch, texts, path) : patch;
}

/** kustomize keeps the style of the scalar it replaces: a number or boolean over a quoted text is quoted, and so a text. */
function keepQuotes(old: unknown, value: unknown, texts: Way, path: string): unknown {
  if (typeof old !== "string" || (typeof value !== "number" && typeof value !== "boolean")) return value;
  return texts.isQuoted(path, old) ? texts.textOf(path, value) : value;
}

function mergeMaps(
  target: Maybe<Mutable>,
  patch: Maybe<Mutable>,
  schema: Schema | undefined,
  texts: Way,
  path: string,
) {
  const isNew = target === null || target === undefined;
  if (!isNew && patch === null) return undefined;
  const directive = patch && takeDirective(patch, isNew);
  if (directive === "delete") return undefined;
  const result = isNew || directive === "replace" ? (patch as Mutable) : target;
  // The top is made anew by each patch, and names are read from the metadata at once.
  const { grown } = texts;
  const open = grown?.held.get(result);
  const others = [...(open ?? Object.keys(result))].filter((key) => !isSettled(key, result[key], patch));
  const keys = [...new Set([...others, ...Object.keys(patch ?? {})])].sort();
  for (const key of keys) {
    if (key === "") throw new EditFailure("a key is empty");
    const old = own(result, key);
    const way = path === "" && key === "metadata" ? copying(texts) : texts;
    const item = open ? copyTree(old, grown!.held) : old;
    const value = merge(item, own(patch, key), fieldOf(schema, key), way, pathTo(path, key));
    if (value === keptNull || (open && value === old && value !== null)) continue;
    if (!open) set(result, key, value);
    else
      grown!.later.push(() => {
        set(result, key, value);
        noteOpen(open, result, key);
      });
  }
  if (grown && !open && path !== "") {
    const left = new Set<string>();
    for (const key of keys) noteOpen(left, result, key);
    grown.held.set(result, left);
  }
  return result;
}

const copying = (texts: Way): Way => (texts.grown ? { ...texts, grown: undefined } : texts);

function set(map: Mutable, key: string, value: unknown): void {
  if (value === undefined || value === null) delete map[key];
  else map[key] = value;
}

/** Notes whether the next merges have to look at a key. */
function noteOpen(open: Set<string>, map: Mutable, key: string): void {
  if (Object.hasOwn(map, key) && !isSettled(key, map[key], undefined)) open.add(key);
  else open.delete(key);
}

/** Whether nothing happens to a value: a text, number or boolean that the patch does not name. Most are, in each patch. */
function isSettled(key: string, value: unknown, patch: Maybe<Mutable>): boolean {
  if (key === "" || (patch && Object.hasOwn(patch, key))) return false;
  return typeof value === "string"
    ? markOf(value) !== "untyped"
    : typeof value === "number" || typeof value === "boolean";
}

/** Removes the directive of a patch; one that is not known stays where there is nothing to merge with. */
function takeDirective(patch: Mutable, isNew: boolean): string {
  if (!Object.hasOwn(patch, "$patch")) return "merge";
  const directive = scalarText(patch.$patch);
  if (["delete", "replace", "merge"].includes(directive)) delete patch.$patch;
  else if (!isNew) throw new EditFailure(`unknown patch strategy '${directive}'`);
  return directive;
}

function mergeLists(
  target: Maybe<unknown[]>,
  patch: Maybe<unknown[]>,
  schema: Schema,
  texts: Way,
  path: string,
): unknown {
  let result = target;
  if (target === null || target === undefined) result = patch;
  else if (patch === null) return undefined;
  else if (patch !== undefined) {
    const directive = takeListDirective(patch);
    if (directive === "delete") return undefined;
    if (directive === "replace") result = patch;
  }
  if (patch && holdsNullTwice(patch, schema.keys!)) texts.undecided("the nulls of a list that names an item twice");
  return joinLists(result as unknown[], patch ?? undefined, schema.keys!, (old, item) => {
    const merged = merge(old, item, schema.items, texts, path);
    return merged === keptNull ? null : merged;
  });
}

/** Whether an item with a null is named more than once. */
function holdsNullTwice(list: readonly unknown[], keys: readonly string[]): boolean {
  const named = list.filter(isMap);
  if (named.length < 2 || !named.some((item) => Object.values(item).includes(null))) return false;
  return new Set(named.map((item) => JSON.stringify(keys.map((key) => scalarText(item[key]))))).size < named.length;
}

/** A list's directive is an item that holds nothing else; all items with the same directive go with it. */
function takeListDirective(patch: unknown[]): string {
  const holder = patch.find((item) => isMap(item) && Object.hasOwn(item, "$patch")) as Data | undefined;
  if (holder === undefined || Object.keys(holder).length > 1) return "merge";
  const directive = scalarText(holder.$patch);
  if (!["delete", "replace", "merge"].includes(directive)) {
    throw new EditFailure(`unknown patch strategy '${directive}'`);
  }
  setItem(patch, ["$patch"], [directive]);
  return directive;
}

/** An embedded object that says its own kind is merged by that kind's schema. */
function typeOf(...values: unknown[]): Schema | undefined {
  for (const value of values) {
    const found = isMap(value) ? schemaOf(scalarText(value.apiVersion), scalarText(value.kind)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
}

function kindOf(value: unknown): "map" | "list" | "scalar" | undefined {
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return "list";
  return isMap(value) ? "map" : "scalar";
}
