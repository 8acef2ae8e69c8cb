import { type KubeObject, type SourcePatch, valueAt, type YamlData } from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";
import { locateField } from "./locations.ts";

/** The items of a `patches:` list with their places; bodies that are no text are left to the porting step to report. */
export function readPatchList(
  tree: Tree,
  object: Pick<KubeObject, "file" | "doc" | "data">,
  path: readonly (string | number)[],
): SourcePatch[] {
  const list = valueAt(object.data, path);
  if (!Array.isArray(list)) return [];
  return list.map((item: YamlData, index) => ({
    at: locateField(tree, object, [...path, index]),
    file: object.file,
    doc: object.doc,
    path: [...path, index],
    body: typeof item?.patch === "string" ? item.patch : "",
    ...(item?.target ? { target: item.target } : {}),
    form: "patches" as const,
  }));
}
