import { type Answer, readable } from "./answer.ts";
import type { Loc } from "./errors.ts";
import type { FluxObjectSpec, KubeData } from "./specs.ts";

/** A value read from the repository together with the place that says so. */
export interface Claim<T> {
  value: T;
  at: Loc;
}

// biome-ignore lint/suspicious/noExplicitAny: parsed YAML has no static shape; readers narrow what they use
export type YamlData = any;

/** A map in parsed YAML that is always there. */
export interface YamlMap {
  [field: string]: YamlData;
}

/** The same data with the keys of every map in order, so that equal data gives equal JSON. */
export function sortKeys(value: YamlData): YamlData {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const keys = Object.keys(value).sort();
  return Object.fromEntries(keys.map((key) => [key, sortKeys(value[key])]));
}

/** One Kubernetes object as a YAML document of a file. */
export interface KubeObject {
  file: string;
  /** Index of the document in its file, counting every document, also empty ones. */
  doc: number;
  apiVersion: string;
  kind: string;
  name: string;
  /** As written; `''` when the document leaves it out. */
  namespace: string;
  data: KubeData;
}

/** An object without the shape of a Flux kind: for the others, and for kustomize's own fields. */
export function bodyOf({ data }: Pick<KubeObject, "data">): YamlData {
  return data;
}

/** An object as it reaches a cluster: which FluxKustomization delivers it, and its namespace after transformers. */
export interface DeliveredFluxObject {
  object: KubeObject;
  /** After `namespace:` of kustomizations and `targetNamespace`. */
  namespace: string;
  /** The FluxKustomization that delivers it; undefined for what only bootstrap applies. */
  parent?: DeliveredFluxObject;
  /** The object after everything its parent's build does to it; before substitution. */
  effective: Answer<KubeData>;
}

/** `spec` of a delivered object as far as it could be read, see {@link readable}. */
export function readableSpec(item: Pick<DeliveredFluxObject, "effective"> | undefined): FluxObjectSpec | undefined {
  return item && readable(item.effective).spec;
}

export type InstallStyle = "gotk" | "oci-manifests" | "remote-install" | "community-chart" | "operator";

/** Where a patch of the old install stands, and the patch as data. */
export interface SourcePatch {
  at: Loc;
  /** The file and document and path of the list item, for copying its text with comments. */
  file: string;
  doc: number;
  path: readonly (string | number)[];
  /** The patch body as text, whatever its legacy form; files are inlined. */
  body: string;
  /** A text in a list of `patches`: kustomize trims its ends, unlike those of a file and of the legacy forms. */
  isTrimmed?: true;
  target?: PatchTarget;
  /** Which kustomize field it came from. */
  form: "patches" | "patchesStrategicMerge" | "patchesJson6902" | "hand-edit";
}

export interface PatchTarget {
  group?: string;
  version?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  labelSelector?: string;
  annotationSelector?: string;
}

/** What stands at a place in parsed YAML; undefined where nothing does. */
export function valueAt(data: YamlData, path: readonly (string | number)[]): YamlData {
  return path.reduce((at: YamlData, step) => at?.[step], data);
}

/** The items of a list in parsed YAML, one without a value as an empty one; none where it is no list. */
export function itemsOf(value: YamlData): YamlData[] {
  if (!Array.isArray(value)) return [];
  return value.includes(null) ? value.map((item) => item ?? {}) : value;
}

/** Whether a value of parsed YAML says something: it is set, and no empty text, list or map. */
export function isFilled(value: YamlData): boolean {
  if (value === undefined || value === null || value === "") return false;
  return typeof value !== "object" || Object.keys(value).length > 0;
}
