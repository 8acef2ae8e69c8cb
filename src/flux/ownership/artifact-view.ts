import { indexPaths } from "../../workspace/path-index.ts";
import type { Tree } from "../../workspace/tree.ts";
import { basename, dirname, isWithin } from "../paths.ts";
import { makeIgnore } from "../source-ignore.ts";
import type { SourceFacts } from "./source-facts.ts";

/** Whether source-controller puts a file of the tree into an artifact. */
export type Keeps = (path: string) => boolean;

/**
 * The files of a tree that reach the artifact of a source (flux-semantics 6.1): `.sourceignore` files and `spec.ignore`, the
 * defaults while neither says anything, and what a sparse checkout fetches.
 * @param root folder of the repository at which the artifact begins
 */
export function readKeeps(tree: Tree, { ignore, sparse }: SourceFacts, root: string): Keeps {
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

/** The tree without what the artifact leaves out. */
export function keepOnly(tree: Tree, keeps: Keeps): Tree {
  const index = indexPaths(tree.paths.filter(keeps));
  return {
    ...index,
    status: (path) => (index.has(path) ? tree.status(path) : undefined),
    executable: (path) => index.has(path) && tree.executable(path),
    read: (path) => (index.has(path) ? tree.read(path) : undefined),
    grep: (needle) => tree.grep(needle).filter((path) => index.has(path)),
  };
}
