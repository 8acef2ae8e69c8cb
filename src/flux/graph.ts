import { findKustomization, fluxPath } from "../kustomize/index.ts";
import type { Tree } from "../workspace/tree.ts";
import { buildObject } from "./build-object.ts";
import { applyPatches } from "./effective.ts";
import { foldersBetween, reachOf } from "./folder-patches.ts";
import { isFluxKustomization } from "./kinds.ts";
import { join } from "./paths.ts";
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

/** What the build of a FluxKustomization reads: objects, and what only shapes them (patches, generators, kustomizations). */
export interface BuildFiles {
  resources: string[];
  others: string[];
}

const NOTHING: BuildFiles = { resources: [], others: [] };

/** Files the build of a FluxKustomization reads; empty for a path that does not exist. */
export function buildFilesOf(tree: Tree, spec: YamlData, artifactRoot: string): BuildFiles {
  const path = repositoryPath(spec, artifactRoot);
  if (path === undefined || !(path === "" || tree.isDir(path))) return NOTHING;
  const found = reachOf(tree, spec, path);
  const kustomizations = found.kustomizations.flatMap((dir) => kustomizationFile(tree, dir));
  return { resources: found.resources, others: [...found.auxiliary, ...kustomizations] };
}

/** All of them in one list. */
export function filesOf(tree: Tree, spec: YamlData, artifactRoot: string): string[] {
  const { resources, others } = buildFilesOf(tree, spec, artifactRoot);
  return [...resources, ...others];
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
    const { resources, others } = buildFilesOf(tree, parent.effective?.spec, artifactRoot);
    for (const file of others) delivered.files.add(file);
    // Objects come from resources only: a patch file holds a part of an object, and often its name.
    for (const file of resources) {
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
  const top = repositoryPath(spec, artifactRoot) ?? "";
  const folderPatches = foldersBetween(tree, spec, top, object.file);
  if (folderPatches.needsBuild) {
    const built = buildObject(tree, { ...spec, postBuild: undefined }, top, object);
    if (built && !built.uncertain) return { object, parent, namespace: built.namespace, effective: built.body };
  }
  let data = object.data;
  for (const patches of [...folderPatches.patches, spec.patches]) {
    const patched = applyPatches(data, patches);
    if (patched.deleted) return undefined;
    data = patched.data;
  }
  const namespace = spec.targetNamespace ?? folderPatches.namespace ?? object.namespace;
  return { object, parent, namespace: String(namespace), effective: data };
}

/** Whether a child FluxKustomization reads one of the given sources. */
export function readsFrom(child: DeliveredFluxObject, sources: ReadonlySet<string>): boolean {
  const ref = sourceRefOf(child.effective?.spec, child.namespace);
  return ref !== undefined && sources.has(`${ref.kind}/${ref.name}`);
}
