import { indexBy } from "../../../src/contract/group-by.ts";
import { itemsOf } from "../../../src/contract/objects.ts";
import { isKustomizationFile, type KustomizationFile, kustomizationOf } from "../../../src/delivery/kustomize/index.ts";
import { dirname, join } from "../../../src/delivery/paths.ts";
import { baseOf, touchedBy } from "../../../src/files/overlay.ts";
import { remember } from "../../../src/files/remember.ts";
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
  return foldersListing(tree, dir).some((one) => !ignored.has(kustomizationOf(tree, one)!.path));
}

/**
 * Folders anywhere in the tree whose kustomization lists a file or folder. Each cluster of many asks, on an overlay of its
 * own: the lists of the tree below are read once for all of them.
 */
export function foldersListing(tree: Tree, path: string): string[] {
  const base = baseOf(tree);
  const below = remember(base, "listed by", "", () => indexLists(base, base.paths.filter(isKustomizationFile)));
  if (base === tree) return below.get(path) ?? [];
  const { dirs, edited } = remember(tree, "listed by edited lists", "", () => {
    const files = [...touchedBy(tree)].filter(isKustomizationFile);
    return { dirs: new Set(files.map(dirname)), edited: indexLists(tree, files) };
  });
  return [...(below.get(path) ?? []).filter((dir) => !dirs.has(dir)), ...(edited.get(path) ?? [])];
}

function indexLists(tree: Tree, kustomizations: readonly string[]): Map<string, string[]> {
  return indexBy(new Set(kustomizations.map(dirname)), (dir) => {
    const file = kustomizationOf(tree, dir);
    return file ? listed(file, LISTS).map((entry) => join(dir, String(entry))) : [];
  });
}
