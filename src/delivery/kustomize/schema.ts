import { isMap } from "./data.ts";

/** `s` string, `b` boolean, `n` integer, `?` anything, `[x]` list, `{x}` map of x, an object: a map with these fields only. */
type Shape =
  | "s"
  | "b"
  | "n"
  | "?"
  | readonly [Shape]
  | { readonly any: Shape }
  | { readonly fields: Record<string, Shape> };

const fields = (names: Record<string, Shape>): Shape => ({ fields: names });
const texts: Shape = ["s"];
const pairs: Shape = { any: "s" };
const gvk = { group: "s", version: "s", kind: "s" } as const;
const selector = fields({ ...gvk, name: "s", namespace: "s", annotationSelector: "s", labelSelector: "s" });
const fieldOptions = fields({ delimiter: "s", index: "n", encoding: "s", create: "b" });
const fieldSpec = fields({ ...gvk, path: "s", create: "b" });
const source = fields({ ...gvk, name: "s", namespace: "s", fieldPath: "s", options: fieldOptions });
const target = fields({ select: selector, reject: [selector], fieldPaths: texts, options: fieldOptions });
const objref = fields({ ...gvk, apiVersion: "s", name: "s", namespace: "s" });
const generatorOptions = fields({ labels: pairs, annotations: pairs, disableNameSuffixHash: "b", immutable: "b" });
const patch = fields({ path: "s", patch: "s", target: selector, options: { any: "b" } });
const image = fields({ name: "s", newName: "s", tagSuffix: "s", newTag: "s", digest: "s" });
const generator = {
  namespace: "s",
  name: "s",
  behavior: "s",
  literals: texts,
  files: texts,
  envs: texts,
  env: "s",
  options: generatorOptions,
} as const;

/** Fields of kustomize's Kustomization (kustomize 5.5 `api/types`); nested files may hold no others. */
const kustomization = fields({
  apiVersion: "s",
  kind: "s",
  metadata: fields({ name: "s", namespace: "s", labels: pairs, annotations: pairs }),
  openapi: pairs,
  namePrefix: "s",
  nameSuffix: "s",
  namespace: "s",
  commonLabels: pairs,
  labels: [fields({ pairs, includeSelectors: "b", includeTemplates: "b", fields: [fieldSpec] })],
  commonAnnotations: pairs,
  patchesStrategicMerge: texts,
  patchesJson6902: [patch],
  patches: [patch],
  images: [image],
  imageTags: [image],
  replacements: [fields({ path: "s", source, targets: [target] })],
  replicas: [fields({ name: "s", count: "n" })],
  vars: [fields({ name: "s", objref, fieldref: fields({ fieldPath: "s" }) })],
  sortOptions: fields({ order: "s", legacySortOptions: fields({ orderFirst: texts, orderLast: texts }) }),
  resources: texts,
  components: texts,
  crds: texts,
  bases: texts,
  configMapGenerator: [fields(generator)],
  secretGenerator: [fields({ ...generator, type: "s" })],
  helmGlobals: "?",
  helmCharts: "?",
  helmChartInflationGenerator: "?",
  generatorOptions,
  configurations: texts,
  generators: texts,
  transformers: texts,
  validators: texts,
  buildMetadata: texts,
});

/** A field that kustomize refuses; `path` leads to it. */
export class ShapeError extends Error {
  readonly path: readonly (string | number)[];

  constructor(path: readonly (string | number)[], reason: string) {
    super(reason);
    this.path = path;
  }
}

type Path = (string | number)[];
/** Is told of each unknown field that is dropped. */
type Drop = (field: Path) => void;

/**
 * Checks a kustomization as kustomize's decoder does and returns it with canonical field names (they match in any case)
 * and without nulls. With `drop` unknown fields are left out, as kustomize-controller does for the file at `spec.path`
 * (flux-facts 2.8 item 3); without it they are refused. Throws `ShapeError`.
 */
export function checkKustomization(data: unknown, drop?: Drop): Record<string, unknown> {
  return check(data, kustomization, [], drop) as Record<string, unknown>;
}

function check(value: unknown, shape: Shape, path: Path, drop: Drop | undefined): unknown {
  if (value === null || value === undefined || shape === "?") return value;
  const refuse = (wanted: string): never => {
    throw new ShapeError(path, `cannot use ${describe(value)} in ${path.join(".")}: ${wanted} expected`);
  };
  if (shape === "s") return typeof value === "string" ? value : refuse("a string");
  if (shape === "b") return typeof value === "boolean" ? value : refuse("a boolean");
  if (shape === "n") return Number.isInteger(value) ? value : refuse("an integer");
  if (Array.isArray(shape)) {
    if (!Array.isArray(value)) return refuse("a list");
    // An entry with nothing in it is an empty text, or a map without entries, to the decoder.
    const [inner] = shape as readonly [Shape];
    return value.map((item, index) => check(item ?? emptyOf(inner), inner, [...path, index], drop));
  }
  if (!isMap(value)) return refuse("a map");
  const result: Record<string, unknown> = {};
  const isOpen = "any" in shape;
  const entries = Object.entries(value).map(([key, item]) => {
    const known = shape as { fields: Record<string, Shape> };
    return { key, item, found: isOpen ? { name: key, shape: shape.any } : findField(known, key) };
  });
  // The decoder gets the fields in order: of `Resources` and `resources` the latter counts, wherever it stands.
  for (const { key, item, found } of entries.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    if (found === undefined) {
      if (!drop) throw new ShapeError([...path, key], `unknown field "${key}"`);
      drop([...path, key]);
      continue;
    }
    const given = isOpen ? (item ?? emptyOf(found.shape)) : item;
    const checked = check(given, found.shape, [...path, key], drop);
    const before = result[found.name];
    if (checked === null && Array.isArray(before)) delete result[found.name];
    if (checked === null || checked === undefined) continue;
    result[found.name] = isMap(before) && isMap(checked) ? { ...before, ...checked } : checked;
  }
  // What is copied from here keeps the order of its owner.
  const names = entries.flatMap(({ found }) => found?.name ?? []);
  return Object.fromEntries(names.filter((name) => Object.hasOwn(result, name)).map((name) => [name, result[name]]));
}

/** What the decoder puts where nothing is written: an entry of a map or of a list is there all the same. */
function emptyOf(shape: Shape): unknown {
  if (shape === "s") return "";
  if (shape === "b") return false;
  return typeof shape === "object" && "fields" in shape ? {} : undefined;
}

function findField(shape: { fields: Record<string, Shape> }, key: string): { name: string; shape: Shape } | undefined {
  const exact = Object.hasOwn(shape.fields, key) ? key : undefined;
  const name = exact ?? Object.keys(shape.fields).find((field) => field.toLowerCase() === key.toLowerCase());
  return name === undefined ? undefined : { name, shape: shape.fields[name]! };
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  return isMap(value) ? "a map" : `a ${typeof value}`;
}
