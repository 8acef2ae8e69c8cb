import { bodyOf, itemsOf, type YamlData } from "../contract/objects.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import { isKustomizationFile, loadKustomization } from "../delivery/kustomize/index.ts";
import { dirname, join } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { kindPattern } from "../yaml/kind-pattern.ts";
import { readYamlCached } from "../yaml/read.ts";
import { objectsIn } from "./objects.ts";

const MAKER = kindPattern("ResourceSet", "HelmRelease");

/**
 * What in a tree may make documents of a kind reach a cluster as something else than they are written: patches, replacements
 * and transformers, as text. Errs towards there being some; without any, what is written is what is applied, but for variables.
 */
export function listAlterations(tree: Tree, kind: string): readonly string[] {
  return remember(tree, "alterations", kind, () => {
    const found = [...listTemplates(tree, kind, /patch|replacements/)];
    const patches = objectsIn(tree, tree.grep("patches"))
      .filter(isFluxKustomization)
      .flatMap((one) => itemsOf(bodyOf(one).spec?.patches).map((entry): Patch => ({ entry, dir: dirname(one.file) })));
    for (const path of tree.paths.filter(isKustomizationFile)) {
      const loaded = loadKustomization(tree, path);
      const text = tree.read(path) ?? "";
      if (!loaded.ok) {
        if (/patch|replacements|transformers/.test(text)) found.push(text);
        continue;
      }
      const { dir, data } = loaded.file as { dir: string; data: YamlData };
      const entries = ["patches", "patchesStrategicMerge", "patchesJson6902"].flatMap((field) => itemsOf(data[field]));
      patches.push(...entries.map((entry) => ({ entry, dir })));
      const others = [...itemsOf(data.transformers), ...itemsOf(data.vars)];
      const replaced = itemsOf(data.replacements).filter((one) => mayReplace(tree, one, dir, kind));
      found.push(...[...others, ...replaced].map((one) => JSON.stringify(one)));
    }
    // It grows: a patch may give a FluxKustomization patches.
    for (const patch of patches) {
      const text = readPatch(tree, patch);
      if (mayHit(patch.entry, text, kind)) found.push(JSON.stringify([patch.entry, text]));
      else patches.push(...listNested(text).map((entry) => ({ entry, dir: patch.dir })));
    }
    return found;
  });
}

/** Files that may make objects of a kind though they hold none: ResourceSets, charts, and values that hold manifests. */
export function listTemplates(tree: Tree, kind: string, also = /^/): string[] {
  const isTemplate = (text: string) => text.includes("{{") || MAKER.test(text);
  return tree.grep(kind).filter((file) => {
    const text = file.endsWith(".md") ? "" : (tree.read(file) ?? "");
    return also.test(text) && isTemplate(text) && !text.includes("kind: CustomResourceDefinition");
  });
}

interface Patch {
  entry: YamlData;
  dir: string;
}

/** Undefined where it cannot be read. */
function readPatch(tree: Tree, { entry, dir }: Patch): string | undefined {
  const patch = isMap(entry) ? (entry.patch ?? entry.ops) : entry;
  if (isMap(entry) && typeof entry.path === "string") return tree.read(join(dir, entry.path));
  if (typeof patch !== "string") return JSON.stringify(patch);
  return /\n|:\s/.test(patch) || isMap(entry) ? patch : tree.read(join(dir, patch));
}

/** What cannot be read may give a FluxKustomization patches. */
function mayHit(entry: YamlData, text: string | undefined, kind: string): boolean {
  if (!isMap(entry) || !isMap(entry.target)) return text === undefined || text.includes(kind);
  return mayMean(entry.target, kind) || (text === undefined && mayMean(entry.target, "Kustomization"));
}

/** The kind of a target is a pattern. */
function mayMean(target: YamlData, kind: string): boolean {
  return !/^\w+$/.test(String(target?.kind ?? "")) || target.kind === kind;
}

function mayReplace(tree: Tree, entry: YamlData, dir: string, kind: string): boolean {
  const parsed =
    isMap(entry) && typeof entry.path === "string" ? readYamlCached(tree.read(join(dir, entry.path)) ?? "") : undefined;
  if (parsed && !parsed.ok) return true;
  const all: YamlData[] = parsed?.ok ? parsed.docs.flatMap(({ data }) => data) : [entry];
  return all.length === 0 || all.some((one) => itemsOf(one?.targets).some(({ select }) => mayMean(select, kind)));
}

/** Patches that a patch writes into FluxKustomizations. */
function listNested(text: string | undefined): YamlData[] {
  if (!text?.includes("patches")) return [];
  const parsed = readYamlCached(text);
  // What cannot be read hits everything, as an entry with a target of no kind.
  if (!parsed.ok) return [{ target: {}, patch: "" }];
  return parsed.docs.flatMap(({ data }: { data: YamlData }) => {
    const operations = Array.isArray(data) ? itemsOf(data) : [];
    const values = operations.flatMap(({ path, value }) =>
      /^\/spec(?:\/patches|$)/.test(String(path)) ? [value] : [],
    );
    return [data?.spec?.patches, ...values].flatMap((value) => {
      if (Array.isArray(value)) return value;
      return isMap(value) ? (itemsOf(value.patches).length > 0 ? itemsOf(value.patches) : [value]) : [];
    });
  });
}
