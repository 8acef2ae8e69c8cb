import { itemsOf, type YamlData } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import { pushAll } from "../contract/push-all.ts";
import { compile } from "../delivery/kustomize/regex.ts";
import { isMap } from "../yaml/is-map.ts";
import { isOpenText } from "./open-text.ts";
import type { Refusal } from "./refusal.ts";
import { isAside, sayType } from "./refused.ts";
import { cut, show } from "./refused-words.ts";

/** What of an object its own definition does not take. */
export interface Misfit extends Pick<Refusal, "path" | "what"> {
  /** What is there already and stays as it is may go on being so (`KEP-4008`, on by default since Kubernetes 1.30). */
  isSpared: boolean;
}

const PRESERVED = "x-kubernetes-preserve-unknown-fields";
/** What every object has, and nobody writes. */
const TOP = new Set(["apiVersion", "kind", "metadata", "status"]);
const EMBEDDED = new Set(["apiVersion", "kind", "metadata"]);

/** The schema of the version that an object is written in. */
export function schemaIn(definition: YamlData, apiVersion: unknown): YamlData {
  const { group, versions, preserveUnknownFields } = definition?.spec ?? {};
  if (preserveUnknownFields === true) return undefined;
  const version = itemsOf(versions).find(({ name }) => `${group}/${name}` === apiVersion);
  return version?.served === true ? version.schema?.openAPIV3Schema : undefined;
}

/**
 * Fields that a structural schema does not have, which a server-side apply refuses ("field not declared in schema"), those that
 * it wants and that are not there, and values that are of another type, none of its words or beyond its bounds (Kubernetes:
 * Extend the API with CustomResourceDefinitions, Specifying a structural schema, Field pruning, Validation). What stands in
 * `anyOf` and its like is not looked at.
 * @param isWhole false where a patch that cannot be read may have set what is missing
 */
export function findMisfits(body: YamlData, schema: YamlData, isWhole: boolean): Misfit[] {
  const found: Misfit[] = [];
  const queue: Place[] = [{ node: schema, value: body, path: [] }];
  for (const place of queue) {
    const { node, value } = place;
    if (!isMap(node) || value === null || value === undefined || isOpenText(value)) continue;
    const other = findOtherType(place);
    if (other !== undefined) {
      found.push(other);
      continue;
    }
    if (isMap(value)) pushAll(found, [...findUndeclared(place), ...(isWhole ? findAbsent(place) : [])]);
    else pushAll(found, [...(Array.isArray(value) ? [] : findOtherWord(place)), ...findBeyond(place)]);
    pushAll(queue, listBelow(place));
  }
  return found;
}

/** A value, and what the schema says of it. */
interface Place {
  node: YamlData;
  value: YamlData;
  path: Refusal["path"];
}

function listBelow({ node, value, path }: Place): Place[] {
  const { items, additionalProperties } = node;
  if (Array.isArray(value))
    return isMap(items) ? value.map((one: YamlData, at) => ({ node: items, value: one, path: [...path, at] })) : [];
  return listFields({ node, value, path }).flatMap(([name, one]) => {
    const own = declaredIn(node, name) ?? (isMap(additionalProperties) ? additionalProperties : undefined);
    return own === undefined ? [] : [{ node: own, value: one, path: [...path, name] }];
  });
}

/** Fields of a map; of an object not those that every one has. */
function listFields({ value, path }: Place): [string, YamlData][] {
  return isMap(value) ? Object.entries(value).filter(([name]) => path.length > 0 || !TOP.has(name)) : [];
}

function declaredIn({ properties }: YamlData, name: string): YamlData {
  return isMap(properties) && Object.hasOwn(properties, name) ? properties[name] : undefined;
}

