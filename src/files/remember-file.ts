import type { FileChange } from "../contract/edit.ts";
import { getOrMake } from "../contract/group-by.ts";
import { baseOf, changeOf } from "./overlay.ts";
import { remember } from "./remember.ts";
import type { Tree } from "./tree.ts";

/**
 * The answer to a question about one file, worked out once for all overlays that say the same of it: a plan of many clusters lays
 * an overlay for each, and every one of them changes few files.
 * @param make asks the tree for nothing but the text of this file
 */
export function rememberFile<T extends object>(tree: Tree, question: string, file: string, make: (tree: Tree) => T): T {
  const change = changeOf(tree, file);
  if (change) return getOrMake(ofChange(change), question, () => make(tree)) as T;
  const base = baseOf(tree);
  return remember(base, question, file, () => make(base));
}

const answers = new WeakMap<FileChange, Map<string, object>>();
const ofChange = (change: FileChange) => getOrMake(answers, change, () => new Map<string, object>());
