import { isMarkerAt, splitDocuments } from "./documents.ts";
import { isBlankLine, lineEnd, lineStart, nextLine } from "./lines.ts";
import type { Splice } from "./pieces.ts";
import type { YamlStyle } from "./types.ts";

/** Takes a document out with its marker and comments; the file keeps its habit of starting with `---` or not. */
export function planDeleteDocument(text: string, index: number): Splice[] {
  const slices = splitDocuments(text);
  const slice = slices[index]!;
  const next = slices[index + 1];
  if (slices.length === 1) return [{ start: 0, end: text.length, text: "" }];
  if (!next) return [{ start: withoutGap(text, slices[index - 1]!.start, slice.start), end: text.length, text: "" }];
  const startsBare = index === 0 && slice.marker === undefined;
  return [{ start: slice.start, end: startsBare ? afterBareMarker(text, next) : next.start, text: "" }];
}

/** Adds a document after the last one. */
export function planAppendDocument(text: string, body: string, style: YamlStyle): Splice[] {
  const lines = body.replace(/\r\n/g, "\n").replace(/\n$/, "").split("\n");
  const added = lines.join(style.eol) + style.eol;
  const isNothing = text === "" || text === "\uFEFF";
  const closed = isNothing || text.endsWith("\n");
  const marker = isNothing || isMarkerAt(body, 0, "---") ? "" : `---${style.eol}`;
  return [{ start: text.length, end: text.length, text: (closed ? "" : style.eol) + marker + added }];
}

/** The next document becomes the first; its `---` goes too unless directives or its own line need it. */
function afterBareMarker(text: string, next: { start: number; marker?: number }): number {
  if (next.marker === undefined || next.marker !== next.start) return next.start;
  const isAlone = text.slice(next.marker + 3, lineEnd(text, next.marker)).trim() === "";
  return isAlone ? nextLine(text, next.marker) : next.start;
}

/** Blank lines before the last document would end the file; a `|+` scalar's are content. */
function withoutGap(text: string, floor: number, from: number): number {
  if (/[|>]\d?\+/.test(text.slice(floor, from))) return from;
  let start = from;
  while (start > floor && isBlankLine(text, lineStart(text, start - 1))) start = lineStart(text, start - 1);
  return start;
}