function findUndeclared(place: Place): Misfit[] {
  const { node, path } = place;
  const { properties, additionalProperties } = node;
  const isOpen = node[PRESERVED] === true || !isMap(properties) || additionalProperties === true;
  if (isOpen || path.length === 0 || isMap(additionalProperties)) return [];
  const isKnown = (name: string) =>
    declaredIn(node, name) !== undefined ||
    isOpenText(name) ||
    isAside(name) ||
    (node["x-kubernetes-embedded-resource"] === true && EMBEDDED.has(name));
  const other = listFields(place).filter(([name]) => !isKnown(name));
  return other.map(([name]) => ({ path: [...path, name], what: "is no field there", isSpared: false }));
}

function findAbsent({ node, value, path }: Place): Misfit[] {
  if (Object.keys(value).some(isOpenText)) return [];
  const isThere = (name: string) => {
    const own = declaredIn(node, name);
    const isNull = value[name] === null && own?.nullable === true;
    return isNull || (value[name] ?? own?.default ?? undefined) !== undefined;
  };
  const wanted = itemsOf(node.required).map(String);
  const absent = wanted.filter((name) => !isThere(name) && (path.length > 0 || !TOP.has(name)));
  return absent.map((name) => ({ path: [...path, name], what: "is missing", isSpared: true }));
}

/** The types of OpenAPI, and how they are called where a value is of another one. */
const TYPES: Readonly<Record<string, readonly [says: string, is: (value: unknown) => boolean]>> = {
  string: ["text", (value) => typeof value === "string"],
  integer: ["a whole number", (value) => Number.isInteger(value)],
  number: ["a number", (value) => typeof value === "number"],
  boolean: ["true or false", (value) => typeof value === "boolean"],
  array: ["a list", (value) => Array.isArray(value)],
  object: ["a map", (value) => isMap(value)],
};

/** A server-side apply refuses it, whatever is there: "expected string, got 1". */
function findOtherType({ node, value, path }: Place): Misfit | undefined {
  const type = path.length > 0 && !node["x-kubernetes-int-or-string"] ? ofOwn(TYPES, String(node.type)) : undefined;
  return !type || type[1](value)
    ? undefined
    : { path, what: `has to be ${type[0]}, not ${sayType(value)},`, isSpared: false };
}

/** Numbers, texts and lists that are too small, too large, or not of the form that is asked for. */
function findBeyond({ node, value, path }: Place): Misfit[] {
  const [size, unit, bounds] = measure(value);
  const [least, most]: unknown[] = [node[`min${bounds}`], node[`max${bounds}`]];
  const isAbove = node.exclusiveMinimum === true && unit === "";
  const isBelow = node.exclusiveMaximum === true && unit === "";
  const has = unit === "" ? show(String(value)) : `${size}`;
  const say = (what: string) => [{ path, what: `has to be ${what}, and is ${has}`, isSpared: true }];
  if (typeof least === "number" && (isAbove ? size <= least : size < least))
    return say(`${isAbove ? "more than" : "at least"} ${least}${unit}`);
  if (typeof most === "number" && (isBelow ? size >= most : size > most))
    return say(`${isBelow ? "less than" : "at most"} ${most}${unit}`);
  const regex = typeof value === "string" && typeof node.pattern === "string" ? compile(node.pattern) : undefined;
  return regex?.test(value) === false
    ? [{ path, what: `has to match ${cut(node.pattern)}, and is ${show(value)}`, isSpared: true }]
    : [];
}

/** How large a value is, in what, and how the fields for its bounds end. */
function measure(value: YamlData): [size: number, unit: string, bounds: string] {
  if (typeof value === "number") return [value, "", "imum"];
  return typeof value === "string" ? [[...value].length, " letters", "Length"] : [value?.length, " items", "Items"];
}

function findOtherWord({ node, value, path }: Place): Misfit[] {
  const { enum: words }: YamlData = node;
  if (!Array.isArray(words) || words.length === 0 || words.includes(value)) return [];
  const what = `has to be one of ${cut(words.join(", "))}, and is ${show(String(value))}`;
  return [{ path, what, isSpared: true }];
}
