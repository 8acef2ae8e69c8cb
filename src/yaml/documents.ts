import type { TextRange } from "../contract/edit.ts";
import type { Yaml } from "../contract/media.ts";
import { blankStart, lineEnd, nextLine } from "./lines.ts";
import { ofText } from "./of-text.ts";
import type { YamlStyle } from "./types.ts";

/** The stretch of a file that one document owns: its leading comments and directives, marker, body, and end marker. */
export interface DocumentSlice {
  index: number;
  start: number;
  end: number;
  /** Offset of its `---`, if it has one. */
  marker?: number;
}

const BOM = "\uFEFF";

/**
 * Cuts a file into documents at `---` and `...` lines, which YAML allows nowhere else, not even inside scalars.
 * Comments between two documents belong to the one before, unless `...` closed it. Indexes are those of `readYaml`.
 */
export const splitDocuments = ofText((text: string): readonly Readonly<DocumentSlice>[] => {
  const slices: DocumentSlice[] = [];
  let start = text.startsWith(BOM) ? 1 : 0;
  let marker: number | undefined;
  let content = false;
  const close = (end: number) => {
    slices.push({ index: slices.length, start, end, ...(marker === undefined ? {} : { marker }) });
    start = end;
    marker = undefined;
    content = false;
  };
  for (let at = start; at < text.length; ) {
    const next = nextLine(text, at);
    if (isMarkerAt(text, at, "---")) {
      if (content || marker !== undefined) close(at);
      marker = at;
    } else if (isMarkerAt(text, at, "...")) {
      close(next);
    } else if (!content) {
      content = startsContent(text, at, next, marker !== undefined);
    }
    at = next;
  }
  if (content || marker !== undefined) close(text.length);
  const last = slices.at(-1);
  if (last) last.end = text.length;
  return slices;
}, 64);

/** Whether a document marker (`---` or `...`) stands at the line start `at`. */
function isMarkerAt(text: string, at: number, marker: "---" | "..."): boolean {
  if (!text.startsWith(marker, at)) return false;
  const after = text[at + 3];
  return after === undefined || after === " " || after === "\t" || after === "\n" || after === "\r";
}

function startsContent(text: string, from: number, to: number, marked: boolean): boolean {
  let at = from;
  while (at < to && " \t\r\n".includes(text[at]!)) at++;
  if (at === to || text[at] === "#") return false;
  return !(text[at] === "%" && at === from && !marked);
}

/** Takes a document out with its marker and comments; the file keeps its habit of starting with `---` or not. */
export function planDeleteDocument(text: string, index: number): TextRange[] {
  const slices = splitDocuments(text);
  const slice = slices[index]!;
  const next = slices[index + 1];
  if (slices.length === 1) return [{ start: 0, end: text.length, text: "" }];
  if (!next) return [{ start: withoutGap(text, slices[index - 1]!.start, slice.start), end: text.length, text: "" }];
  const startsBare = index === 0 && slice.marker === undefined;
  return [{ start: slice.start, end: startsBare ? afterBareMarker(text, next) : next.start, text: "" }];
}

/** Adds a document after the last one. */
export function planAppendDocument(text: string, body: Yaml, style: YamlStyle): TextRange[] {
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
  return /[|>]\d?\+/.test(text.slice(floor, from)) ? from : blankStart(text, from, floor);
}
