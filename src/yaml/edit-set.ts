import type { TextRange } from "../contract/edit.ts";
import { flowText } from "./edit-flow.ts";
import { columnOf, isFirstOnLine, lineEnd, lineStart, nextLine } from "./lines.ts";
import type { OutlineEntry, OutlineNode } from "./outline.ts";
import { indentLines, type Printed, printValue } from "./print.ts";
import { isBlockSafe, printPreferred, printQuoted } from "./scalars.ts";
import { isCompact, joinLines, ownedEnd, type Scene } from "./scene.ts";
import { EditRefusal } from "./values.ts";

/** Replaces the value of an entry (or of the whole document) and nothing else. */
export function planSet(scene: Scene, node: OutlineNode, value: unknown): TextRange[] {
  const { owner } = node;
  if (!owner) return planSetRoot(scene, node, value);
  if (owner.parent.flow) return planSetFlow(scene, node, owner, value);
  const printed = printLike(scene, node, value);
  const layout = layOut(scene, node, owner, printed);
  const isBlock = !node.flow && (node.kind === "map" || node.kind === "seq");
  const splices = isBlock ? replaceBlock(scene, node, owner, layout) : replaceInline(scene, node, layout);
  if (layout.above.length > 0) splices.push(insertAbove(scene, owner, layout.above));
  return splices;
}

/** What goes where: lines above the key, text after its colon or dash, lines below. */
interface Layout {
  above: readonly string[];
  after: string;
  below: readonly string[];
}

/** A printed value; `bodyColumn` is where the lines of a new block scalar go. */
type PrintedLike = Printed & { bodyColumn?: number };

function layOut(scene: Scene, node: OutlineNode, owner: OutlineEntry, printed: PrintedLike): Layout {
  const { style } = scene;
  const { kind, comments, inline, lines } = printed;
  const isItem = owner.parent.kind === "seq";
  const column = columnOf(scene.text, owner.head);
  const above = indentLines(comments, column);
  if (kind === "inline" || kind === "text") {
    return { above, after: inline, below: indentLines(lines, printed.bodyColumn ?? column) };
  }
  const sameKind = !node.flow && node.kind === kind ? node.entries[0] : undefined;
  const step = isItem ? 2 : kind === "seq" && !style.indentSequences ? 0 : style.indent;
  const indent = sameKind ? columnOf(scene.text, sameKind.head) : column + step;
  const joinsDash = isItem && (!sameKind || isCompact(scene, node));
  if (!joinsDash) return { above: [], after: "", below: indentLines([...comments, ...lines], indent) };
  const [first = "", ...below] = indentLines(lines, indent);
  return { above, after: first.trimStart(), below };
}

/** The old value starts on lines of its own, or right after a dash, and ends with its last line. */
function replaceBlock(scene: Scene, node: OutlineNode, owner: OutlineEntry, layout: Layout): TextRange[] {
  const { text, style } = scene;
  const end = ownedEnd(scene, owner);
  const closed = text[end - 1] === "\n";
  if (isCompact(scene, node)) {
    const all = [lead(layout.after) + layout.after, ...layout.below];
    return [{ start: node.slot, end, text: joinLines(all, style.eol, closed) }];
  }
  const below = { start: nextLine(text, node.slot), end, text: joinLines(layout.below, style.eol, closed) };
  return [...replaceProps(node, node.slot, layout.after), below];
}

/** The old value is missing, or sits in the text between the colon and a trailing comment. */
function replaceInline(scene: Scene, node: OutlineNode, layout: Layout): TextRange[] {
  const { text, style } = scene;
  const isLower = node.kind !== "empty" && lineStart(text, node.start) > node.slot;
  const splices: TextRange[] = [];
  if (isLower && layout.after !== "" && layout.below.length === 0 && !node.tag) {
    splices.push({ start: node.start, end: node.end, text: layout.after });
  } else {
    splices.push(...replaceProps(node, node.kind === "empty" ? node.slot : node.end, layout.after));
  }
  if (layout.below.length > 0) {
    const at = lineEnd(text, node.kind === "empty" ? node.slot : node.end);
    splices.push({ start: at, end: at, text: style.eol + joinLines(layout.below, style.eol, false) });
  }
  return splices;
}

