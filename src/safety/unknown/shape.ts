import type { Side } from "../../change/change.ts";
import { BUILD_FIELDS } from "../../change/read-object.ts";
import { findReach, repositoryPath } from "../../cluster/graph.ts";
import { getOrMake, indexBy } from "../../contract/group-by.ts";
import { itemsOf, type YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
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
 * Tells of a place what works on what stands there and cannot be read: namespaces, prefixes, patches and components, those of
 * the FluxKustomization and of the kustomizations above that place. Each kustomization is read once, however many are asked of.
 */
export function makeShapes(input: UnknownsInput): (at: string) => unknown {
  const { tree, spec, artifactRoot, renamed } = input;
  const path = repositoryPath(spec, artifactRoot) ?? "";
  const all = findReach(tree, spec, artifactRoot)?.kustomizations ?? [];
  const own = BUILD_FIELDS.filter((field) => field !== "path");
  const patches = listPatches(spec ?? {}, () => undefined);
  const said = { ...nameAsBefore(spec ?? {}, renamed), commonMetadata: readMarks(spec?.commonMetadata) };
  const fields = readFields(said, own, patches);
  const findAbove = makeAbove(tree, all, componentsOf(spec, path));
  const shapes = new Map<string, ReturnType<typeof readFolder>>();
  return (at) => {
    const above = findAbove(at);
    const dirs = all.filter((dir) => above?.has(dir) ?? true);
    const found = dirs.map((dir) => getOrMake(shapes, dir, () => readFolder(dir, input)));
    return [fields, found.filter((one) => one.length > 0)];
  };
}

/** What a kustomization says of all that it lists; only which side it is, where that cannot be read. */
function readFolder(dir: string, { tree, side, changed }: UnknownsInput): readonly unknown[] | Side {
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
 * that is no file of the tree, such as a field of the FluxKustomization, all count: undefined.
 */
function makeAbove(
  tree: Tree,
  all: readonly string[],
  named: readonly string[],
): (at: string) => ReadonlySet<string> | undefined {
  const found = once(() => all.map((dir) => ({ dir, reached: reach(tree, dir) })));
  const byFile = once(() => indexBy(found(), ({ reached }) => [...reached.resources, ...reached.auxiliary]));
  const byFolder = once(() => indexBy(found(), ({ reached }) => reached.kustomizations));
  const byAuxiliary = once(() => indexBy(found(), ({ reached }) => reached.auxiliary));
  const components = new Map<string, readonly string[]>();
  const listComponents = (dir: string) =>
    getOrMake(components, dir, () => componentsOf(kustomizationOf(tree, dir)?.data, dir));
  return (at) => {
    if (!tree.has(at)) return undefined;
    const over = isKustomizationFile(at)
      ? [...(byFolder().get(dirname(at)) ?? []), ...(byAuxiliary().get(at) ?? [])]
      : (byFile().get(at) ?? []);
    const above = new Set([...named, ...over.map(({ dir }) => dir)]);
    for (const dir of above) for (const one of listComponents(dir)) above.add(one);
    return above;
  };
}

function componentsOf(data: YamlData, dir: string): string[] {
  return itemsOf(data?.components).map((one) => join(dir, String(one)));
}
