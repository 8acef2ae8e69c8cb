import type { Side } from "../../change/change.ts";
import { BUILD_FIELDS } from "../../change/read-object.ts";
import { findReach, repositoryPath } from "../../cluster/graph.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { listAuxiliary } from "../../delivery/kustomize/auxiliary.ts";
import { isKustomizationFile, kustomizationOf, reach } from "../../delivery/kustomize/index.ts";
import { dirname, isWithin, join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { nameAsBefore } from "../values/renamed-values.ts";
import { readMarks } from "./common-marks.ts";
import { listPatches } from "./content-patches.ts";

export interface UnknownsInput {
  tree: Tree;
  side: Side;
  spec: YamlData;
  artifactRoot: string;
  changed: ReadonlySet<string>;
  /** Keys that the change may alter, by `Kind/name` of what variables come from; `undefined` for all of them. */
  values: ReadonlyMap<string, ReadonlySet<string> | undefined>;
  /** Whether the cluster reads a file. */
  isOwn?: (file: string) => boolean;
  /** What the cluster is given of what variables come from, where it is known, by `Kind/name`. */
  told?: ReadonlyMap<string, YamlData> | undefined;
  /** ConfigMaps that only change their name, with that of before. */
  renamed?: ReadonlyMap<string, string>;
}

/** Fields of a kustomization that only say which files take part, or shape neither identity nor fate. */
const LISTS = new Set([
  ...["resources", "bases", "configMapGenerator", "secretGenerator", "generatorOptions", "images", "replicas"],
  ...["apiVersion", "kind", "metadata", "sortOptions"],
]);

const PATCHES = new Set(["patches", "patchesStrategicMerge"]);

/**
 * Namespaces, prefixes, patches and components that work on what stands at a place and cannot be read: those of the
 * FluxKustomization, and of the kustomizations above that place.
 * @param at file of the place
 */
export function readShape(at: string, { tree, side, spec, artifactRoot, changed, renamed }: UnknownsInput): unknown {
  const path = repositoryPath(spec, artifactRoot) ?? "";
  const all = findReach(tree, spec, artifactRoot)?.kustomizations ?? [];
  const shapes = all.filter(isAbove(tree, all, at, componentsOf(spec, path))).map((dir) => {
    const data = kustomizationOf(tree, dir)?.data;
    if (!data) return side;
    const patches = listPatches(data, (target) => tree.read(join(dir, target)));
    const isEdited = listAuxiliary(data).some(({ field, target }) => {
      const file = join(dir, target);
      const isRead = PATCHES.has(field) && tree.has(file);
      return !isRead && !LISTS.has(field) && [...changed].some((one) => isWithin(one, file));
    });
    const fields = Object.keys(data).filter((field) => !LISTS.has(field));
    return [...readFields(data, fields, patches), ...(isEdited ? [side] : [])];
  });
  const own = BUILD_FIELDS.filter((field) => field !== "path");
  const patches = listPatches(spec ?? {}, () => undefined);
  const said = { ...nameAsBefore(spec ?? {}, renamed), commonMetadata: readMarks(spec?.commonMetadata) };
  return [readFields(said, own, patches), shapes.filter((one) => one.length > 0)];
}

/** What only sets content in objects that cannot be seen is no part of their shape. */
function readFields(data: YamlData, fields: readonly string[], patches: readonly YamlData[]): [string, unknown][] {
  const said = fields.flatMap((field): [string, unknown][] =>
    data[field] === undefined || PATCHES.has(field) ? [] : [[field, data[field]]],
  );
  return patches.length > 0 ? [...said, ["patches", patches]] : said;
}

/**
 * Tells the kustomizations that a place goes through: those that reach it, and the components that these name. Of a place
 * that is no file of the tree, such as a field of the FluxKustomization, all count.
 */
function isAbove(tree: Tree, all: readonly string[], at: string, named: readonly string[]): (dir: string) => boolean {
  if (!tree.has(at)) return () => true;
  const above = new Set(named);
  const folder = isKustomizationFile(at) ? dirname(at) : undefined;
  for (const dir of all) {
    const found = reach(tree, dir);
    const isReached = folder === undefined ? found.resources.includes(at) : found.kustomizations.includes(folder);
    if (isReached || found.auxiliary.includes(at)) above.add(dir);
  }
  for (const dir of above) for (const one of componentsOf(kustomizationOf(tree, dir)?.data, dir)) above.add(one);
  return (dir) => above.has(dir);
}

function componentsOf(data: YamlData, dir: string): string[] {
  return itemsOf(data?.components).map((one) => join(dir, String(one)));
}
