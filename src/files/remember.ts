import { getOrMake } from "../contract/group-by.ts";
import type { Tree } from "./tree.ts";

const kept = new WeakMap<Tree, Map<string, Map<unknown, unknown>>>();

/**
 * The answer to a question about a tree, worked out once and kept as long as the tree. Trees never change, so `key` only
 * says what is asked: texts by content, objects by identity. Callers must not change the answer.
 */
export function remember<T>(tree: Tree, question: string, key: unknown, make: () => T): T {
  const questions = getOrMake(kept, tree, () => new Map<string, Map<unknown, unknown>>());
  const answers = getOrMake(questions, question, () => new Map());
  if (answers.has(key)) return answers.get(key) as T;
  const made = make();
  answers.set(key, made);
  return made;
}

/** Lets go of what is known of a tree that hardly anything asks any more; whoever does works it out again. */
export function forget(tree: Tree): void {
  kept.delete(tree);
}
