import { isDeepStrictEqual } from "node:util";
import { compareText } from "../../../src/contract/compare-text.ts";
import { itemsOf } from "../../../src/contract/objects.ts";
import { kustomizationOf, loadKustomization } from "../../../src/delivery/kustomize/index.ts";
import { join } from "../../../src/delivery/paths.ts";
import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { editFile } from "../edit-file.ts";
import { docsIn } from "../read.ts";

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
  const taken = takeUp(tree, found.path, dir, entry, why);
  if (taken) return taken;
  const path = ["resources"];
  if (!Array.isArray(resources)) return editFile(tree, found.path, [{ op: "set", doc: 0, path, value: [entry] }], why);
  const index = sortedPlace(list, entry, tree.read(found.path) ?? "");
  const place = index === undefined ? {} : { index };
  return editFile(tree, found.path, [{ op: "insert", doc: 0, path, value: entry, ...place }], why);
}

/**
 * Where an entry goes in a list that its owner sorts: after plain files that lead it, such as `./namespace.yaml`, the
 * folders stand in order. Undefined for the end: no order is seen in less than three, and what stands under a comment of
 * its own begins a group that nothing is put above.
 */
function sortedPlace(list: readonly unknown[], entry: string, text: string): number | undefined {
  const isFolder = (item: unknown) => typeof item === "string" && item.replace(/^\.\//, "").includes("/");
  const from = list.findIndex(isFolder);
  const folders = from < 0 ? [] : list.slice(from).map(String);
  const isSorted = folders.every((item, index) => index === 0 || compareText(folders[index - 1]!, item) < 0);
  if (folders.length < 3 || !isSorted || !isFolder(entry) || !folders.every(isFolder)) return undefined;
  const at = folders.findIndex((item) => compareText(entry, item) < 0);
  if (at < 0) return undefined;
  const line = new RegExp(`^[ \\t]*#.*\\r?\\n[ \\t]*- +["']?${escapeRegExp(folders[at]!)}["']?[ \\t]*(?:#.*)?$`, "m");
  return line.test(text) ? undefined : from + at;
}

/**
 * The owner's own line for the entry, commented out until now: `# - ./flux-instance/ks.yaml`. It is taken up where it
 * stands; undefined where there is none, or where the list would not be the same with one entry more.
 */
function takeUp(
  tree: Tree,
  path: string,
  dir: string,
  entry: string,
  why: string,
): ReturnType<typeof editFile> | undefined {
  const text = tree.read(path) ?? "";
  const before = itemsOf(docsIn(text)[0]?.data?.resources);
  for (const match of text.matchAll(/^([ \t]*)#([ \t]*)(- +["']?)([^\s"'#]+)(["']?[ \t]*(?:#.*)?)$/gm)) {
    const [line, indent = "", gap = "", dash = "", target = "", rest = ""] = match;
    if (join(dir, target) !== join(dir, entry)) continue;
    for (const inner of new Set(["", gap.slice(1), gap])) {
      const lead = indent + inner + dash;
      const start = match.index;
      const range = { start, end: start + line.length, text: `${lead}${target}${rest}` };
      const after = docsIn(text.slice(0, start) + range.text + text.slice(range.end))[0]?.data?.resources;
      const others = itemsOf(after).filter((item) => item !== target);
      if (itemsOf(after).length !== before.length + 1 || !isDeepStrictEqual(others, before)) continue;
      return { edits: [{ kind: "replace", path, ranges: [range], why, evidence: [] }] };
    }
  }
  return undefined;
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
): ReturnType<typeof editFile> {
  const loaded = loadKustomization(tree, file);
  if (!loaded.ok) return {};
  const ops = ["resources", "components"].flatMap((field) =>
    itemsOf(loaded.file.data[field])
      .flatMap((item, index) => (typeof item === "string" && targets.has(join(dir, item)) ? index : []))
      .reverse()
      .map((index) => ({ op: "delete", doc: 0, path: [field, index] }) as const),
  );
  return ops.length === 0 ? {} : editFile(tree, file, ops, "Stop listing what is gone.");
}
