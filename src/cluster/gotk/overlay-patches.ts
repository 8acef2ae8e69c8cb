import type { KubeObject, SourcePatch, YamlData } from "../../contract/objects.ts";
import type { KustomizationFile } from "../../delivery/kustomize/index.ts";
import type { Tree } from "../../files/tree.ts";
import { normalisePatch } from "../../release/normalise.ts";
import { reaches } from "../../release/simulate.ts";
import type { SimObject } from "../../release/types.ts";
import { readKustomizationPatches } from "../remote-install.ts";

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
      if (reaches(item, install)) touches.add("install");
      for (const { object, isSync } of others) if (reaches(item, [object])) touches.add(isSync ? "sync" : "other");
    }
    return { patch, touches };
  });
}

/** Whether a patch of a FluxKustomization reaches the install it delivers. */
export function touchesInstall(patch: SourcePatch, install: readonly SimObject[]): boolean {
  const normalised = normalisePatch(patch);
  return normalised.ok && normalised.items.some((item) => reaches(item, install));
}

/** An object as patches see it before any renaming. */
export function toSimObject(data: YamlData): SimObject {
  const { name = "" } = data?.metadata ?? {};
  return { id: `${data?.kind}/${name}`, data, names: [String(name)] };
}
