import { clip } from "../contract/cut.ts";
import { getOrMake } from "../contract/group-by.ts";
import type { YamlData } from "../contract/objects.ts";
import { olderApis, standingOf } from "../release/flux-apis.ts";
import { fluxSchema } from "../release/flux-schemas.ts";
import { kubeSchema } from "../release/kube-schemas.ts";
import { EMBEDDED_FLUX, parseFluxVersion } from "../release/releases.ts";
import type { SchemaNode, SchemaShape } from "../release/schema-nodes.ts";
import { listWords } from "../release/schema-nodes.ts";
import { isMap } from "../yaml/is-map.ts";
import { checkCoreValues, isBelowOddKey } from "./core-values.ts";
import { checkMetadata, METADATA } from "./metadata.ts";
import { findNear } from "./near.ts";
import { isOpenText } from "./open-text.ts";
import type { Refusal } from "./refusal.ts";
import { breakProviderRules } from "./refused-providers.ts";
import { breakRules } from "./refused-rules.ts";
import { cut, show, WORDS } from "./refused-words.ts";

/** `spec.dependOn is no field there, but dependsOn is` */
export const sayRefusal = ({ path, what }: Refusal): string => `${sayPath(path)} ${what}`;
export const sayPath = (path: Refusal["path"]): string => path.map((step) => clip(String(step), LONGEST_KEY)).join(".");
/** A prefix, a slash and a name, as labels and annotations may have. */
const LONGEST_KEY = 253 + 1 + 63;

/** Flux Operator patches these into the CRDs of Alert and Receiver. */
const OPERATOR_KINDS = new Set(["FluxInstance", "ResourceSet", "ResourceSetInputProvider"]);
/** A key that only holds what the rest of a file refers to by anchors. */
export const isAside = (name: string): boolean => /^(?:x-|[._])/.test(name);
/** What is said of a required field. */
const MISSING = "is missing";
/** `dependsOn:` with nothing behind it: an API server takes a null for no list, map or text of a CRD (docs/flux-facts.md 2.8). */
const NO_VALUE = "has no value";
/** Whether it is refused for what it lacks. */
export const isMissing = ({ what }: Refusal): boolean => what.startsWith(MISSING);
/**
 * kustomize-controller and the operator read objects of Kubernetes into their Go types and print them anew before they apply them,
 * which leaves out what those types do not have; all but roles (UnstructuredList of fluxcd/pkg/ssa/normalize).
 */
const KEPT_WHOLE: ReadonlySet<string> = new Set([
  "rbac.authorization.k8s.io/v1/Role",
  "rbac.authorization.k8s.io/v1/ClusterRole",
]);
const DROPPED = { drops: "field" } as const;
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
  const found = listRefusals(body, isWhole).filter(({ path }) => !isBelowOddKey(body.kind, path));
  // What is missing because its name is misspelt is said once.
  const placeOf = (path: Refusal["path"], name: string | number | undefined) => [...path.slice(0, -1), name].join("\0");
  const meant = new Set(found.flatMap(({ path, near }) => (near === undefined ? [] : [placeOf(path, near)])));
  return found.filter((one) => !(isMissing(one) && meant.has(placeOf(one.path, one.path.at(-1)))));
}

/** Whether the fields of a kind are known. */
export function hasSchema({ apiVersion, kind }: YamlData): boolean {
  return [fluxSchema, kubeSchema].some((schemaOf) => schemaOf(String(apiVersion), String(kind)) !== undefined);
}

function listRefusals(body: YamlData, isWhole: boolean): Refusal[] {
  if (!isMap(body) || body.sops !== undefined) return [];
  const { apiVersion, kind, metadata } = body;
  const found: Refusal[] = [];
  if (typeof apiVersion !== "string")
    found.push({ path: ["apiVersion"], what: `has to be text, and is ${sayType(apiVersion)}` });
  const [own, other] = [fluxSchema, kubeSchema].map((schemaOf) => schemaOf(String(apiVersion), String(kind)));
  const isNative = other !== undefined && !KEPT_WHOLE.has(`${apiVersion}/${kind}`);
  const known: YamlData = {};
  for (const [name, value] of isMap(metadata) ? Object.entries(metadata) : []) {
    if (Object.hasOwn(METADATA.p, name)) known[name] = value;
    else found.push({ path: ["metadata", name], what: "is no field of metadata", ...(isNative ? DROPPED : {}) });
  }
  const marks = new Check({ schema: METADATA, isWhole: true, isCrd: false, isNative, apis: otherApis("", "") });
  marks.look(METADATA, known, ["metadata"]);
  found.push(...marks.found, ...checkMetadata(body));
  const schema = own ?? other;
  if (schema === undefined) return [...found, ...checkCoreValues(body, isWhole), ...breakProviderRules(body, isWhole)];
  const { apiVersion: _, kind: __, metadata: ___, status: ____, ...rest } = body;
  const apis = otherApis(String(apiVersion), String(kind));
  const check = new Check({ schema, isWhole, isCrd: own !== undefined, isNative, isSecret: kind === "Secret", apis });
  check.look(schema, rest, []);
  return [...found, ...check.found, ...(own ? breakRules(body, isWhole) : checkCoreValues(body, isWhole))];
}

