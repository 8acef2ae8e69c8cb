import { readFiles } from "../../change/touched.ts";
import type { FluxSpec } from "../../change/types.ts";
import { makeWordTest, type Words } from "../../change/words.ts";
import { getOrMake } from "../../contract/group-by.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";

/** What a FluxKustomization names for itself: nothing of it enters what is built. */
const OUTSIDE_BUILDS = new Set([
  ...["decryption", "sourceRef", "dependsOn", "healthChecks"],
  ...["serviceAccountName", "kubeConfig"],
]);

/** Whether what of a spec enters its build, or a file that is built, holds one of some words. */
export function holdsWords(
  openTree: () => Tree,
  { spec, isLocal }: FluxSpec["data"],
  words: Words,
  artifactRoot: string,
): boolean {
  const parts = Object.entries(spec).filter(([field]) => !OUTSIDE_BUILDS.has(field));
  if (words.isIn(JSON.stringify(parts.map(([, value]) => value)))) return true;
  if (!isLocal) return false;
  const tree = openTree();
  const listFound = (word: string) =>
    remember(tree, "files with a word", word, () => {
      const isIn = makeWordTest(word);
      return tree.grep(word).filter((file) => isIn(tree.read(file) ?? ""));
    });
  const found = words.isFew ? words.list.flatMap(listFound) : undefined;
  if (found?.length === 0) return false;
  const files = readFiles(tree, spec, artifactRoot);
  if (found) return found.some((file) => files.has(file));
  const known = remember(tree, "whether a file holds one of some words", words, () => new Map<string, boolean>());
  return [...files].some((file) => getOrMake(known, file, () => words.isIn(tree.read(file) ?? "")));
}
