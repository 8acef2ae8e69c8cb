import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";

/** Lines above this many characters are not searched: patterns of commands take up to the square of a line's length. */
export const LONGEST_LINE = 2048;

/** Neither `\s*` nor `\S*` gets far in it, and no name has a NUL. */
const FILLING = " \0";

/**
 * The text of a script, a page or settings, for patterns to search: a line that is too long for them is blank, of the same
 * length, so that every offset stays true. `longLinesOf` names such lines.
 */
export function readableText(tree: Tree, path: string): string | undefined {
  const text = tree.read(path);
  if (text === undefined || text.length <= LONGEST_LINE) return text;
  return remember(tree, "readable text", path, () => {
    const lines = text.split("\n");
    if (!lines.some(isLong)) return text;
    return lines
      .map((line) => (isLong(line) ? FILLING.repeat(line.length / 2 + 1).slice(0, line.length) : line))
      .join("\n");
  });
}

/** Whether a line holds nothing but a comment, in every language met here; one that names an interpreter does, too. */
export function isCommentLine(line: string): boolean {
  return /^\s*(?:#|\/\/)/.test(line);
}

/** The lines of a readable text; those that are comments are empty. */
export function codeLines(tree: Tree, path: string): string[] {
  return remember(tree, "lines of code", path, () =>
    (readableText(tree, path) ?? "").split("\n").map((line) => (isCommentLine(line) ? "" : line)),
  );
}

/** Numbers of the lines that `readableText` blanks, of those that hold a word. */
export function longLinesOf(tree: Tree, path: string, word: string): number[] {
  const text = tree.read(path) ?? "";
  if (text.length <= LONGEST_LINE || !text.includes(word)) return [];
  return text.split("\n").flatMap((line, index) => (isLong(line) && line.includes(word) ? [index + 1] : []));
}

function isLong(line: string): boolean {
  return line.length > LONGEST_LINE;
}
