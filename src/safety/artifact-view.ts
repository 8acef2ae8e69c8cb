import type { Keeps } from "../delivery/artifact-files.ts";
import { indexPaths } from "../files/path-index.ts";
import type { Tree } from "../files/tree.ts";

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
