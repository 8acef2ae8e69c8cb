import { groupBy } from "../contract/group-by.ts";
import { itemsOf, type KubeObject, type SourcePatch, sortKeys, valueAt, type YamlData } from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";
import { locateField } from "./locations.ts";

/**
 * The items of a `patches:` list with their places; bodies that are no text are left to the porting step to report.
 * @param applied the object as it comes to the cluster: an item that its file does not have stands at the list, without text
 */
export function readPatchList(
  tree: Tree,
  object: Pick<KubeObject, "file" | "doc" | "data">,
  path: readonly (string | number)[],
  applied: YamlData = object.data,
): SourcePatch[] {
  const list = valueAt(applied, path);
  if (!Array.isArray(list)) return [];
  const { file, doc } = object;
  const places = placesOf(list, valueAt(object.data, path));
  return list.map((item: YamlData, index) => {
    const place = places[index];
    return {
      at: locateField(tree, object, place === undefined ? path : [...path, place]),
      file,
      doc,
      path: place === undefined ? [] : [...path, place],
      body: typeof item?.patch === "string" ? item.patch : "",
      isTrimmed: true,
      ...(item?.target ? { target: item.target } : {}),
      form: place === undefined ? ("hand-edit" as const) : ("patches" as const),
    };
  });
}

/** Which item of the list that is written each of a list is; no two are the same one. */
function placesOf(list: readonly YamlData[], written: YamlData): (number | undefined)[] {
  const print = (item: YamlData) => JSON.stringify(sortKeys(item));
  const items: YamlData[] = itemsOf(written);
  const left = groupBy([...items.keys()], (index) => print(items[index]));
  return list.map((item) => left.get(print(item))?.shift());
}