/** Puts text after the indicator; an anchor stays, a tag (and the anchor beside it) would no longer fit and goes. */
function replaceProps(node: OutlineNode, end: number, after: string): TextRange[] {
  if (node.tag && node.props !== undefined) return [{ start: node.props, end: Math.max(end, node.slot), text: after }];
  return [{ start: node.slot, end, text: lead(after) + after }];
}

function lead(after: string): string {
  return after === "" ? "" : " ";
}

function insertAbove(scene: Scene, owner: OutlineEntry, lines: readonly string[]): TextRange {
  const { text, style } = scene;
  if (isFirstOnLine(text, owner.head)) {
    const start = lineStart(text, owner.head);
    return { start, end: start, text: joinLines(lines, style.eol, true) };
  }
  const pad = style.eol + " ".repeat(columnOf(text, owner.head));
  return { start: owner.head, end: owner.head, text: lines.map((line) => line.trimStart() + pad).join("") };
}

/** Prints a new value in the quoting of the scalar it replaces, where the new value allows it. */
function printLike(scene: Scene, node: OutlineNode, value: unknown): PrintedLike {
  const { style } = scene;
  if (typeof value !== "string") return printValue(value, style);
  const quote = quoteOf(node);
  if (quote !== "double" && isBlockSafe(value)) {
    return { ...printValue(value, style), bodyColumn: bodyIndent(scene, node) };
  }
  const inline = quote ? printQuoted(value, quote) : printPreferred(value, style.quote);
  return { comments: [], lines: [], kind: "inline", inline };
}

function quoteOf({ token }: OutlineNode): "double" | "single" | undefined {
  if (token?.type === "double-quoted-scalar") return "double";
  return token?.type === "single-quoted-scalar" ? "single" : undefined;
}

/** Column of a block scalar's lines: where the old ones were, else one step in from the key or dash. */
function bodyIndent(scene: Scene, node: OutlineNode): number {
  const old = node.token?.type === "block-scalar" ? /^ +(?=[^\s])/m.exec(node.token.source)?.[0].length : undefined;
  const owner = node.owner!;
  const base = columnOf(scene.text, owner.head);
  return old || base + (owner.parent.kind === "seq" ? 2 : scene.style.indent);
}

function planSetFlow(scene: Scene, node: OutlineNode, owner: OutlineEntry, value: unknown): TextRange[] {
  if (owner.parent.bare) throw new EditRefusal("a pair without braces inside a list is not edited", owner.head);
  const quote = quoteOf(node);
  const printed = quote && typeof value === "string" ? printQuoted(value, quote) : flowText(scene, value);
  if (node.kind !== "empty") {
    const start = node.tag && node.props !== undefined ? node.props : node.start;
    return [{ start, end: node.end, text: printed }];
  }
  const colon = owner.keyEnd < node.slot || owner.parent.kind === "seq" ? " " : ": ";
  const gap = /^ +(?=,)/.exec(scene.text.slice(node.slot))?.[0].length ?? 0;
  return [{ start: node.slot, end: node.slot + gap, text: colon + printed }];
}

/** Replaces the whole body of a document; marker, comments above and below stay. */
function planSetRoot(scene: Scene, node: OutlineNode, value: unknown): TextRange[] {
  const { text, style } = scene;
  if (node.props !== undefined) throw new EditRefusal("the document has an anchor or a tag on its root", node.props);
  const printed = printValue(value, style);
  const { kind, comments, inline } = printed;
  const body = kind === "inline" ? [inline] : kind === "text" ? [rootText(value)] : printed.lines;
  const lines = [...comments, ...body];
  if (node.kind === "empty") {
    const at = nextLine(text, node.slot);
    const before = at > 0 && text[at - 1] !== "\n" ? style.eol : "";
    return [{ start: at, end: at, text: before + joinLines(lines, style.eol, true) }];
  }
  const onMarkerLine = text.startsWith("---", lineStart(text, node.start));
  const start = onMarkerLine ? node.slot : lineStart(text, node.start);
  return [{ start, end: node.end, text: (onMarkerLine ? style.eol : "") + joinLines(lines, style.eol, false) }];
}

/** Several lines of text on one, as a document has no column that a block scalar could stand in. */
function rootText(value: unknown): string {
  if (typeof value === "string") return printQuoted(value, "double");
  throw new EditRefusal("raw text of several lines cannot become a whole document");
}
