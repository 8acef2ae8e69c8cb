import type { Tree } from "../files/tree.ts";
import { basename, dirname, isWithin } from "./paths.ts";
import { makeIgnore } from "./source-ignore.ts";

/** What a source says about the files of its artifact. */
export interface SourceSelection {
  /** `spec.ignore`. */
  ignore: string;
  /** Folders of a sparse checkout; none means all. */
  sparse?: readonly string[];
}

/** Whether source-controller puts a file of the tree into an artifact. */
export type Keeps = (path: string) => boolean;

/**
 * The files of a tree that reach the artifact of a source (flux-facts 6.1): `.sourceignore` files and `spec.ignore`, the
 * defaults while neither says anything, and what a sparse checkout fetches.
 * @param root folder of the repository at which the artifact begins
 */
export function readKeeps(tree: Tree, { ignore, sparse = [] }: SourceSelection, root: string): Keeps {
  const below = (path: string) => (root === "" ? path : path.slice(root.length + 1));
  const own = tree.paths.filter((path) => basename(path) === ".sourceignore" && isWithin(path, root));
  const rules = own.map((path) => ({ dir: below(dirname(path)), text: tree.read(path) ?? "" }));
  const ignores = makeIgnore([...rules, { dir: "", text: ignore }]);
  const folders = sparse.map((folder) => folder.replace(/^\.?\/+|\/+$/g, ""));
  const isFetched = (path: string) => !path.includes("/") || folders.some((folder) => isWithin(path, folder));
  return (path) => {
    return isWithin(path, root) && !ignores(below(path)) && (folders.length === 0 || isFetched(path));
  };
}
