import { builderOf } from "../../src/cluster/graph.ts";
import { bodyOf, type DeliveredFluxObject, type KubeObject, type YamlData } from "../../src/contract/objects.ts";
import { reachOf } from "../../src/delivery/flux-build.ts";
import { kustomizationOf, patchObject, reach } from "../../src/delivery/kustomize/index.ts";
import { join } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";

/** The patches that a kustomization, or the FluxKustomization itself, runs on what it builds. */
export interface PatchList {
  /** Undefined for those in the spec of the FluxKustomization. */
  file?: string;
  patches: YamlData[];
}

/** Lists of patches that an object of a FluxKustomization passes, those of the innermost folder first. */
export function patchesOnWay(
  tree: Tree,
  parent: DeliveredFluxObject,
  artifactRoot: string,
  { file }: KubeObject,
): PatchList[] {
  const { by, dir } = builderOf(parent, artifactRoot);
  const size = (folder: string) => reach(tree, folder).kustomizations.length;
  const lists = reachOf(tree, by.spec, dir)
    .kustomizations.filter((folder) => folder === dir || passes(tree, folder, file))
    .sort((a, b) => size(a) - size(b))
    .flatMap((folder) => patchesOf(tree, folder));
  return [...lists, { patches: Array.isArray(by.spec?.patches) ? by.spec.patches : [] }];
}

/** The first of them that reaches the object. */
export function findPatching(lists: readonly PatchList[], object: KubeObject): PatchList | undefined {
  return lists.find(({ patches }) => {
    const patched = patchObject(bodyOf(object), patches);
    return !patched.ok || patched.applied.length > 0;
  });
}

/** Components hold no objects of their own: they act on what the kustomization that names them builds. */
function passes(tree: Tree, folder: string, file: string): boolean {
  return kustomizationOf(tree, folder, true)?.kind === "Component" || reach(tree, folder).resources.includes(file);
}

function patchesOf(tree: Tree, folder: string): PatchList[] {
  const own = kustomizationOf(tree, folder, true);
  const patches = ["patches", "patchesJson6902"].flatMap((field) => own?.data[field] ?? []) as YamlData[];
  const inline = patches.map((item) =>
    typeof item?.path === "string" ? { ...item, patch: tree.read(join(folder, item.path)) } : item,
  );
  return own && inline.length > 0 ? [{ file: own.path, patches: inline }] : [];
}
