import { splitDocuments } from "./documents.ts";
import { positionAt } from "./lines.ts";
import { outlineOf } from "./outline.ts";
import { reachThrough } from "./resolve.ts";
import type { YamlPath } from "./types.ts";

/** Where a node is written: line and col count from 1, `start` and `end` are offsets into the file's text. */
export interface YamlLocation {
  line: number;
  col: number;
  start: number;
  end: number;
}

/**
 * Finds where the value at `path` of document `doc` is written (with `key`: where its key, or an item's dash, is).
 * Goes through aliases and merge keys to the place that really holds the value. Undefined when nothing is there.
 */
export function locate(
  text: string,
  doc: number,
  path: YamlPath,
  options: { key?: boolean } = {},
): YamlLocation | undefined {
  const slice = splitDocuments(text)[doc];
  if (!slice) return undefined;
  const root = outlineOf(text.slice(slice.start, slice.end));
  const found = root && reachThrough(root, path);
  if (!found) return undefined;
  const { entry } = found;
  const range =
    options.key && entry
      ? { start: entry.keyStart, end: Math.max(entry.keyEnd, entry.keyStart + 1) }
      : { start: found.node.start, end: found.node.end };
  const start = slice.start + range.start;
  return { ...positionAt(text, start), start, end: slice.start + range.end };
}

/**
 * Where a document's content begins, counted from 1: after markers and comments. The usual case is read from the lines alone.
 */
export function locateDocument(text: string, doc: number): { line: number; col: number } | undefined {
  const slice = splitDocuments(text)[doc];
  if (!slice) return undefined;
  const plain = /^\uFEFF?(?:(?:---)?[ \t]*(?:#.*)?\r?\n)*(?=[\w"'{[])/.exec(text.slice(slice.start, slice.end));
  return plain ? positionAt(text, slice.start + plain[0].length) : locate(text, doc, []);
}
