import type { Comparison } from "../../change/comparison.ts";
import { findAbove, type ListEntry, listEntries } from "../../change/lists.ts";
import { folderOf } from "../../change/touched.ts";
import type { TreeChange } from "../../change/types.ts";
import { getOrMake } from "../../contract/group-by.ts";
import type { YamlData } from "../../contract/objects.ts";
import { once } from "../../contract/once.ts";
import { stringList } from "../../delivery/kustomize/data.ts";
import { isKustomizationFile, reach } from "../../delivery/kustomize/index.ts";
import { dirname, isWithin, join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { readYamlCached } from "../../yaml/read.ts";

/** An entry that a change takes out of a list. */
export interface Dropped {
  /** The list, by a name of its own. */
  list: string;
  /** The folder that it named, where that is no component: an app, or a part of one. */
  folder?: string;
  /** The list goes, and with it all that lies in its folder. */
  goes: boolean;
}

/** Tells the entry by which a list gives a file up; undefined for a file that no list gave up. */
export type ListOf = (file: string) => Dropped | undefined;

/**
 * Finds what the change takes out of a list: of a kustomization, or the `components` of a FluxKustomization. A field that
 * vanishes with all that it listed is a slip (`resource:` for `resources:`), not a decision; an empty one is one, and so are
 * `components` that go while no other field comes, which kustomize needs none of.
 */
export function makeListOf({ respecced }: Comparison, change: TreeChange, artifactRoot: string): ListOf {
  const known = once(() => findDropped(respecced, change, artifactRoot));
  return (file) => findAbove(known(), file);
}

/** By file or folder. */
function findDropped(
  respecced: Comparison["respecced"],
  { before, after, changed }: TreeChange,
  artifactRoot: string,
): Map<string, Dropped> {
  const drops: { path: string; dropped: Dropped }[] = [...changed].filter(isKustomizationFile).flatMap((list) => {
    const goes = !after.isDir(dirname(list));
    return diff(before, after, list).map(({ path, field }) => {
      const isFolder = field !== "components" && before.isDir(path);
      return { path, dropped: { list, goes, ...(isFolder ? { folder: path } : {}) } };
    });
  });
  for (const { key, before: old, after: now } of respecced) {
    const components = (specs: typeof old) =>
      specs.flatMap(({ data }) => {
        const path = folderOf(data, artifactRoot);
        return path === undefined ? [] : stringList(data.spec.components).map((one) => join(path, one));
      });
    const kept = new Set(components(now));
    for (const path of components(old)) if (!kept.has(path)) drops.push({ path, dropped: { list: key, goes: false } });
  }
  // What a list that stays gives up is the stronger sign of a slip.
  drops.sort((a, b) => Number(a.dropped.goes) - Number(b.dropped.goes));
  const found = new Map<string, Dropped>();
  for (const { path, dropped } of drops) getOrMake(found, path, () => dropped);
  for (const { path, dropped } of drops) {
    // A folder may bring files from elsewhere, its bases; what lies in it is found by its name.
    const reached = before.isDir(path) ? reach(before, path).resources : [];
    for (const one of reached) getOrMake(found, one, () => dropped);
  }
  return found;
}

function diff(before: Tree, after: Tree, file: string): ListEntry[] {
  const now = new Set(listEntries(after, file)?.map(({ path }) => path));
  const entries = (listEntries(before, file) ?? []).filter(({ path }) => !now.has(path));
  // A folder without a kustomization is walked: what lies in it nobody gave up.
  if (!after.has(file)) return entries.filter(({ path }) => !isWithin(path, dirname(file)));
  const [old, [has, ...more]] = [readFields(before, file)[0], readFields(after, file)];
  if (!has) return [];
  // A stray `---` cuts a field off just as a slip in its name does.
  const gains = more.length > 0 || [...has].some((field) => !old?.has(field));
  const isField = (field: string) =>
    has.has(field) || (field === "resources" && has.has("bases")) || (field === "components" && !gains);
  return entries.filter(({ field }) => isField(field));
}

/** Which fields each document of a file has, be they empty. */
function readFields(tree: Tree, file: string): ReadonlySet<string>[] {
  const parsed = readYamlCached(tree.read(file) ?? "");
  const docs = parsed.ok ? parsed.docs : [];
  return docs.map(({ data }: { data: YamlData }) => new Set(isMap(data) ? Object.keys(data) : []));
}
