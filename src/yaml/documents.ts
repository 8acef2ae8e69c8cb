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
export function splitDocuments(text: string): DocumentSlice[] {
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
    const newline = text.indexOf("\n", at);
    const next = newline < 0 ? text.length : newline + 1;
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
}

/** Whether a document marker (`---` or `...`) stands at the line start `at`. */
export function isMarkerAt(text: string, at: number, marker: "---" | "..."): boolean {
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
