import { findKustomization, fluxPath, type KustomizationFile, loadKustomization, reach } from "../kustomize/index.ts";
import type { Tree } from "../workspace/tree.ts";
import { applyPatches } from "./effective.ts";
import { isFluxKustomization } from "./kinds.ts";
import { dirname, isWithin, join } from "./paths.ts";
import { sourceRefOf } from "./sources.ts";
import type { DeliveredFluxObject, KubeObject, YamlData } from "./types.ts";

/** Flux objects by the file they stand in. */
export type ObjectsByFile = ReadonlyMap<string, readonly KubeObject[]>;

export function groupByFile(objects: readonly KubeObject[]): ObjectsByFile {
  const map = new Map<string, KubeObject[]>();
  for (const object of objects) {
    const known = map.get(object.file);
    if (known) known.push(object);
    else map.set(object.file, [object]);
  }
  return map;
}

/** Folder of the repository that a FluxKustomization builds; undefined when its path is not literal or leaves the root. */
export function repositoryPath(spec: YamlData, artifactRoot: string): string | undefined {
  const path = spec?.path ?? "";
  if (typeof path !== "string" || path.includes("${")) return undefined;
  return join(artifactRoot, fluxPath(path));
}

/** Files the build of a FluxKustomization reads; empty for a path that does not exist. */
export function filesOf(tree: Tree, spec: YamlData, artifactRoot: string): string[] {
  const path = repositoryPath(spec, artifactRoot);
  if (path === undefined || !(path === "" || tree.isDir(path))) return [];
  const components = Array.isArray(spec?.components)
    ? spec.components.filter((item: unknown) => typeof item === "string")
    : [];
  const found = reach(tree, path, { components, ignoreMissingComponents: spec?.ignoreMissingComponents === true });
  return [
    ...found.resources,
    ...found.auxiliary,
    ...found.kustomizations.flatMap((dir) => kustomizationFile(tree, dir)),
  ];
}

function kustomizationFile(tree: Tree, dir: string): string[] {
  const found = findKustomization(tree, dir);
  return found !== undefined && "path" in found && typeof found.path === "string" ? [found.path] : [];
}

export interface Delivered {
  kustomizations: DeliveredFluxObject[];
  /** Those of them that read this repository; their paths are folders of the tree. */
  local: DeliveredFluxObject[];
  files: Set<string>;
  /** Which FluxKustomization delivers a file first. */
  parentOf: Map<string, DeliveredFluxObject>;
}

/**
 * Everything a root reaches: children are read as they are after the patches of their parents, because home-ops roots
 * often inject `sourceRef`, `decryption` or whole specs that way.
 * @param isLocal whether a child reads this repository; others are kept but not followed.
 */
export function followRoot(
  tree: Tree,
  root: DeliveredFluxObject,
  byFile: ObjectsByFile,
  artifactRoot: string,
  isLocal: (child: DeliveredFluxObject) => boolean,
): Delivered {
  const delivered: Delivered = { kustomizations: [root], local: [], files: new Set(), parentOf: new Map() };
  const seen = new Set<string>([keyOf(root.object)]);
  for (let next = 0; next < delivered.kustomizations.length; next++) {
    const parent = delivered.kustomizations[next]!;
    if (next > 0 && !isLocal(parent)) continue;
    delivered.local.push(parent);
    for (const file of filesOf(tree, parent.effective?.spec, artifactRoot)) {
      delivered.files.add(file);
      if (!delivered.parentOf.has(file)) delivered.parentOf.set(file, parent);
      for (const object of byFile.get(file) ?? []) {
        if (!isFluxKustomization(object) || seen.has(keyOf(object))) continue;
        seen.add(keyOf(object));
        const child = deliverObject(tree, object, parent, artifactRoot);
        if (child) delivered.kustomizations.push(child);
      }
    }
  }
  return delivered;
}

export function keyOf(object: Pick<KubeObject, "file" | "doc">): string {
  return `${object.file}#${object.doc}`;
}

/** An object as its parent applies it; undefined when a patch of the parent deletes it. */
export function deliverObject(
  tree: Tree,
  object: KubeObject,
  parent: DeliveredFluxObject,
  artifactRoot: string,
): DeliveredFluxObject | undefined {
  const spec = parent.effective?.spec ?? {};
  const folderPatches = foldersBetween(tree, repositoryPath(spec, artifactRoot) ?? "", object.file);
  let data = object.data;
  for (const patches of [...folderPatches.patches, spec.patches]) {
    const patched = applyPatches(data, patches);
    if (patched.deleted) return undefined;
    data = patched.data;
  }
  const namespace = spec.targetNamespace ?? folderPatches.namespace ?? object.namespace;
  return { object, parent, namespace: String(namespace), effective: data };
}

/** Patches and namespace of the kustomizations on the way from a built folder down to a file, innermost first. */
function foldersBetween(tree: Tree, top: string, file: string): { patches: YamlData[]; namespace?: string } {
  const result: { patches: YamlData[]; namespace?: string } = { patches: [] };
  for (let dir = dirname(file); isWithin(dir, top); dir = dirname(dir)) {
    const found = findKustomization(tree, dir);
    if (found !== undefined && "path" in found && typeof found.path === "string") {
      const loaded = loadKustomization(tree, found.path);
      if (loaded.ok) {
        const { namespace } = loaded.file.data;
        if (typeof namespace === "string") result.namespace = namespace;
        const patches = inlinePatches(tree, loaded.file);
        if (patches.length > 0) result.patches.push(patches);
      }
    }
    if (dir === top || dir === "") break;
  }
  return result;
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

/** Whether a child FluxKustomization reads one of the given sources. */
export function readsFrom(child: DeliveredFluxObject, sources: ReadonlySet<string>): boolean {
  const ref = sourceRefOf(child.effective?.spec, child.namespace);
  return ref !== undefined && sources.has(`${ref.kind}/${ref.name}`);
}
