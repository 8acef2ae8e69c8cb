import type { KustomizationFile } from "../../kustomize/index.ts";
import type { Tree } from "../../workspace/tree.ts";
import { normalisePatch } from "../patches/normalise.ts";
import { selectById, selectObjects } from "../patches/select.ts";
import type { PatchItem, SimObject } from "../patches/types.ts";
import { readKustomizationPatches } from "../remote-install.ts";
import type { KubeObject, SourcePatch, YamlData } from "../types.ts";

/** A kustomization file as an object, so that its fields can be located. */
export function kustomizationObject(file: KustomizationFile): KubeObject {
  const { apiVersion = "" } = file.data as YamlData;
  return { file: file.path, doc: 0, apiVersion, kind: file.kind, name: "", namespace: "", data: file.data };
}

export interface OverlayPatch {
  patch: SourcePatch;
  /** What it selects: objects of the install, the source and root beside it, or something else. */
  touches: ReadonlySet<"install" | "sync" | "other">;
}

/**
 * The patches of a kustomization with what each of them selects, by kustomize's own rules, among the objects it builds.
 * @param install objects of the old install, @param others all else that this kustomization builds.
 */
export function readOverlayPatches(
  tree: Tree,
  file: KustomizationFile,
  install: readonly SimObject[],
  others: readonly { object: SimObject; isSync: boolean }[],
): OverlayPatch[] {
  return readKustomizationPatches(tree, kustomizationObject(file)).map((patch) => {
    const normalised = normalisePatch(patch);
    const items = normalised.ok ? normalised.items : [];
    const touches = new Set<"install" | "sync" | "other">();
    for (const item of items) {
      if (selects(item, install)) touches.add("install");
      for (const { object, isSync } of others) if (selects(item, [object])) touches.add(isSync ? "sync" : "other");
    }
    return { patch, touches };
  });
}

/** Whether a patch of a FluxKustomization reaches the install it delivers. */
export function touchesInstall(patch: SourcePatch, install: readonly SimObject[]): boolean {
  const normalised = normalisePatch(patch);
  return normalised.ok && normalised.items.some((item) => selects(item, install));
}

function selects(item: PatchItem, objects: readonly SimObject[]): boolean {
  if (item.target) return (selectObjects(objects, item.target)?.length ?? 0) > 0;
  if (item.type !== "merge") return false;
  const { apiVersion, kind, metadata } = item.doc;
  const id = { apiVersion: String(apiVersion), kind, name: metadata.name, namespace: metadata.namespace ?? "" };
  return objects.some((object) => selectById([object], id) !== undefined);
}

/** An object as patches see it before any renaming. */
export function toSimObject(data: YamlData): SimObject {
  const { name = "", namespace = "" } = data?.metadata ?? {};
  return { id: `${data?.kind}/${name}`, data, names: [String(name)], namespace: String(namespace) };
}
