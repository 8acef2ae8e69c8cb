import { getOrMake } from "../contract/group-by.ts";
import type { YamlData } from "../contract/objects.ts";
import { standingOf } from "../release/flux-apis.ts";
import { fluxSchema, type SchemaNode, shapeOf } from "../release/flux-schemas.ts";
import { EMBEDDED_FLUX, parseFluxVersion } from "../release/releases.ts";
import { isMap } from "../yaml/is-map.ts";
import { findCoreSlips } from "./core-fields.ts";
import { checkCoreValues, checkMetadata } from "./core-values.ts";
import { isOpenText } from "./open-text.ts";
import { findNear } from "./references/near.ts";
import { breakRules } from "./refused-rules.ts";
import type { Refusal } from "./types.ts";

/** `spec.dependOn is no field there, but dependsOn is` */
export const sayRefusal = ({ path, what }: Refusal): string => `${path.join(".")} ${what}`;

const METADATA = new Set([
  ...["name", "generateName", "namespace", "labels", "annotations", "finalizers", "ownerReferences"],
  ...["creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "generation", "managedFields"],
  ...["resourceVersion", "selfLink", "uid", "clusterName"],
]);
/** Flux Operator patches these into the CRDs of Alert and Receiver. */
const OPERATOR_KINDS = new Set(["FluxInstance", "ResourceSet", "ResourceSetInputProvider"]);
/** What is said of a required field. */
export const MISSING = "is missing";
/** Of every object. */
const TOP = new Set(["apiVersion", "kind", "metadata", "spec", "status"]);
/** Longer texts are not tried against a pattern. */
const LONGEST = 300;

/**
 * Why the API server refuses an object when kustomize-controller tries it with a server-side apply: a field that its schema does
 * not have ("field not declared in schema", github.com/fluxcd/kustomize-controller/issues/699), another type, a required field
 * that is missing. Kinds of Flux and of its operator are known whole, a few of Kubernetes by slips of their fields.
 * @param isWhole false where a patch that cannot be read may have set what is missing
 */
export function findRefusals(body: YamlData, isWhole = true): Refusal[] {
  const found = listRefusals(body, isWhole);
  // What is missing because its name is misspelt is said once.
  const placeOf = (path: Refusal["path"], name: string | number | undefined) => [...path.slice(0, -1), name].join("\0");
  const meant = new Set(found.flatMap(({ path, near }) => (near === undefined ? [] : [placeOf(path, near)])));
  return found.filter(({ path, what }) => !(what.startsWith(MISSING) && meant.has(placeOf(path, path.at(-1)))));
}

function listRefusals(body: YamlData, isWhole: boolean): Refusal[] {
  if (!isMap(body) || body.sops !== undefined) return [];
  const { apiVersion, kind, metadata } = body as YamlData;
  const found: Refusal[] = [];
  if (typeof apiVersion !== "string")
    found.push({ path: ["apiVersion"], what: `has to be text, and is ${sayType(apiVersion)}` });
  for (const name of isMap(metadata) ? Object.keys(metadata) : []) {
    if (!METADATA.has(name)) found.push({ path: ["metadata", name], what: "is no field of metadata" });
  }
  found.push(...checkMetadata(body));
  const schema = fluxSchema(String(apiVersion), String(kind));
  if (schema === undefined) return [...found, ...findCoreSlips(body), ...checkCoreValues(body, isWhole)];
  const { apiVersion: _, kind: __, metadata: ___, status: ____, ...rest } = body as YamlData;
  const check = new Check(schema, isWhole, newerApi(String(apiVersion), String(kind)));
  check.look(schema, rest, []);
  return [...found, ...check.found, ...breakRules(body, isWhole)];
}

/** An API version, the newest one of its kind, and what that may hold; an old version gets no fields any more. */
interface Newer {
  old: string;
  api: string;
  schema: SchemaNode;
}

function newerApi(old: string, kind: string): Newer | undefined {
  const api = standingOf(old, kind, parseFluxVersion(EMBEDDED_FLUX.at(-1)!)!)?.newest;
  const schema = api === undefined ? undefined : fluxSchema(api, kind);
  return api === undefined || schema === undefined ? undefined : { old, api, schema };
}

class Check {
  readonly found: Refusal[] = [];
  readonly #schema: SchemaNode;
  readonly #isWhole: boolean;
  readonly #newer: Newer | undefined;

  constructor(schema: SchemaNode, isWhole: boolean, newer: Newer | undefined) {
    this.#schema = schema;
    this.#isWhole = isWhole;
    this.#newer = newer;
  }

  /** As deep as the schema is, however deep the object. */
  look(node: SchemaNode, value: YamlData, path: Refusal["path"]): void {
    if (value === null || value === undefined || isOpenText(value)) return;
    const shape = shapeOf(node);
    if (typeof shape === "string") {
      const wanted = WORDS[shape];
      if (wanted && !wanted[1](value)) this.#add(path, `has to be ${wanted[0]}, and is ${sayType(value)}`);
    } else if (shape.p) this.#lookAtFields(shape.p, shape.r ?? [], value, path);
    else if (shape.m !== undefined) {
      if (!isMap(value)) this.#add(path, `has to be a map, and is ${sayType(value)}`);
      else for (const [name, one] of Object.entries(value)) this.look(shape.m, one, [...path, name]);
    } else if (shape.a !== undefined) {
      if (!Array.isArray(value)) this.#add(path, `has to be a list, and is ${sayType(value)}`);
      else for (const [index, one] of value.entries()) this.#lookAtItem(shape.a, one, [...path, index]);
    } else this.#lookAtText(shape, value, path);
  }

  /** A field without a value is as good as left out, an item of a list is not. */
  #lookAtItem(node: SchemaNode, value: YamlData, path: Refusal["path"]): void {
    if (value === null) this.#add(path, "has no value");
    else this.look(node, value, path);
  }

  #lookAtText({ e: words, x: pattern }: { e?: readonly string[]; x?: string }, value: YamlData, path: Refusal["path"]) {
    if (typeof value !== "string") this.#add(path, `has to be text, and is ${sayType(value)}`);
    else if (words && !words.includes(value) && !(path.at(-1) === "kind" && OPERATOR_KINDS.has(value)))
      this.#add(path, `has to be one of ${words.join(", ")}, and is ${show(value)}`);
    else if (pattern && value.length < LONGEST && !new RegExp(pattern).test(value))
      this.#add(path, `is ${show(value)}, which does not match ${pattern}`);
  }

  #lookAtFields(
    fields: Readonly<Record<string, SchemaNode>>,
    required: readonly string[],
    value: YamlData,
    path: Refusal["path"],
  ): void {
    if (!isMap(value)) {
      this.#add(path, `has to be a map, and is ${sayType(value)}`);
      return;
    }
    for (const [name, one] of Object.entries(value as YamlData)) {
      if (Object.hasOwn(fields, name)) this.look(fields[name]!, one, [...path, name]);
      else this.#lookAtUnknown(name, fields, [...path, name]);
    }
    if (!this.#isWhole) return;
    for (const name of required) {
      if (((value as YamlData)[name] ?? undefined) === undefined) this.#add([...path, name], MISSING);
    }
  }

  /** A slip is close to a field that there is, or stands at the wrong depth; anything else may be new in Flux. */
  #lookAtUnknown(name: string, fields: Readonly<Record<string, SchemaNode>>, path: Refusal["path"]): void {
    const near = findNear(name, Object.keys(fields), { short: 3, digits: true });
    const isSlip = near !== undefined || TOP.has(name) || namesIn(this.#schema).has(name);
    const newer = isSlip ? undefined : this.#newer;
    if (newer && namesIn(newer.schema).has(name)) {
      this.#add(path, `is no field of ${newer.old}, but of ${newer.api}`);
      return;
    }
    const what = near === undefined ? "is no field there" : `is no field there, but ${near} is`;
    this.found.push({ path, what, near, ...(isSlip ? {} : { doubtful: true as const }) });
  }

  #add(path: Refusal["path"], what: string): void {
    this.found.push({ path, what });
  }
}

const WORDS: Readonly<Record<string, [string, (value: unknown) => boolean]>> = {
  s: ["text", (value) => typeof value === "string"],
  i: ["a whole number", (value) => Number.isInteger(value)],
  n: ["a number", (value) => typeof value === "number"],
  b: ["true or false", (value) => typeof value === "boolean"],
  q: ["a whole number or text", (value) => typeof value === "string" || Number.isInteger(value)],
};

function sayType(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isMap(value)) return "a map";
  return typeof value === "string" ? show(value) : String(value);
}

function show(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}

const SHOWN = 60;
const names = new Map<SchemaNode, ReadonlySet<string>>();

/** Every field of a kind, at whatever depth. */
function namesIn(schema: SchemaNode): ReadonlySet<string> {
  return getOrMake(names, schema, () => {
    const found = new Set<string>();
    const queue: SchemaNode[] = [schema];
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      const shape = shapeOf(node);
      if (typeof shape === "string") continue;
      for (const [name, one] of Object.entries(shape.p ?? {})) {
        found.add(name);
        queue.push(one);
      }
      if (shape.a !== undefined) queue.push(shape.a);
      if (shape.m !== undefined) queue.push(shape.m);
    }
    return found;
  });
}
