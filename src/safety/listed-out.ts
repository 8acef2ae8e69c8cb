import { repositoryPath } from "../cluster/graph.ts";
import { stringList } from "../delivery/kustomize/data.ts";
import { kustomizationNames } from "../delivery/kustomize/file.ts";
import { loadKustomization, reach } from "../delivery/kustomize/index.ts";
import { basename, dirname, isWithin, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import type { TreeChange } from "./trees.ts";
import type { Comparison } from "./types.ts";

const NAMES: readonly string[] = kustomizationNames;
const LISTS = ["resources", "bases", "components"];

/**
 * Tells files that the change takes out of a list: of a kustomization, or the `components` of a FluxKustomization. A
 * kustomization that keeps none of its lists is a slip (`resource:` for `resources:`), not a decision.
 */
export function makeListedOut({ respecced }: Comparison, change: TreeChange, artifactRoot: string) {
  let dropped: ReturnType<typeof findDropped> | undefined;
  return (file: string): boolean => {
    dropped ??= findDropped(respecced, change, artifactRoot);
    return dropped.files.has(file) || dropped.folders.some((folder) => isWithin(file, folder));
  };
}

function findDropped(respecced: Comparison["respecced"], { before, after, changed }: TreeChange, artifactRoot: string) {
  const paths = [...changed]
    .filter((file) => NAMES.includes(basename(file)))
    .flatMap((file) => diff(before, after, file));
  for (const { before: old, after: now } of respecced) {
    const list = (specs: typeof old) =>
      specs.flatMap(({ data }) => {
        const path = data?.isLocal ? repositoryPath(data.spec, artifactRoot) : undefined;
        return path === undefined ? [] : stringList(data.spec?.components).map((one) => join(path, one));
      });
    const kept = new Set(list(now));
    paths.push(...list(old).filter((one) => !kept.has(one)));
  }
  const folders = paths.filter((path) => before.isDir(path));
  // A folder may bring files from elsewhere, its bases.
  const reached = folders.flatMap((folder) => reach(before, folder).resources);
  return { files: new Set([...paths, ...reached]), folders };
}

function diff(before: Tree, after: Tree, file: string): string[] {
  const [old, now] = [listed(before, file), listed(after, file)];
  if (after.has(file) && (now === undefined || now.size === 0) && !isEmptied(after, file)) return [];
  return [...(old ?? [])].filter((path) => !now?.has(path));
}

/** Whether it says itself that it lists nothing. */
function isEmptied(tree: Tree, file: string): boolean {
  const loaded = loadKustomization(tree, file, true);
  return loaded.ok && LISTS.some((field) => Array.isArray(loaded.file.data[field]));
}

function listed(tree: Tree, file: string): Set<string> | undefined {
  if (!tree.has(file)) return undefined;
  const loaded = loadKustomization(tree, file, true);
  if (!loaded.ok) return undefined;
  const entries = LISTS.flatMap((field) => stringList(loaded.file.data[field]));
  return new Set(entries.map((entry) => join(dirname(file), entry)));
}
