import { isDeepStrictEqual } from "node:util";
import jsonPatch from "fast-json-patch";
import { isMap, isPair, isSeq, type Node, type Pair, parseAllDocuments } from "yaml";
import type { TextRange } from "../../../src/contract/edit.ts";
import { RawYaml } from "../../../src/yaml/raw.ts";
import { readYaml } from "../../../src/yaml/read.ts";
import type { YamlEdit, YamlOp } from "../../../src/yaml/types.ts";

type Done = Extract<YamlEdit, { ok: true }>;
type NodeOp = Extract<YamlOp, { path: unknown }>;

/**
 * Checks an edit by means that share no code with the editor: JSON Patch for the values, the `yaml` library's tree for which
 * lines the edited place owns. Says what is wrong, or nothing.
 */
export function judgeEdit(before: string, docs: readonly unknown[], op: YamlOp, edit: Done): string | undefined {
  const after = readYaml(edit.text);
  if (!after.ok) return `result does not parse: ${after.reason}`;
  const found = after.docs.map((doc) => doc.data);
  if (canPatch(op) && !isDeepStrictEqual(clean(found), clean(expected(docs, op))))
    return "values differ from the intended ones";
  if (applyRanges(before, edit) !== edit.text) return "ranges do not give the text";
  if (op.op === "append-document") {
    return edit.text.startsWith(before) ? undefined : "text before the new document changed";
  }
  if (op.op === "delete-document") return undefined;
  // The yaml library misreads the first line of a text that starts with a byte order mark.
  return before.startsWith("\uFEFF")
    ? judgeLines(before.slice(1), op, edit.ranges.map(backOne))
    : judgeLines(before, op, edit.ranges);
}

/** The library of JSON Patch refuses keys through which JavaScript would reach further; their lines are judged all the same. */
function canPatch(op: YamlOp): boolean {
  return !("path" in op) || !op.path.some((part) => part === "__proto__" || part === "prototype");
}

function backOne(range: TextRange): TextRange {
  return { ...range, start: range.start - 1, end: range.end - 1 };
}

function applyRanges(text: string, edit: Done): string {
  return [...edit.ranges]
    .reverse()
    .reduce((all, { start, end, text: put }) => all.slice(0, start) + put + all.slice(end), text);
}

function expected(docs: readonly unknown[], op: YamlOp): unknown[] {
  const copy = JSON.parse(
    JSON.stringify(
      docs.map((doc) => doc ?? null),
      keepNumbers,
    ),
  ) as unknown[];
  if (op.op === "append-document") return [...copy, plain(op.text)];
  if (op.op === "delete-document") return copy.filter((_, index) => index !== op.doc);
  const pointer = [op.doc, ...op.path].map((part) => `/${jsonPatch.escapePathComponent(String(part))}`).join("");
  const operation =
    op.op === "delete"
      ? { op: "remove" as const, path: pointer }
      : op.op === "insert"
        ? { op: "add" as const, path: `${pointer}/${op.index ?? "-"}`, value: plain(op.value) }
        : {
            op: jsonPatch.getValueByPointer(copy, pointer) === undefined ? "add" : "replace",
            path: pointer,
            value: plain(op.value),
          };
  return jsonPatch.applyOperation(copy, operation as jsonPatch.Operation).newDocument as unknown[];
}

function plain(value: unknown): unknown {
  if (!(value instanceof RawYaml)) return JSON.parse(JSON.stringify(value));
  const parsed = readYaml(value.source);
  return parsed.ok ? (parsed.docs[0]?.data ?? null) : undefined;
}

/** JSON has no NaN or infinity; they are compared by name. */
function keepNumbers(_: string, value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : Object.is(value, -0) ? 0 : value;
}

function clean(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value, keepNumbers));
}

/** Every byte that goes must be on a line of the edited place, and new text must start or end on one. */
function judgeLines(text: string, op: NodeOp, ranges: readonly TextRange[]): string | undefined {
  const own = ownLines(text, op);
  if (!own) return undefined;
  for (const { start, end, text: put } of ranges) {
    const first = lineOf(text, start);
    // Only its indent goes from a line that moves up to the dash of an item whose first key went.
    const last = lineOf(text, end > start ? Math.max(start, end - 1 - trailingIndent(text, end)) : end);
    if (start === end && first >= own.first && first <= own.last + 1) continue;
    if (first < own.first || last > own.last) {
      return `lines ${first}-${last} changed (${JSON.stringify(put.slice(0, 40))}), the place owns ${own.first}-${own.last}`;
    }
  }
  return undefined;
}

