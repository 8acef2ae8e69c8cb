import { splitDocuments } from "./documents.ts";
import { positionAt } from "./lines.ts";
import { openDocument } from "./outline.ts";
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
  const document = openDocument(text, splitDocuments(text)[doc]);
  const found = document?.root && reachThrough(document.root, path);
  if (!found) return undefined;
  const { entry, node } = found;
  const [from, to] =
    options.key && entry ? [entry.keyStart, Math.max(entry.keyEnd, entry.keyStart + 1)] : [node.start, node.end];
  const start = document.start + from;
  return { ...positionAt(text, start), start, end: document.start + to };
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
