import { builderOf, deliverObject } from "../../src/cluster/graph.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import { readable } from "../../src/contract/answer.ts";
import { given } from "../../src/contract/given.ts";
import {
  bodyOf,
  type DeliveredFluxObject,
  itemsOf,
  type KubeObject,
  type YamlData,
} from "../../src/contract/objects.ts";
import type { KubeData } from "../../src/contract/specs.ts";
import { reachOf } from "../../src/delivery/flux-build.ts";
import { kustomizationOf, patchObject, reach } from "../../src/delivery/kustomize/index.ts";
import { join } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { YamlPath } from "../../src/yaml/types.ts";

/** The patches that a kustomization, or the FluxKustomization itself, runs on what it builds. */
export interface PatchList {
  /** Undefined for those in the spec of the FluxKustomization. */
  file?: string;
  patches: WrittenPatch[];
}

export interface WrittenPatch {
  /** As an item of `patches`, its file read in. */
  item: YamlData;
  /** Where the item is written; undefined where another patch put it there. */
  place?: { file: string; doc: number; path: YamlPath };
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
  return [...lists, { patches: ownPatches(parent.object, itemsOf(by.spec?.patches)) }];
}

/** Whether a patch reaches the object, or would if it could be run. */
export function reaches({ item }: WrittenPatch, object: KubeObject): boolean {
  const patched = patchObject(bodyOf(object), [item]);
  return !patched.ok || patched.applied.length > 0;
}

/** Components hold no objects of their own: they act on what the kustomization that names them builds. */
function passes(tree: Tree, folder: string, file: string): boolean {
  return kustomizationOf(tree, folder)?.kind === "Component" || reach(tree, folder).resources.includes(file);
}

function patchesOf(tree: Tree, folder: string): PatchList[] {
  const own = kustomizationOf(tree, folder);
  if (!own) return [];
  const patches = ["patches", "patchesJson6902"].flatMap((field) =>
    itemsOf(own.data[field]).map((item: YamlData, index) => ({
      item: typeof item.path === "string" ? { ...item, patch: tree.read(join(folder, item.path)) } : item,
      place: { file: own.path, doc: 0, path: [field, index] },
    })),
  );
  return [{ file: own.path, patches }];
}

/** The patches of a FluxKustomization as its own parents leave it; those that its file holds have a place. */
function ownPatches({ file, doc, data }: KubeObject, effective: readonly YamlData[]): WrittenPatch[] {
  const isWritten = isSame(itemsOf(data.spec?.patches), effective);
  return effective.map((item, index) =>
    isWritten ? { item, place: { file, doc, path: ["spec", "patches", index] } } : { item },
  );
}

/** A parent with the patches that its file holds now, as its own parent applies it. */
export function withEditedPatches(tree: Tree, parent: DeliveredFluxObject, artifactRoot: string): DeliveredFluxObject {
  const { object, effective } = parent;
  const now = readObjects(tree, object.file).objects.find(({ doc }) => doc === object.doc);
  const patches = now?.data.spec?.patches;
  const written = object.data.spec?.patches;
  const { spec, ...rest } = readable(effective);
  if (!now || isSame(patches, written) || !isSame(written, spec?.patches)) return parent;
  // Another patch may bring the very list.
  if (parent.parent) return deliverObject(tree, now, parent.parent, artifactRoot) ?? parent;
  const { patches: _old, ...others } = spec ?? {};
  const value: KubeData = { ...rest, spec: { ...others, ...given({ patches }) } };
  return {
    ...parent,
    object: now,
    effective: effective.known ? { known: true, value } : { ...effective, partial: value },
  };
}

const isSame = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