/** Another version of an API, and what that may hold. */
interface OtherApi {
  api: string;
  schema: SchemaNode;
}

/** The newest version of a kind, as an old one gets no fields any more, and those before it, as fields that are gone do not come back. */
function otherApis(own: string, kind: string): { own: string; others: OtherApi[] } {
  const newest = standingOf(own, kind, parseFluxVersion(EMBEDDED_FLUX.at(-1)!)!)?.newest;
  const others = [...(newest === undefined ? [] : [newest]), ...olderApis(own, kind)].flatMap((api) => {
    const schema = fluxSchema(api, kind);
    return schema === undefined ? [] : [{ api, schema }];
  });
  return { own, others };
}

type Items = SchemaShape & Required<Pick<SchemaShape, "a">>;
type Fields = SchemaShape & Required<Pick<SchemaShape, "p">>;

/** What an object is checked by. */
interface Rules {
  schema: SchemaNode;
  isWhole: boolean;
  isCrd: boolean;
  isNative: boolean;
  isSecret?: boolean;
  apis: ReturnType<typeof otherApis>;
}

class Check {
  readonly found: Refusal[] = [];
  readonly #by: Rules;

  constructor(by: Rules) {
    this.#by = by;
  }

  /** What stands there, but for the value of a Secret. */
  #say([field]: Refusal["path"], value: unknown): string {
    const isHidden = this.#by.isSecret && (field === "data" || field === "stringData");
    return isHidden && !Array.isArray(value) && !isMap(value) ? `a ${typeof value}` : sayType(value);
  }

  /** As deep as the schema is, however deep the object. */
  look(node: SchemaNode, value: YamlData, path: Refusal["path"]): void {
    if (value === null || value === undefined || isOpenText(value)) return;
    if (typeof node === "string") {
      const wanted = WORDS[node];
      if (wanted && !wanted[1](value)) this.#add(path, `has to be ${wanted[0]}, and is ${this.#say(path, value)}`);
    } else if (node.p) this.#lookAtFields(node as Fields, value, path);
    else if (node.m !== undefined) {
      if (!isMap(value)) this.#add(path, `has to be a map, and is ${this.#say(path, value)}`);
      else for (const [name, one] of Object.entries(value)) this.#lookAtValue(node.m, one, [...path, name]);
    } else if (node.a !== undefined) {
      if (Array.isArray(value)) this.#lookAtItems(node as Items, value, path);
      else this.#add(path, `has to be a list, and is ${this.#say(path, value)}`);
    } else this.#lookAtText(node, value, path);
  }

  #lookAtValue(node: SchemaNode, value: YamlData, path: Refusal["path"]): void {
    if (value === null && this.#by.isCrd && node !== "x") this.#add(path, NO_VALUE);
    else this.look(node, value, path);
  }

  /** An item without a value counts as an empty one where a list has no keys, but not in a CRD. */
  #lookAtItems(node: Items, items: readonly YamlData[], path: Refusal["path"]): void {
    for (const [index, item] of items.entries()) {
      if (item !== null) this.look(node.a, item, [...path, index]);
      else if (this.#by.isCrd || node.k) this.#add([...path, index], NO_VALUE);
      else if (typeof node.a === "object" && node.a.p) this.look(node.a, {}, [...path, index]);
    }
    if (node.k) this.#lookForTwice(node.k, node.d ?? {}, items, path);
    if (node.n && items.length === 0 && (this.#by.isWhole || this.#by.isCrd)) this.#add(path, "has no items");
  }

  /** Twice the same item of a set or of a map by keys: a server-side apply refuses it, where others only warn (structuredmerge.go, Apply). */
  #lookForTwice(
    keys: readonly string[],
    defaults: Readonly<Record<string, string>>,
    items: readonly YamlData[],
    path: Refusal["path"],
  ): void {
    const seen = new Set<string>();
    for (const [index, item] of items.entries()) {
      const values = keys.length === 0 ? [item] : keys.map((key) => item?.[key] ?? defaults[key]);
      const id = JSON.stringify(values);
      if (values.includes(undefined) || isOpenText(id)) continue;
      const said =
        keys.length === 0
          ? cut(id.slice(1, -1))
          : keys.map((key, at) => `${key} ${cut(String(values[at]))}`).join(", ");
      if (seen.has(id)) this.#add([...path, index], `has ${said}, which another item of the list has`);
      seen.add(id);
    }
  }

  #lookAtText({ e: words, x: pattern, h: length = [0] }: SchemaShape, value: YamlData, path: Refusal["path"]) {
    const [least, most] = length;
    if (value === "" && !this.#by.isCrd) return;
    if (typeof value !== "string") this.#add(path, `has to be text, and is ${this.#say(path, value)}`);
    else if (words && !words.includes(value) && !(path.at(-1) === "kind" && OPERATOR_KINDS.has(value)))
      this.found.push({ path, what: `has to be one of ${words.join(", ")}, and is ${show(value)}`, word: value });
    else if (pattern && value.length < LONGEST && !new RegExp(pattern).test(value))
      this.#add(path, `is ${show(value)}, which does not match ${pattern}`);
    else if (most !== undefined && [...value].length > most) this.#add(path, `is longer than ${most} characters`);
    else if (value.length < least) this.#add(path, "is an empty text, and has to say something");
  }

  #lookAtFields(
    { p: fields, r: required = [], o: choice, z: empty = [] }: Fields,
    value: YamlData,
    path: Refusal["path"],
  ): void {
    if (!isMap(value)) {
      this.#add(path, `has to be a map, and is ${this.#say(path, value)}`);
      return;
    }
    for (const [name, one] of Object.entries(value)) {
      if (isOpenText(name)) continue;
      if (one === null && this.#by.isCrd && Object.hasOwn(fields, name) && !empty.includes(name)) {
        if (!required.includes(name)) this.#add([...path, name], NO_VALUE);
      } else if (Object.hasOwn(fields, name)) this.look(fields[name]!, one, [...path, name]);
      else this.#lookAtUnknown(name, fields, [...path, name]);
    }
    const isSet = (name: string) => (value[name] ?? undefined) !== undefined;
    const chosen = choice?.filter(isSet) ?? [];
    if (chosen.length > 1) this.#add(path, `has ${chosen.join(" and ")}, and only one of them may be there`);
    if (!this.#by.isWhole || Object.keys(value).some(isOpenText)) return;
    if (choice && chosen.length === 0) this.#add(path, `has none of ${choice.join(", ")}`);
    for (const name of required) if (!isSet(name)) this.#add([...path, name], MISSING);
  }

  /** A slip is close to a field that there is, or stands at the wrong depth; anything else may be new in Flux. */
  #lookAtUnknown(name: string, fields: Readonly<Record<string, SchemaNode>>, path: Refusal["path"]): void {
    if (isAside(name)) {
      // What leaves it out does what is meant.
      if (!this.#by.isNative) this.#add(path, "is no field there");
      return;
    }
    const near = findNear(name, Object.keys(fields), { short: 3, digits: true });
    const isSlip = near !== undefined || TOP.has(name) || namesIn(this.#by.schema).has(name);
    const other = isSlip ? undefined : this.#by.apis.others.find(({ schema }) => namesIn(schema).has(name));
    if (other) {
      this.#add(path, `is no field of ${this.#by.apis.own}, but of ${other.api}`);
      return;
    }
    const what = near === undefined ? "is no field there" : `is no field there, but ${near} is`;
    const fate = { ...(isSlip ? {} : { doubtful: true as const }), ...(this.#by.isNative ? DROPPED : {}) };
    this.found.push({ path, what, near, ...fate });
  }

  #add(path: Refusal["path"], what: string): void {
    this.found.push({ path, what });
  }
}

/** A value of another type than it has to be, in words. */
export function sayType(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (isMap(value)) return "a map";
  return typeof value === "string" ? show(value) : String(value);
}

const names = new Map<SchemaNode, ReadonlySet<string>>();

/** Every field of a kind, at whatever depth. */
function namesIn(schema: SchemaNode): ReadonlySet<string> {
  return getOrMake(names, schema, () => listWords({ shapes: [], kinds: { own: schema } }).fields);
}
