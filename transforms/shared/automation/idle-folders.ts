import { itemsOf } from "../../../src/contract/objects.ts";
import { isKustomizationFile, type KustomizationFile, kustomizationOf } from "../../../src/delivery/kustomize/index.ts";
import { basename, dirname, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";

/** Fields of a kustomization that name files or folders, or make objects. */
export const LISTS = ["resources", "bases", "components", "crds", "generators"];
export const GENERATORS = ["configMapGenerator", "secretGenerator", "helmCharts", "helmChartInflationGenerator"];

/** The items of several lists of a kustomization. */
export function listed({ data }: KustomizationFile, fields: readonly string[]): unknown[] {
  return fields.flatMap((field) => itemsOf(data[field]));
}

/**
 * Kustomization files of a folder that yields nothing, such as one that lists nothing and waits for its first file; those of
 * the folders that it lists come with it. None where the folder yields anything, is no kustomization, or comes to one twice.
 */
export function idleFilesOf(tree: Tree, dir: string): string[] {
  const dirs = new Set([dir]);
  const files: string[] = [];
  for (const one of dirs) {
    const file = kustomizationOf(tree, one);
    if (!file || listed(file, GENERATORS).length > 0) return [];
    files.push(file.path);
    for (const entry of listed(file, LISTS)) {
      const below = join(one, String(entry));
      if (dirs.has(below)) return [];
      dirs.add(below);
    }
  }
  return files;
}

/** Whether a kustomization besides those in `ignored` lists a folder. */
export function isListed(tree: Tree, dir: string, ignored: ReadonlySet<string>): boolean {
  return tree.grep(basename(dir)).some((path) => {
    if (!isKustomizationFile(path) || ignored.has(path)) return false;
    const file = kustomizationOf(tree, dirname(path));
    return file?.path === path && listed(file, LISTS).some((entry) => join(dirname(path), String(entry)) === dir);
  });
}
