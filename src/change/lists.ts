import { stringList } from "../delivery/kustomize/data.ts";
import { loadKustomization } from "../delivery/kustomize/index.ts";
import { dirname, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";

/** Fields of a kustomization that list files and folders. */
const FIELDS = ["resources", "bases", "components"];

/** An entry of a list of a kustomization. */
export interface ListEntry {
  field: string;
  index: number;
  /** As it is written. */
  text: string;
  /** From the root of the tree; of a URL nothing that exists. */
  path: string;
}

/** What a kustomization lists; undefined where it cannot be read, or has no list, not even an empty one. */
export function listEntries(tree: Tree, file: string): ListEntry[] | undefined {
  const loaded = tree.has(file) ? loadKustomization(tree, file) : undefined;
  if (!loaded?.ok) return undefined;
  const { data } = loaded.file;
  const lists = FIELDS.filter((field) => Array.isArray(data[field]));
  if (lists.length === 0) return undefined;
  return lists.flatMap((field) =>
    stringList(data[field]).map((text, index) => ({ field, index, text, path: join(dirname(file), text) })),
  );
}

/** What is known of a path, or of the nearest folder above it. */
export function findAbove<T>(known: ReadonlyMap<string, T>, file: string): T | undefined {
  for (let path = file; path !== "" && path !== "."; path = dirname(path)) {
    const found = known.get(path);
    if (found !== undefined) return found;
  }
  return undefined;
}