function trailingIndent(text: string, end: number): number {
  return /\n[ \t]*$/.exec(text.slice(0, end)) ? /[ \t]*$/.exec(text.slice(Math.max(0, end - 200), end))![0].length : 0;
}

/** The last text and its tree: one text is edited many times. */
let last: { text: string; documents: ReturnType<typeof parseAllDocuments> } = { text: "", documents: [] };

function parse(text: string): ReturnType<typeof parseAllDocuments> {
  if (last.text !== text) last = { text, documents: parseAllDocuments(text) };
  return last.documents;
}

function ownLines(text: string, op: NodeOp): { first: number; last: number } | undefined {
  const document = parse(text)[op.doc];
  if (!document || "empty" in document) return undefined;
  let node: unknown = document.contents;
  let pair: Pair | undefined;
  let parent: unknown;
  for (const part of op.path) {
    parent = node;
    if (isMap(node)) {
      const found = node.items.find((item) => String((item.key as { value?: unknown })?.value) === String(part));
      if (!found) break;
      pair = found as Pair;
      node = found.value;
    } else if (isSeq(node) && typeof part === "number" && node.items[part] !== undefined) {
      const item = node.items[part];
      pair = isPair(item) ? item : undefined;
      node = item;
    } else break;
  }
  const start = rangeOf(pair && pair.value === node ? pair.key : node)?.[0] ?? rangeOf(parent)?.[0];
  const end = rangeOf(node)?.[1] ?? rangeOf(pair?.key)?.[1];
  if (start === undefined || end === undefined) return undefined;
  return widen(text, op, { start, end, only: isOnly(parent), isSeqItem: isSeq(parent) && !parent.flow });
}

function rangeOf(node: unknown): [number, number, number] | undefined {
  return ((node as Node | undefined)?.range as [number, number, number] | null | undefined) ?? undefined;
}

/** The last entry of a collection leaves `[]` or `{}` on the line of its parent. */
function isOnly(parent: unknown): boolean {
  return (isMap(parent) || isSeq(parent)) && parent.items.length === 1;
}

interface Place {
  start: number;
  end: number;
  /** The only entry of its collection. */
  only: boolean;
  isSeqItem: boolean;
}

/** From the node's lines to the comments that go with them, and gaps that close when it goes. */
function widen(text: string, op: NodeOp, place: Place): { first: number; last: number } {
  const { start, end, only, isSeqItem } = place;
  const lines = text.split("\n");
  let first = lineOf(text, start);
  let last = lineOf(text, Math.max(start, end > start && text[end - 1] === "\n" ? end - 1 : end));
  const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  if (isSeqItem && !/-\s*(?:[&!]\S+\s*)*$/.test(before)) first = dashLine(lines, first);
  const blank = (line: number) => lines[line - 1]?.trim() === "";
  const comment = (line: number) => lines[line - 1]?.trimStart().startsWith("#") ?? false;
  const indent = (line: number) => lines[line - 1]!.search(/\S/);
  if (op.op === "delete") {
    const column = indent(first);
    while (comment(first - 1) && indent(first - 1) === column) first--;
    while (blank(first - 1)) first--;
  }
  for (let line = last + 1; blank(line) || (comment(line) && indent(line) > indent(first)); line++) last = line;
  if (op.op === "delete" && only) first = Math.min(first, parentLine(lines, first));
  return { first, last };
}

/** Line of a dash that stands above its item, or of the comments between them. */
function dashLine(lines: readonly string[], from: number): number {
  let line = from - 1;
  while (line > 1 && !/-\s*(?:[&!]\S+\s*)*(?:#.*)?$/.test(lines[line - 1]!)) line--;
  return line;
}

function parentLine(lines: readonly string[], from: number): number {
  let line = from - 1;
  while (line > 1 && /^\s*(?:#.*)?$/.test(lines[line - 1]!)) line--;
  return Math.max(1, line);
}

function lineOf(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf("\n"); at >= 0 && at < offset; at = text.indexOf("\n", at + 1)) line++;
  return line;
}
