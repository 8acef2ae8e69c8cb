import { diffWordsWithSpace } from "diff";
import { CST, Lexer } from "yaml";
import { getOrMake } from "../../contract/group-by.ts";
import { type Html, html } from "./html.ts";

/** A stretch of a line that looks different. */
interface Span {
  start: number;
  end: number;
  look: string;
}

/** By line: keys, strings, comments, names of anchors. Lines count from 1. */
export type Colours = ReadonlyMap<number, readonly Span[]>;

/** A text above this size stays without colours. */
const MOST_TEXT = 300_000;

const LOOKS: Readonly<Record<string, string>> = {
  comment: "yc",
  anchor: "ya",
  alias: "ya",
  tag: "ya",
  "double-quoted-scalar": "ys",
  "single-quoted-scalar": "ys",
  "block-scalar-header": "ya",
};

/** The colours of YAML, by its own lexer, which takes any text and is linear. JSON is YAML as well. */
export function colourYaml(path: string, text: string): Colours {
  const spans = new Map<number, Span[]>();
  if (!/\.(?:ya?ml|json)$/.test(path) || text.length > MOST_TEXT) return spans;
  let scalar = false;
  /** The last scalar, which a colon makes a key. */
  let key: Span | undefined;
  const place = { line: 1, col: 0 };
  for (const token of new Lexer().lex(text)) {
    if (token === "\u001f") scalar = true;
    if (CONTROL.has(token)) continue;
    const type = CST.tokenType(token);
    const isScalar = scalar || type === "double-quoted-scalar" || type === "single-quoted-scalar";
    const look = scalar ? lookOfPlain(token) : (LOOKS[type ?? ""] ?? (isScalar ? "" : undefined));
    if (type === "map-value-ind" && key) key.look = "yk";
    if (type !== "space" || scalar) key = undefined;
    const first = addToken(token, look, place, spans);
    if (isScalar && first) key = first;
    scalar = false;
  }
  return spans;
}

/** Adds what a token covers of each line, and moves on behind it; the part on the first line is returned. */
function addToken(
  token: string,
  look: string | undefined,
  place: { line: number; col: number },
  spans: Map<number, Span[]>,
): Span | undefined {
  let first: Span | undefined;
  for (const [index, part] of token.split("\n").entries()) {
    if (index > 0) {
      place.line++;
      place.col = 0;
    }
    if (part !== "" && look !== undefined) {
      const span = { start: place.col, end: place.col + part.length, look };
      if (index === 0) first = span;
      getOrMake(spans, place.line, () => []).push(span);
    }
    place.col += part.length;
  }
  return first;
}

/** The lexer's own marks, which are no part of the text. */
const CONTROL = new Set(["\u0002", "\u0018", "\u001f"]);

function lookOfPlain(token: string): string {
  return /^(?:true|false|null|~|[-+]?\d[\d._]*(?:e[-+]?\d+)?)$/i.test(token) ? "yn" : "";
}

/** Lines above this length are compared as a whole, and cut where they are shown. */
const MOST_COMPARED = 400;
const MOST_SHOWN = 2000;

/** What differs between two lines, word by word; nothing where hardly anything is the same. */
export function markWords(before: string, after: string): [old: Span[], now: Span[]] {
  if (before.length > MOST_COMPARED || after.length > MOST_COMPARED) return [[], []];
  const parts = diffWordsWithSpace(before, after, { maxEditLength: 60 });
  const sides: [Span[], Span[]] = [[], []];
  if (!parts) return sides;
  const at: [number, number] = [0, 0];
  let same = 0;
  for (const { value, added, removed } of parts) {
    if (!added && !removed) same += value.trim().length;
    for (const side of [0, 1] as const) {
      if (side === 0 ? added : removed) continue;
      if (added || removed) sides[side].push({ start: at[side], end: at[side] + value.length, look: "m" });
      at[side] += value.length;
    }
  }
  return same * 3 < Math.max(before.trim().length, after.trim().length) ? [[], []] : sides;
}

/** A line with its colours, and with marks over them. */
export function paintLine(text: string, colours: readonly Span[] = [], marks: readonly Span[] = []): Html {
  const end = Math.min(text.length, MOST_SHOWN);
  const cuts = new Set([0, end]);
  for (const span of [...colours, ...marks]) {
    if (span.start < end) cuts.add(span.start);
    if (span.end < end) cuts.add(span.end);
  }
  const points = [...cuts].sort((a, b) => a - b);
  let [colour, mark] = [0, 0];
  const parts = points.slice(0, -1).map((start, index) => {
    while (colours[colour] && colours[colour]!.end <= start) colour++;
    while (marks[mark] && marks[mark]!.end <= start) mark++;
    const look = [lookAt(colours[colour], start), lookAt(marks[mark], start)].filter(Boolean).join(" ");
    const piece = text.slice(start, points[index + 1]);
    return look ? html`<span class="${look}">${piece}</span>` : piece;
  });
  const more = text.length - end;
  return html`${parts}${more > 0 && html`<span class="yc"> … ${more} more characters</span>`}`;
}

function lookAt(span: Span | undefined, at: number): string {
  return span && span.start <= at ? span.look : "";
}
