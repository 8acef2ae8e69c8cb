import { flowText } from "./edit-flow.ts";
import { columnOf, isFirstOnLine, lineEnd, lineStart, nextLine } from "./lines.ts";
import type { OutlineEntry, OutlineNode } from "./outline.ts";
import type { Splice } from "./pieces.ts";
import { indentLine, type Printed, printFlow, printValue } from "./print.ts";
import { RawYaml } from "./raw.ts";
import { blockScalar, isBlockSafe, printNonString, printPreferred, printQuoted } from "./scalars.ts";
import { isCompact, joinLines, ownedEnd, type Scene } from "./scene.ts";
import { EditRefusal } from "./values.ts";

/** Replaces the value of an entry (or of the whole document) and nothing else. */
export function planSet(scene: Scene, node: OutlineNode, value: unknown): Splice[] {
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
  const isItem = owner.parent.kind === "seq";
  const column = columnOf(scene.text, owner.head);
  const indented = (by: number) => printed.lines.map((line) => indentLine(line, by));
  if (printed.kind === "inline" || printed.kind === "text") {
    const below = indented(printed.bodyColumn ?? column);
    return { above: ownLines(printed.comments, column), after: printed.inline, below };
  }
  const sameKind = !node.flow && node.kind === printed.kind ? node.entries[0] : undefined;
  const step = isItem ? 2 : printed.kind === "seq" && !style.indentSequences ? 0 : style.indent;
  const body = indented(sameKind ? columnOf(scene.text, sameKind.head) : column + step);
  const joinsDash = isItem && (!sameKind || isCompact(scene, node));
  if (!joinsDash) {
    const indent = sameKind ? columnOf(scene.text, sameKind.head) : column + step;
    return { above: [], after: "", below: [...ownLines(printed.comments, indent), ...body] };
  }
  return { above: ownLines(printed.comments, column), after: body[0]?.trimStart() ?? "", below: body.slice(1) };
}

/** The old value starts on lines of its own, or right after a dash, and ends with its last line. */
function replaceBlock(scene: Scene, node: OutlineNode, owner: OutlineEntry, layout: Layout): Splice[] {
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
function replaceInline(scene: Scene, node: OutlineNode, layout: Layout): Splice[] {
  const { text, style } = scene;
  const isLower = node.kind !== "empty" && lineStart(text, node.start) > node.slot;
  const splices: Splice[] = [];
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
function replaceProps(node: OutlineNode, end: number, after: string): Splice[] {
  if (node.tag && node.props !== undefined) return [{ start: node.props, end: Math.max(end, node.slot), text: after }];
  return [{ start: node.slot, end, text: lead(after) + after }];
}

function lead(after: string): string {
  return after === "" ? "" : " ";
}

function insertAbove(scene: Scene, owner: OutlineEntry, lines: readonly string[]): Splice {
  const { text, style } = scene;
  if (isFirstOnLine(text, owner.head)) {
    const start = lineStart(text, owner.head);
    return { start, end: start, text: joinLines(lines, style.eol, true) };
  }
  const indent = " ".repeat(columnOf(text, owner.head));
  return {
    start: owner.head,
    end: owner.head,
    text: lines.map((line) => line.trimStart() + style.eol + indent).join(""),
  };
}

function ownLines(comments: readonly string[], indent: number): string[] {
  return comments.map((line) => indentLine(line, indent));
}

/** Prints a new value in the quoting of the scalar it replaces, where the new value allows it. */
function printLike(scene: Scene, node: OutlineNode, value: unknown): PrintedLike {
  const { style } = scene;
  const nothing = { comments: [], lines: [], kind: "inline" as const };
  if (typeof value !== "string") {
    const simple = value instanceof RawYaml ? undefined : printNonString(value);
    return simple === undefined ? printValue(value, style) : { ...nothing, inline: simple };
  }
  const token = node.token;
  if (token?.type === "double-quoted-scalar") return { ...nothing, inline: printQuoted(value, "double") };
  if (isBlockSafe(value)) {
    const { header, lines } = blockScalar(value);
    return { comments: [], inline: header, lines, kind: "text", bodyColumn: bodyIndent(scene, node) };
  }
  if (token?.type === "single-quoted-scalar") return { ...nothing, inline: printQuoted(value, "single") };
  return { ...nothing, inline: printPreferred(value, style.quote) };
}

/** Column of a block scalar's lines: where the old ones were, else one step in from the key or dash. */
function bodyIndent(scene: Scene, node: OutlineNode): number {
  const old = node.token?.type === "block-scalar" ? /^ +(?=[^\s])/m.exec(node.token.source)?.[0].length : undefined;
  const owner = node.owner!;
  const base = columnOf(scene.text, owner.head);
  return Math.max(old ?? 0, 0) || base + (owner.parent.kind === "seq" ? 2 : scene.style.indent);
}

function planSetFlow(scene: Scene, node: OutlineNode, owner: OutlineEntry, value: unknown): Splice[] {
  if (owner.parent.bare) throw new EditRefusal("a pair without braces inside a list is not edited", owner.head);
  const printed = flowScalarLike(node, value) ?? flowText(scene, value);
  if (node.kind !== "empty") {
    const start = node.tag && node.props !== undefined ? node.props : node.start;
    return [{ start, end: node.end, text: printed }];
  }
  const colon = owner.keyEnd < node.slot || owner.parent.kind === "seq" ? " " : ": ";
  const gap = /^ +(?=,)/.exec(scene.text.slice(node.slot))?.[0].length ?? 0;
  return [{ start: node.slot, end: node.slot + gap, text: colon + printed }];
}

function flowScalarLike(node: OutlineNode, value: unknown): string | undefined {
  if (typeof value !== "string") return undefined;
  if (node.token?.type === "double-quoted-scalar") return printQuoted(value, "double");
  return node.token?.type === "single-quoted-scalar" ? printQuoted(value, "single") : undefined;
}

/** Replaces the whole body of a document; marker, comments above and below stay. */
function planSetRoot(scene: Scene, node: OutlineNode, value: unknown): Splice[] {
  const { text, style } = scene;
  if (node.props !== undefined) throw new EditRefusal("the document has an anchor or a tag on its root", node.props);
  const printed = printValue(value, style);
  const lines =
    printed.kind === "inline" || printed.kind === "text"
      ? [...printed.comments, printed.kind === "inline" ? printed.inline : rootText(value, style)]
      : [...printed.comments, ...printed.lines];
  if (node.kind === "empty") {
    const at = nextLine(text, node.slot);
    const before = at > 0 && text[at - 1] !== "\n" ? style.eol : "";
    return [{ start: at, end: at, text: before + joinLines(lines, style.eol, true) }];
  }
  const onMarkerLine = text.startsWith("---", lineStart(text, node.start));
  const start = onMarkerLine ? node.slot : lineStart(text, node.start);
  return [{ start, end: node.end, text: (onMarkerLine ? style.eol : "") + joinLines(lines, style.eol, false) }];
}

function rootText(value: unknown, style: Scene["style"]): string {
  if (value instanceof RawYaml) throw new EditRefusal("raw text of several lines cannot become a whole document");
  return typeof value === "string" ? printQuoted(value, "double") : printFlow(value, style);
}
