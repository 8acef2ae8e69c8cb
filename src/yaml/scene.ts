import { blankStart, columnOf, commentIndent, isBlankLine, isFirstOnLine, lineStart, nextLine } from "./lines.ts";
import { entryEnd, type OutlineEntry, type OutlineNode } from "./outline.ts";
import type { YamlStyle } from "./types.ts";

/** One document on the operating table: its text, what is in it, and how its file is written. */
export interface Scene {
  text: string;
  root: OutlineNode;
  style: YamlStyle;
}

/**
 * Start of the lines an entry owns: the own-line comments directly above it at its indent, else its own line. Between two
 * items of a list a comment further to the left, as at column zero, belongs to the second.
 * A commented-out item of the same list (`# - x` with its lines) is nobody's; errs towards keeping a bullet list of prose.
 */
export function ownedStart(scene: Scene, entry: OutlineEntry): number {
  const { text } = scene;
  let start = lineStart(text, entry.head);
  const floor = commentFloor(scene, entry);
  const indent = columnOf(text, entry.head);
  const isLater = entry.parent.kind === "seq" && entry.index > 0;
  while (start > floor) {
    const above = lineStart(text, start - 1);
    const at = above < floor ? -1 : commentIndent(text, above);
    if (at !== indent && !(isLater && at >= 0 && at < indent)) break;
    start = above;
  }
  return entry.parent.kind === "seq" ? afterCommentedItems(text, start, lineStart(text, entry.head)) : start;
}

/** Offset after the last commented-out item in a block of comment lines. */
function afterCommentedItems(text: string, from: number, to: number): number {
  let start = from;
  let dash = -1;
  for (let at = from; at < to; at = nextLine(text, at)) {
    const inner = /^\s*#(\s*)(- |-\r?\n|\S)?/.exec(text.slice(at, nextLine(text, at)));
    const indent = inner?.[1]?.length ?? 0;
    const isItem = inner?.[2]?.startsWith("-") && inner[2] !== "-";
    if (isItem && (dash < 0 || indent < dash + 2)) dash = indent;
    else if (dash < 0 || indent <= dash) {
      dash = -1;
      continue;
    }
    start = nextLine(text, at);
  }
  return start;
}

/** Start of the line after an entry's content, its trailing comment, and comments indented deeper than the entry. */
export function ownedEnd(scene: Scene, entry: OutlineEntry): number {
  const { text } = scene;
  const indent = columnOf(text, entry.head);
  let end = nextLine(text, entryEnd(entry));
  for (let at = end; at < text.length; at = nextLine(text, at)) {
    if (isBlankLine(text, at)) continue;
    if (commentIndent(text, at) <= indent) break;
    end = nextLine(text, at);
  }
  return end;
}

/**
 * The whole lines to take out with an entry. Where that would leave two gaps in a row, or one at an end, a gap goes too.
 * Only for entries that start their line.
 */
export function deletedLines(scene: Scene, entry: OutlineEntry): { start: number; end: number } {
  const { text } = scene;
  const floor = commentFloor(scene, entry);
  const start = ownedStart(scene, entry);
  let end = ownedEnd(scene, entry);
  if (atDocumentEnd(text, end)) return { start: blankStart(text, start, floor), end };
  const isFirst = entry.index === 0 && start === floor;
  let gaps = 0;
  for (let at = start; at > floor && isBlankLine(text, lineStart(text, at - 1)); at = lineStart(text, at - 1)) gaps++;
  while (isBlankLine(text, end) && (isFirst || gaps-- > 0)) end = nextLine(text, end);
  return { start, end };
}

/** Whether a node stands on the line of its key or dash, so that its first line is not its own. */
export function isCompact(scene: Scene, node: OutlineNode): boolean {
  return !isFirstOnLine(scene.text, node.entries[0]?.head ?? node.start);
}

/** Lines as text; `closed` says whether the last one ends in a line break too. */
export function joinLines(lines: readonly string[], eol: string, closed: boolean): string {
  return lines.join(eol) + (closed && lines.length > 0 ? eol : "");
}

/** Comments above this offset belong to someone else: the entry before, the key of the collection, the document. */
function commentFloor(scene: Scene, entry: OutlineEntry): number {
  const before = entry.parent.entries[entry.index - 1];
  if (before) return nextLine(scene.text, entryEnd(before));
  // What stands above the first entry of a document (schema hint, licence) speaks of the whole document.
  if (!entry.parent.owner) return lineStart(scene.text, entry.head);
  return nextLine(scene.text, entry.parent.slot);
}

function atDocumentEnd(text: string, from: number): boolean {
  let at = from;
  while (isBlankLine(text, at)) at = nextLine(text, at);
  return at >= text.length || text.startsWith("...", at);
}
