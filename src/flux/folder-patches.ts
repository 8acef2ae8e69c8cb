import { findKustomization, type KustomizationFile, loadKustomization, type Reach, reach } from "../kustomize/index.ts";
import type { Tree } from "../workspace/tree.ts";
import { join } from "./paths.ts";
import type { YamlData } from "./types.ts";

/** What the kustomizations on the way from a built folder down to a file do to the objects in it. */
export interface FolderPatches {
  /** Lists of patches in the order kustomize runs them, innermost folder first. */
  patches: YamlData[];
  /** The kustomization file of each list. */
  files: string[];
  namespace?: string;
  /** Transformers or replacements take part, which only the full build evaluates. */
  needsBuild: boolean;
}

/** Components of components deeper than this are a cycle that no build gets through. */
const MAX_DEPTH = 8;

/** What the build of a FluxKustomization reads; cached per tree. */
export function reachOf(tree: Tree, spec: YamlData, dir: string): Reach {
  return reach(tree, dir, {
    components: strings(spec?.components),
    ignoreMissingComponents: spec?.ignoreMissingComponents === true,
  });
}

/**
 * Patches and namespace of the kustomizations between a folder and a file, with those of their components, which
 * kustomize runs before the kustomization's own (flux-semantics 2.8).
 * @param spec of the FluxKustomization that builds `top`; its `components` join those of the folder.
 */
export function foldersBetween(tree: Tree, spec: YamlData, top: string, file: string): FolderPatches {
  const result: FolderPatches = { patches: [], files: [], needsBuild: false };
  for (const dir of foldersPassed(tree, spec, top).get(file) ?? []) collect(tree, dir, [], result);
  collect(tree, top, strings(spec?.components), result);
  return result;
}

const passed = new WeakMap<Tree, Map<string, ReadonlyMap<string, readonly string[]>>>();

/**
 * The folders whose kustomizations a file passes on its way up to `top`, innermost first. They need not lie above it: an
 * overlay lists a base beside it. Components are left out, the kustomization that names one collects it.
 */
function foldersPassed(tree: Tree, spec: YamlData, top: string): ReadonlyMap<string, readonly string[]> {
  let known = passed.get(tree);
  if (!known) {
    known = new Map();
    passed.set(tree, known);
  }
  const key = JSON.stringify([top, spec?.components ?? []]);
  let folders = known.get(key);
  if (!folders) {
    folders = indexFolders(tree, spec, top);
    known.set(key, folders);
  }
  return folders;
}

function indexFolders(tree: Tree, spec: YamlData, top: string): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>();
  const dirs = reachOf(tree, spec, top)
    .kustomizations.filter((dir) => dir !== top && !isComponent(tree, dir))
    .map((dir) => ({ dir, inner: reach(tree, dir) }))
    .sort((a, b) => a.inner.kustomizations.length - b.inner.kustomizations.length);
  for (const { dir, inner } of dirs) {
    for (const file of inner.resources) {
      const list = index.get(file);
      if (list) list.push(dir);
      else index.set(file, [dir]);
    }
  }
  return index;
}

function isComponent(tree: Tree, dir: string): boolean {
  const found = findKustomization(tree, dir);
  const loaded = found?.error === undefined && found ? loadKustomization(tree, found.path, true) : undefined;
  return loaded?.ok === true && loaded.file.kind === "Component";
}

function collect(tree: Tree, dir: string, added: readonly string[], result: FolderPatches, depth = 0): void {
  const found = findKustomization(tree, dir);
  const loaded = found?.error === undefined && found ? loadKustomization(tree, found.path, true) : undefined;
  const own = loaded?.ok ? loaded.file : undefined;
  for (const path of [...strings(own?.data.components), ...added]) {
    if (depth < MAX_DEPTH) collect(tree, join(dir, path), [], result, depth + 1);
  }
  if (!own) return;
  const { data } = own;
  if (typeof data.namespace === "string") result.namespace = data.namespace;
  if (isFilled(data.transformers) || isFilled(data.replacements)) result.needsBuild = true;
  const patches = inlinePatches(tree, own);
  if (patches.length === 0) return;
  result.patches.push(patches);
  result.files.push(own.path);
}

/** Patches of all three forms, files inlined, in the order kustomize runs them (flux-semantics 3). */
function inlinePatches(tree: Tree, { dir, data }: KustomizationFile): YamlData[] {
  const items = (field: string): YamlData[] => (Array.isArray(data[field]) ? (data[field] as YamlData[]) : []);
  const read = (path: unknown) => (typeof path === "string" ? tree.read(join(dir, path)) : undefined);
  const merges = items("patchesStrategicMerge").map((item) => ({ patch: read(item) ?? item }));
  const patches = [...items("patches"), ...items("patchesJson6902")].map((item) =>
    typeof item?.patch === "string" ? item : { ...item, patch: read(item?.path) },
  );
  return [...merges, ...patches];
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

function isFilled(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0;
}
