import type { Refusal } from "../../admission/refusal.ts";
import { readableText } from "../../cluster/readable-text.ts";
import type { Tree } from "../../files/tree.ts";

/**
 * Whether a JSON patch somewhere in the repository adds the word to those that a CRD takes for that field, as the way to have
 * Alerts and Receivers name objects of other controllers is. Which version of which CRD it is for is not asked.
 */
export function isPatchedIn({ word, path }: Refusal, tree: Tree): boolean {
  const added = `/properties/${path.at(-1)}/enum/-`;
  if (word === undefined) return false;
  const isWord = (line = "") => VALUE.exec(line)?.[1] === word;
  return tree.grep(added).some((file) => {
    const lines = (readableText(tree, file) ?? "").split("\n");
    return lines.some((line, at) => line.includes(added) && (isWord(lines[at - 1]) || isWord(lines[at + 1])));
  });
}

const VALUE = /^[\s-]*["']?value["']?:\s*["']?([\w.-]+)["']?,?\s*$/;
