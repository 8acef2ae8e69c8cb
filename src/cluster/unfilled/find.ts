import { readDocs } from "../../delivery/kustomize/read.ts";
import { basename, dirname, join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";

/** A folder of `flux bootstrap` whose files are placeholders: empty, or nothing but comments. */
export interface UnfilledFolder {
  /** The placeholder of the source and the root. */
  sync: string;
  /** The placeholder of the controllers; undefined once cutover has removed it. */
  components?: string;
  /** Folder that bootstrap takes as `--path`, the one above (flux-facts 4.1). */
  path: string;
  /** `--namespace` of bootstrap names the folder. */
  namespace: string;
}

/**
 * Folders where bootstrap will write, or has written in another checkout: both of its files are there and say nothing.
 * Their names are bootstrap's own and fixed, and nothing else is left to tell them by; a file with one document in it is
 * never taken for a placeholder.
 */
export function findUnfilled(tree: Tree): UnfilledFolder[] {
  return tree.paths
    .filter((path) => basename(path) === "gotk-sync.yaml" && saysNothing(tree, path))
    .flatMap((sync) => {
      const dir = dirname(sync);
      const components = join(dir, "gotk-components.yaml");
      if (tree.has(components) && !saysNothing(tree, components)) return [];
      const folder = { sync, path: dirname(dir), namespace: basename(dir) || "flux-system" };
      return [tree.has(components) ? { ...folder, components } : folder];
    });
}

function saysNothing(tree: Tree, path: string): boolean {
  const text = tree.read(path);
  if (text === undefined || /^\w/m.test(text)) return false;
  const read = readDocs(tree, path);
  return read.ok && read.docs.every(({ data }) => data === undefined || data === null);
}
