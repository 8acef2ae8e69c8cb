import { type Loc, lineOf } from "../../../src/contract/errors.ts";
import { compile } from "../../../src/delivery/kustomize/regex.ts";
import { compileSegment, matchTokens } from "../../../src/files/glob.ts";

/** Characters of a block, and of a list in it, that are looked at. */
const LONGEST = 4096;

/** A text in quotes, which may hold the bracket that ends a list. */
const ITEM = /"((?:\\.|[^"\\\n])*)"|'((?:\\.|[^'\\\n])*)'/g;
const ITEMS = new RegExp(`^(?:${ITEM.source}|//[^\n]*\n|/(?!/)|[^"'\\]/])*(?=\\])`);

/** The lists of patterns of Renovate's flux manager, each with the line it stands in, and which files they have it read. */
export function readFluxPatterns(file: string, text: string) {
  const lists: { at: Loc; fits: (path: string) => boolean }[] = [];
  let [read, line] = [0, 1];
  for (const { 0: head, index } of text.matchAll(/(["']?)flux\1\s*:\s*\{/g)) {
    // A list that was read may hold the same words.
    if (index < read) continue;
    const block = text.slice(index + head.length, index + head.length + LONGEST);
    const list = /^[^}]*?(?:fileMatch|managerFilePatterns)["']?\s*:\s*\[/.exec(block)?.[0];
    if (list === undefined) continue;
    const start = index + head.length + list.length;
    const inside = ITEMS.exec(text.slice(start, start + LONGEST))?.[0];
    if (inside === undefined) continue;
    line += text.slice(read, index).split("\n").length - 1;
    read = index;
    const items = inside.matchAll(ITEM);
    const isOfGlobs = list.includes("managerFilePatterns");
    const tests = [...items].map(([, a, b]) => toTest(a ?? b ?? "", isOfGlobs));
    lists.push({ at: lineOf(file, line), fits: (path) => tests.some((fits) => fits(path)) });
    line += text.slice(read, start + inside.length).split("\n").length - 1;
    read = start + inside.length;
  }
  return lists;
}

/** `fileMatch` holds patterns, `managerFilePatterns` patterns between slashes or globs. */
function toTest(raw: string, isOfGlobs: boolean): (path: string) => boolean {
  const text = raw.replace(/\\\\/g, "\\");
  const between = /^\/(.*)\/i?$/.exec(text)?.[1];
  // What braces and the like match is not known, nor what a pattern does that cannot be read: perhaps this file.
  if (between === undefined && isOfGlobs) return (path) => /[{}()![\]]/.test(text) || matchesGlob(text, path);
  const pattern = compile(between ?? text);
  return (path) => pattern?.test(path) ?? true;
}

/**
 * The part of glob syntax that Renovate's settings use, segment by segment; a plain text counts when the path contains it,
 * as in Renovate.
 */
export function matchesGlob(glob: string, path: string): boolean {
  if (!glob.includes("*")) return path.includes(glob);
  const tokens = glob.split("/").map((segment) => (segment === "**" ? "*" : compileSegment(segment)));
  // What ends with it takes what lies in the folder, not the folder.
  if (tokens.at(-1) === "*") tokens.push(() => true);
  return matchTokens(tokens, path.split("/")) !== undefined;
}
