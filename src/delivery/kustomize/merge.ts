import { fieldOf, type Schema, schemaOf } from "./builtin-kinds.ts";
import { type Data, isMap, markOf, own, scalarText } from "./data.ts";
import { EditFailure } from "./failures.ts";
import { joinLists, setItem } from "./merge-list.ts";
import { pathTo, type Texts } from "./source-text.ts";

/** A null of the object that the patch does not mention: it stays, other nulls go. */
const keptNull = Symbol("null");

type Mutable = Record<string, unknown>;
type Maybe<T> = T | null | undefined;

/**
 * Strategic merge as kustomize 5.5 does it (kyaml's `merge2` and `walk`), its deviations from Kubernetes included: null
 * deletes, of the directives only `$patch` is known, patched items of a list come before the others. Undefined when the
 * object itself is deleted. `texts` says how both are written. Throws `EditFailure`.
 */
export function mergeObject(target: Data, patch: Data, texts: Texts): Data | undefined {
  const merged = merge(copyTree(target), copyTree(patch), undefined, texts, "") as Data | undefined;
  // kustomize puts the patch in the object's place and then keeps the object.
  return patch.$patch === "replace" ? target : merged;
}

/** A copy to change in place. Parts that are one (an alias, what a JSON patch has copied) become parts of their own. */
function copyTree<T>(value: T): T {
  if (Array.isArray(value)) return value.map(copyTree) as T;
  if (!isMap(value)) return value;
  const copy: Mutable = { ...value };
  for (const key of Object.keys(copy)) {
    const item = copy[key];
    if (typeof item === "object" && item !== null) copy[key] = copyTree(item);
  }
  return copy as T;
}

/**
 * Joins two values in place; `undefined` stands for what is missing. A part that only the patch has is merged with itself:
 * that carries out the directives in it.
 */
function merge(target: unknown, patch: unknown, known: Schema | undefined, texts: Texts, path: string): unknown {
  const kind = kindOf(target) ?? kindOf(patch);
  const other = kindOf(patch) ?? kind;
  if (other !== kind) throw new EditFailure(`wrong node kind: expected ${kind} but got ${other}`);
  if (kind === "map")
    return mergeMaps(target as Maybe<Mutable>, patch as Maybe<Mutable>, known ?? typeOf(target, patch), texts, path);
  if (kind === "list" && known?.keys)
    return mergeLists(target as Maybe<unknown[]>, patch as Maybe<unknown[]>, known, texts, path);
  if (kind === undefined && target === null && patch === undefined) return texts.isBlank(path) ? undefined : keptNull;
  if (patch === undefined) return markOf(target) === "untyped" ? scalarText(target) : target;
  return kind === "scalar" ? keepQuotes(target, patch, texts, path) : patch;
}

/** kustomize keeps the style of the scalar it replaces: a number or boolean over a quoted text is quoted, and so a text. */
function keepQuotes(old: unknown, value: unknown, texts: Texts, path: string): unknown {
  if (typeof old !== "string" || (typeof value !== "number" && typeof value !== "boolean")) return value;
  return texts.isQuoted(path, old) ? texts.textOf(path, value) : value;
}

function mergeMaps(
  target: Maybe<Mutable>,
  patch: Maybe<Mutable>,
  schema: Schema | undefined,
  texts: Texts,
  path: string,
) {
  const isNew = target === null || target === undefined;
  if (!isNew && patch === null) return undefined;
  const directive = patch && takeDirective(patch, isNew);
  if (directive === "delete") return undefined;
  const result = isNew || directive === "replace" ? (patch as Mutable) : target;
  const others = Object.keys(result).filter((key) => !isSettled(key, result[key], patch));
  for (const key of [...new Set([...others, ...Object.keys(patch ?? {})])].sort()) {
    if (key === "") throw new EditFailure("a key is empty");
    const value = merge(own(result, key), own(patch, key), fieldOf(schema, key), texts, pathTo(path, key));
    if (value === keptNull) continue;
    if (value === undefined || value === null) delete result[key];
    else result[key] = value;
  }
  return result;
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
  texts: Texts,
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
