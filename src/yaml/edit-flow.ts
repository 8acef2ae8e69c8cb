import type { TextRange } from "../contract/edit.ts";
import type { Yaml } from "../contract/media.ts";
import { columnOf, commentIndent, isFirstOnLine, lineEnd, lineStart, nextLine } from "./lines.ts";
import { entryEnd, type OutlineEntry, type OutlineNode } from "./outline.ts";
import { printFlow } from "./print.ts";
import { RawYaml } from "./raw.ts";
import { printPreferred, printQuoted } from "./scalars.ts";
import type { Scene } from "./scene.ts";
import { yaml } from "./text.ts";
import { EditRefusal, plainValue } from "./values.ts";

/** Whether the document is JSON, where every string stays in double quotes. */
function isJson(scene: Scene): boolean {
  return scene.root.flow && /^[ \t]*[[{]/m.test(scene.text.slice(lineStart(scene.text, scene.root.start)));
}

/** A value for inside `[]` or `{}`. */
export function flowText(scene: Scene, value: unknown): Yaml {
  return printFlow(flattenRaw(value), scene.style, isJson(scene));
}

/** `key: value` for inside `{}`. */
export function flowPair(scene: Scene, key: string, value: unknown): Yaml {
  const name = isJson(scene) ? printQuoted(key, "double") : printPreferred(key, scene.style.quote, true);
  return yaml`${name}: ${flowText(scene, value)}`;
}

/** Takes an entry out of `[]` or `{}` with one comma. */
export function planFlowDelete(scene: Scene, entry: OutlineEntry): TextRange[] {
  const { text } = scene;
  const { parent, index } = entry;
  if (parent.bare) throw new EditRefusal("a pair without braces inside a list is not edited", entry.head);
  if (parent.entries.length === 1) {
    return [{ start: parent.start, end: parent.end, text: parent.kind === "seq" ? "[]" : "{}" }];
  }
  const comma = commaAfter(text, entry);
  const before = parent.entries[index - 1];
  const after = parent.entries[index + 1];
  const restOfLine = text.slice(comma ?? entryEnd(entry), lineEnd(text, entryEnd(entry)));
  if (isFirstOnLine(text, entry.head) && /^[ \t]*(?:#.*)?$/.test(restOfLine)) {
    const lines = { start: flowLinesStart(scene, entry), end: nextLine(text, entryEnd(entry)), text: "" };
    if (comma !== undefined || !before) return [lines];
    const lonely = commaAfter(text, before);
    return lonely === undefined ? [lines] : [{ start: lonely - 1, end: lonely, text: "" }, lines];
  }
  const leadsLine = isFirstOnLine(text, entry.head) && after && lineStart(text, after.head) <= entry.head;
  if (before && !leadsLine) return [{ start: entryEnd(before), end: entryEnd(entry), text: "" }];
  return [{ start: entry.head, end: after!.head, text: "" }];
}

/** Puts an item or a pair, already printed, into `[]` or `{}` that holds something. */
export function planFlowAdd(scene: Scene, node: OutlineNode, index: number, item: Yaml): TextRange[] {
  const { text, style } = scene;
  const first = node.entries[0]!;
  const ownLines = isFirstOnLine(text, first.head);
  const next = node.entries[index];
  if (next) {
    if (!isFirstOnLine(text, next.head)) return [insertion(next.head, `${item}, `)];
    const at = flowLinesStart(scene, next);
    return [insertion(at, `${" ".repeat(columnOf(text, next.head))}${item},${style.eol}`)];
  }
  const last = node.entries.at(-1)!;
  const end = entryEnd(last);
  if (!ownLines || lineStart(text, node.end) <= end) return [insertion(end, `, ${item}`)];
  const line = `${style.eol}${" ".repeat(columnOf(text, first.head))}${item}`;
  const comma = commaAfter(text, last);
  if (comma !== undefined) return [insertion(lineEnd(text, comma), `${line},`)];
  return [insertion(end, ","), insertion(lineEnd(text, end), line)];
}

function insertion(at: number, text: string): TextRange {
  return { start: at, end: at, text };
}

/** Offset just after the comma that follows an entry, if one does. */
function commaAfter(text: string, entry: OutlineEntry): number | undefined {
  const match = /^\s*,/.exec(text.slice(entryEnd(entry)));
  return match ? entryEnd(entry) + match[0].length : undefined;
}

function flowLinesStart(scene: Scene, entry: OutlineEntry): number {
  const { text } = scene;
  const before = entry.parent.entries[entry.index - 1];
  const floor = nextLine(text, before ? entryEnd(before) : entry.parent.start);
  let start = lineStart(text, entry.head);
  while (start > floor && commentIndent(text, lineStart(text, start - 1)) >= 0) start = lineStart(text, start - 1);
  return start;
}

/** Raw text of one line goes in as it is; longer text loses its line breaks, and its comments with them. */
function flattenRaw(value: unknown): unknown {
  if (value instanceof RawYaml) {
    const simple = value.shape === "inline" && value.lines.length === 1 && value.comments.length === 0;
    return simple && !/\s#/.test(value.lines[0]!) ? value : plainValue(value);
  }
  if (Array.isArray(value)) return value.map(flattenRaw);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [key, flattenRaw(child)]));
}
