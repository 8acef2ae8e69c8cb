import { itemsOf } from "../../../src/contract/objects.ts";
import { kustomizationOf, loadKustomization } from "../../../src/delivery/kustomize/index.ts";
import { join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { editFile } from "../edit-file.ts";

/**
 * Adds an entry to the `resources` of a folder's kustomization, unless it already names the same path; with or without
 * `./` as the entries that are there.
 */
export function listResource(tree: Tree, dir: string, wanted: string, why: string): ReturnType<typeof editFile> {
  const found = kustomizationOf(tree, dir);
  if (!found) return {};
  const { resources } = found.data;
  const list = itemsOf(resources);
  const prefix = prefixIn(list);
  const entry = prefix === undefined ? wanted : `${prefix}${wanted.replace(/^\.\//, "")}`;
  if (list.some((item) => typeof item === "string" && join(dir, item) === join(dir, entry))) return {};
  const value = Array.isArray(resources) ? entry : [entry];
  const op = Array.isArray(resources) ? "insert" : "set";
  return editFile(tree, found.path, [{ op, doc: 0, path: ["resources"], value }], why);
}

/** `./` or nothing, as most entries for local files and folders begin; undefined where there are none. */
function prefixIn(list: readonly unknown[]): "./" | "" | undefined {
  const local = list.filter((item) => typeof item === "string" && !/^\.\.\/|^[a-z]+:\/\/|^github\.com\//.test(item));
  const dotted = local.filter((item) => String(item).startsWith("./")).length;
  return local.length === 0 ? undefined : dotted * 2 > local.length ? "./" : "";
}

/** Removes entries from the `resources` of a kustomization; returns nothing when none of them is listed. */
export function unlistResources(
  tree: Tree,
  file: string,
  dir: string,
  targets: ReadonlySet<string>,
  why: string,
): ReturnType<typeof editFile> {
  const loaded = loadKustomization(tree, file);
  if (!loaded.ok) return {};
  const ops = ["resources", "components"].flatMap((field) =>
    itemsOf(loaded.file.data[field])
      .flatMap((item, index) => (typeof item === "string" && targets.has(join(dir, item)) ? index : []))
      .reverse()
      .map((index) => ({ op: "delete", doc: 0, path: [field, index] }) as const),
  );
  return ops.length === 0 ? {} : editFile(tree, file, ops, why);
}
