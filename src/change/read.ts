import { groupKindOf, inCluster, isFluxElsewhere, keyOfObject, type ObjectKey, splitKey } from "../admission/key.ts";
import { getOrMake } from "../contract/group-by.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { groupOf } from "../delivery/kinds.ts";
import { COPY_FROM, listFilled, readFilled } from "../delivery/resource-set/filled.ts";
import { isMap } from "../yaml/is-map.ts";
import { fieldsOf, groupOfKind } from "./fields.ts";
import { withOpenHash } from "./generated-names.ts";
import { remoteOf } from "./kube-config.ts";
import type { ReferenceField } from "./reference-field.ts";
import type { OwnedObject } from "./types.ts";

/** That an object needs another one. */
export interface Reference {
  /** `spec.dependsOn`, as findings name it. */
  field: string;
  /** The way to it in the document. */
  path: readonly (string | number)[];
  target: ObjectKey;
  /** Others may make it as well; see `ReferenceField`. */
  soft?: true;
  /** It does without, and then says something else. */
  optional?: true;
  /** Only a slip in it is told; see `ReferenceField`. */
  slip?: true;
}

/** By what fills in defaults, and the document: several builds may share that. */
const caches = new WeakMap<object, WeakMap<object, Map<string, readonly Reference[]>>>();
const asIs = (text: string): string => text;
/** What `settle` is where nothing fills in variables: they count as the text that they are. */
export const literally = (text: string): string => text;

/** Everything an object needs and names in full; what is optional, or holds a variable without a value, is left out. */
export function listReferences(object: OwnedObject): readonly Reference[] {
  return listAll(object).filter(({ optional, slip }) => !optional && !slip);
}

/** With what it names and does not need, for slips in it. */
export function listReferencesAndSlips(object: OwnedObject): readonly Reference[] {
  return listAll(object).filter(({ optional }) => !optional);
}

/** With what it takes values from if it is there. What a FluxKustomization substitutes is judged by its variables. */
export function listReferencesAndOptional(object: OwnedObject): readonly Reference[] {
  return listAll(object).filter(
    ({ optional, slip, field }) => !slip && !(optional && field.includes("substituteFrom")),
  );
}

function listAll(object: OwnedObject): readonly Reference[] {
  const { follows = [] } = object;
  const all = listWritten(object);
  return follows.length === 0 ? all : all.map((one) => ({ ...one, target: withOpenHash(one.target, follows) }));
}

/** In another cluster pods need what is there, like all that is no object of Flux. */
function listWritten({ key, namespace, body, made, settle = asIs }: OwnedObject): readonly Reference[] {
  const fields = fieldsOf(groupKindOf(key));
  if ((fields.length === 0 && !made) || !isMap(body) || isFluxElsewhere(key)) return [];
  const { remote } = splitKey(key);
  const cache = getOrMake(caches, settle, () => new WeakMap<object, Map<string, readonly Reference[]>>());
  const known = getOrMake(cache, body, () => new Map<string, readonly Reference[]>());
  return getOrMake(known, `${namespace}|@${remote}`, () => {
    const here = fields.flatMap((field) => readField(field, body, { namespace, settle }));
    const all = remote === "" ? here : here.map((one) => ({ ...one, target: inCluster(one.target, remote) }));
    return made ? [...all, ...listMade(key, body)] : all;
  });
}

/** Whether the operator fills in the data of an object before it applies it. */
export function isCopied({ body, made }: OwnedObject): boolean {
  return made !== undefined && body?.metadata?.annotations?.[COPY_FROM] !== undefined;
}

/** What a ResourceSet fills an object from, or prints the checksum of. */
function listMade(key: ObjectKey, body: YamlData): Reference[] {
  const { group, kind } = splitKey(key);
  return listFilled(body, group === "" ? kind : undefined).flatMap((one): Reference[] => {
    const { kind, namespace = "", name = "" } = readFilled(one) ?? {};
    if (!kind || !isPlain(name) || !isPlain(namespace)) return [];
    const field = one.path.filter((step) => typeof step === "string").join(".");
    return [{ field, path: one.path, target: keyOfObject({ apiVersion: "v1", kind, namespace, name }) }];
  });
}

interface Around {
  /** The namespace that the object is in. */
  namespace: string;
  settle: (text: string) => string;
}

function readField(row: ReferenceField, body: YamlData, around: Around): Reference[] {
  // Flux waits for all that it applies then, and reads no list of its own.
  if (row.awaited === "without-wait" && body.spec?.wait === true) return [];
  return walk(body, row.field).flatMap(({ value, path }) => {
    const named = targetOf(row, value, around);
    const remote = row.there ? remoteOf(body.spec, around.namespace) : "";
    if (named === undefined || (remote !== "" && row.there === "name")) return [];
    const target = inCluster(named, remote);
    const soft = row.soft ? { soft: true as const, ...(row.slip ? { slip: true as const } : {}) } : {};
    const optional = value?.optional === true ? { optional: true as const } : {};
    return [{ field: row.field.replaceAll("[]", ""), path, target, ...soft, ...optional }];
  });
}

/** The object that a place of a field names, if it names one. */
function targetOf(row: ReferenceField, value: YamlData, { namespace: own, settle }: Around): ObjectKey | undefined {
  const isText = row.name === "itself";
  const written = isText ? value : value?.[row.name ?? "name"];
  const name = typeof written === "string" ? settle(written) : written;
  const kind = (isText ? undefined : value?.kind) ?? row.kind;
  if (typeof name !== "string" || typeof kind !== "string") return undefined;
  if ((row.only && !row.only.includes(kind)) || row.not?.includes(kind)) return undefined;
  // Flux looks for one without a name, too, and never finds it.
  const literal = settle === literally ? name.replaceAll("${", "") : name;
  const isNamed = isPlain(literal) || (name === "" && !isText && !row.soft && row.of.includes(".fluxcd.io|"));
  const namespace = row.far && typeof value.namespace === "string" ? value.namespace : row.awaited ? "" : own;
  if (!isNamed || !isPlain(namespace || (row.awaited && row.soft ? "none" : ""))) return undefined;
  const group = row.ofAnyGroup ? groupOf(value.apiVersion ?? "apps/v1") : groupOfKind(kind);
  if (group === undefined) return undefined;
  return keyOfObject({ apiVersion: `${group}/v1`.replace(/^\//, ""), kind, namespace, name });
}

/** `*` names all there are. */
function isPlain(name: string): boolean {
  return name !== "" && !/[$*<\s]/.test(name);
}

interface Found {
  value: YamlData;
  path: (string | number)[];
}

/** Every place of a field, such as `spec.dependsOn[].name`. */
export function walk(body: YamlData, field: string): Found[] {
  let found: Found[] = [{ value: body, path: [] }];
  for (const step of field.split(".")) {
    const isList = step.endsWith("[]");
    const name = isList ? step.slice(0, -2) : step;
    found = found.flatMap(({ value, path }) => {
      const next = isMap(value) ? value[name] : undefined;
      if (!isList) return next === undefined || next === null ? [] : [{ value: next, path: [...path, name] }];
      return itemsOf(next).map((item, i) => ({ value: item, path: [...path, name, i] }));
    });
  }
  return found;
}
