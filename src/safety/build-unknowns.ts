import type { Unknown } from "../contract/answer.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { listAuxiliary } from "../delivery/kustomize/auxiliary.ts";
import {
  type DeliveredObject,
  findKustomization,
  isKustomizationFile,
  loadKustomization,
} from "../delivery/kustomize/index.ts";
import { isWithin, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import type { Side } from "./change.ts";
import { BUILD_FIELDS } from "./read-object.ts";
import { findReach } from "./touched.ts";
import type { BuildUnknown } from "./types.ts";

export interface UnknownsInput {
  tree: Tree;
  side: Side;
  spec: YamlData;
  artifactRoot: string;
  changed: ReadonlySet<string>;
  /** Keys that the change may alter, by `Kind/name` of what variables come from; `undefined` for all of them. */
  values: ReadonlyMap<string, ReadonlySet<string> | undefined>;
}

/**
 * What of a build cannot be read, each with everything it could read (docs/commands/verify.md): the URL with its pinned
 * ref, and all that shapes what comes from there. A variable in an id and the content of a generated object are told with
 * the object, see `nameOpen`.
 */
export function readBuildUnknowns(unknowns: readonly Unknown[], input: UnknownsInput): BuildUnknown[] {
  const whole = unknowns.filter(({ variables, content }) => variables === undefined && !content);
  if (whole.length === 0) return [];
  const shape = readShape(input);
  const { changed, side } = input;
  return whole.map(({ at, what, file }) => ({
    what,
    at,
    reads: JSON.stringify([what, file !== undefined && changed.has(file) ? side : "", shape]),
  }));
}

/**
 * What decides what the parts of a build are at which it fails: their files, and all that shapes them.
 * @param shown files whose objects can be read all the same
 */
export function readFailures(failures: readonly Unknown[], shown: ReadonlySet<string>, input: UnknownsInput): string {
  const { changed, side } = input;
  const isEdited = (file: string) => changed.has(file) && !shown.has(file) && !isKustomizationFile(file);
  const places = failures.map(({ at, what }) => [what, at.file, isEdited(at.file) ? side : ""]);
  return JSON.stringify([places, readShape(input)]);
}

/** Fields of a kustomization that only say which files take part, or shape neither identity nor fate. */
const LISTS = new Set([
  ...["resources", "bases", "configMapGenerator", "secretGenerator", "generatorOptions", "images", "replicas"],
  ...["apiVersion", "kind", "metadata", "sortOptions"],
]);

/** Namespaces, prefixes, patches and components that work on what a remote base yields. */
function readShape({ tree, side, spec, artifactRoot, changed }: UnknownsInput): unknown {
  const own = BUILD_FIELDS.filter((field) => field !== "path" && spec?.[field] !== undefined);
  const folders = findReach(tree, spec, artifactRoot)?.kustomizations ?? [];
  const shapes = folders.map((dir) => {
    const found = findKustomization(tree, dir);
    const loaded = found && found.error === undefined ? loadKustomization(tree, found.path, true) : undefined;
    if (!loaded?.ok) return side;
    const { data } = loaded.file;
    const isEdited = listAuxiliary(data).some(({ field, target }) => {
      const path = join(dir, target);
      return !LISTS.has(field) && [...changed].some((file) => isWithin(file, path));
    });
    return [...Object.entries(data).filter(([field]) => !LISTS.has(field)), ...(isEdited ? [side] : [])];
  });
  return [own.map((field) => [field, spec[field]]), shapes.filter((one) => one.length > 0)];
}

/** `Kind/name` of what a FluxKustomization substitutes from. */
export function listValueSources(spec: YamlData): string[] {
  const from = itemsOf(spec?.postBuild?.substituteFrom);
  return from.map((ref) => `${ref?.kind}/${ref?.name}`);
}

const VARIABLE = /\$\{#?([A-Za-z_]\w*)/g;

/** Tells what the unknown part of an id hangs on; undefined where all of it is known. */
export function readOpen(object: DeliveredObject, { spec, side, values }: UnknownsInput): string | undefined {
  if (!object.uncertain) return undefined;
  const names = [...`${object.name} ${object.namespace}`.matchAll(VARIABLE)].map(([, name]) => name!);
  const from = listValueSources(spec);
  const isAltered = from.some((id) => {
    if (!values.has(id)) return false;
    const keys = values.get(id);
    return keys === undefined || names.some((one) => keys.has(one));
  });
  return isAltered ? side : JSON.stringify(from);
}

/** `${NAME:-text}` with all of the text known. */
const DEFAULT = /\$\{\w+:?[-=]([^${}]*)\}/g;

/**
 * The object under the name to compare it by. A variable that cannot be read leaves its default. A generated object whose
 * content cannot be read has a hash that is not known: another one in each tree where the change alters the content.
 */
export function nameOpen(object: DeliveredObject, unknowns: readonly Unknown[], input: UnknownsInput): DeliveredObject {
  if (object.name.includes("${") || object.namespace.includes("${")) {
    const fill = (text: string) => text.replace(DEFAULT, "$1");
    return { ...object, name: fill(object.name), namespace: fill(object.namespace) };
  }
  return { ...object, name: nameHidden(object, unknowns, input) };
}

function nameHidden(object: DeliveredObject, unknowns: readonly Unknown[], input: UnknownsInput): string {
  const isAltered = unknowns.some(({ at, file }) => at.file === object.file && file && input.changed.has(file));
  if (!isAltered) return `${object.name}-(hash)`;
  return `${object.name}-(${input.side === "before" ? "old" : "new"} hash)`;
}
