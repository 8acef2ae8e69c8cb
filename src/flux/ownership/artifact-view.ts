import ignore from "ignore";
import { indexPaths } from "../../workspace/path-index.ts";
import type { Tree } from "../../workspace/tree.ts";
import { IGNORED_BY_DEFAULT } from "../oci/ignore-rules.ts";
import { basename, dirname, isWithin } from "../paths.ts";
import type { SourceFacts } from "./source-facts.ts";

/** Whether source-controller puts a file of the tree into an artifact. */
export type Keeps = (path: string) => boolean;

/**
 * The files of a tree that reach the artifact of a source (flux-semantics 6.1): `.sourceignore` files and `spec.ignore`, the
 * defaults while neither says anything, and what a sparse checkout fetches.
 * @param root folder of the repository at which the artifact begins
 */
export function readKeeps(tree: Tree, { ignore: rules, sparse }: SourceFacts, root: string): Keeps {
  const own = tree.paths.filter((path) => basename(path) === ".sourceignore" && isWithin(path, root));
  const matchers = own.map((path) => ({ dir: dirname(path), matcher: ignore().add(tree.read(path) ?? "") }));
  const isBare = own.length === 0 && !/^\s*[^#\s]/m.test(rules);
  const main = ignore().add(isBare ? [...IGNORED_BY_DEFAULT] : rules);
  const below = (path: string, dir: string) => (dir === "" ? path : path.slice(dir.length + 1));
  const folders = sparse.map((folder) => folder.replace(/^\.?\/+|\/+$/g, ""));
  return (path) =>
    isWithin(path, root) &&
    path !== root &&
    !main.ignores(below(path, root)) &&
    !matchers.some(({ dir, matcher }) => isWithin(path, dir) && matcher.ignores(below(path, dir))) &&
    (folders.length === 0 || !path.includes("/") || folders.some((folder) => isWithin(path, folder)));
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
