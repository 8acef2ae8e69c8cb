import { readDeletion } from "../../change/deletions.ts";
import type { YamlData } from "../../contract/objects.ts";
import { kustomizationOf } from "../../delivery/kustomize/index.ts";
import { dirname, join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { listPatches } from "./left-patches.ts";

/** A patch, or one target of a replacement. */
export interface Rule {
  noun: "patch" | "replacement";
  /** All that it says but whom it is for. */
  says: string;
  target: YamlData;
  /** Where it stands in the spec. */
  at?: readonly [list: string, index: number];
  /** It takes what it selects out of the build. */
  deletes?: true;
}

/** The patches of a FluxKustomization, which takes none from a file. */
export const readPatches = (spec: YamlData): Rule[] => readEach(spec, () => undefined);

/** The patches of a kustomization. */
export function readPatchesIn(tree: Tree, file: string): Rule[] {
  const dir = dirname(file);
  return readEach(kustomizationOf(tree, dir)?.data, (path) => tree.read(join(dir, path)));
}

function readEach(spec: YamlData, read: (path: string) => string | undefined): Rule[] {
  return listPatches(spec).map(({ one: { patch, path, target }, at }) => ({
    noun: "patch",
    says: JSON.stringify([patch, path]),
    ...{ target, at },
    ...(readDeletion(typeof path === "string" ? read(path) : patch) ? { deletes: true as const } : {}),
  }));
}
