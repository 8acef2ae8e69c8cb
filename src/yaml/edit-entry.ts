import type { TextRange } from "../contract/edit.ts";
import type { Yaml } from "../contract/media.ts";
import { flowPair, flowText, planFlowAdd, planFlowDelete } from "./edit-flow.ts";
import { planSet } from "./edit-set.ts";
import { columnOf, isFirstOnLine, lineEnd, lineStart } from "./lines.ts";
import type { OutlineEntry, OutlineNode } from "./outline.ts";
import { indentLines, printEntry, printItem } from "./print.ts";
import { deletedLines, joinLines, ownedEnd, ownedStart, type Scene } from "./scene.ts";
import type { YamlPath } from "./types.ts";
import { EditRefusal } from "./values.ts";

/** Adds what a path still lacks below `node`: the keys in `rest`, the last of them with `value`. */
export function planAddPath(scene: Scene, node: OutlineNode, rest: YamlPath, value: unknown): TextRange[] {
  const [part, ...below] = rest;
  const inner = below.reduceRight((child: unknown, key) => ({ [key]: child }), value);
  if (node.kind === "seq") return planInsert(scene, node, Number(part), inner);
  if (node.kind === "map" && node.entries.length > 0) return addPair(scene, node, String(part), inner);
  if (!isEmptyValue(node)) throw new EditRefusal(`${String(part)} is looked up in a ${node.kind}`, node.start);
  return planSet(scene, node, { [String(part)]: inner });
}

/** Inserts an item into the sequence `node`, at `index` or at the end; a missing value becomes a sequence. */
export function planInsert(scene: Scene, node: OutlineNode, index: number | undefined, value: unknown): TextRange[] {
  if (isEmptyValue(node)) return planSet(scene, node, [value]);
  if (node.kind !== "seq")
    throw new EditRefusal(`an item can only be inserted into a list, not a ${node.kind}`, node.start);
  const at = index ?? node.entries.length;
  if (node.flow) return planFlowAdd(scene, node, at, flowText(scene, value));
  return addLines(scene, node, at, printItem(value, scene.style));
}

function addPair(scene: Scene, node: OutlineNode, key: string, value: unknown): TextRange[] {
  // The reader makes a text of a key that is a list, and that text may be the key asked for: `? [a]` is read as `a`.
  if (node.entries.some((entry) => entry.key === undefined))
    throw new EditRefusal("a map with a key that is itself a list or a map is not edited", node.start);
  if (node.bare) throw new EditRefusal("a pair without braces inside a list is not edited", node.start);
  if (node.flow) return planFlowAdd(scene, node, node.entries.length, flowPair(scene, key, value));
  return addLines(scene, node, node.entries.length, printEntry(key, value, scene.style));
}

/** Puts the lines of a new entry before entry `index` of a block collection, or after its last one. */
function addLines(scene: Scene, node: OutlineNode, index: number, lines: readonly Yaml[]): TextRange[] {
  const { text, style } = scene;
  const column = columnOf(text, node.entries[0]!.head);
  const next = node.entries[index];
  if (next && !isFirstOnLine(text, next.head)) {
    const pad = style.eol + " ".repeat(column);
    return [{ start: next.head, end: next.head, text: lines.map((line) => line + pad).join("") }];
  }
  const indented = indentLines(lines, column);
  const gap = isSpaced(scene, node) ? style.eol : "";
  if (next) {
    const at = next.index === 0 && !node.owner ? lineStart(text, next.head) : ownedStart(scene, next);
    return [{ start: at, end: at, text: joinLines(indented, style.eol, true) + gap }];
  }
  const at = ownedEnd(scene, node.entries.at(-1)!);
  const closed = at === 0 || text[at - 1] === "\n";
  return [{ start: at, end: at, text: (closed ? "" : style.eol) + gap + joinLines(indented, style.eol, closed) }];
}

/** Whether each entry has an empty line between itself and the one before, as jobs of a pipeline often do. */
function isSpaced(scene: Scene, { entries: [, ...later] }: OutlineNode): boolean {
  const isApart = (entry: OutlineEntry): boolean => {
    const start = ownedStart(scene, entry);
    return start > 0 && scene.text.slice(lineStart(scene.text, start - 1), start).trim() === "";
  };
  return later.length > 0 && later.every(isApart);
}

/** Takes out a map entry or a sequence item with the comments that belong to it; the last one leaves `{}` or `[]`. */
export function planDelete(scene: Scene, entry: OutlineEntry): TextRange[] {
  const { text } = scene;
  const { parent } = entry;
  if (parent.flow) return planFlowDelete(scene, entry);
  const startsLine = isFirstOnLine(text, entry.head);
  if (parent.entries.length === 1) return planEmpty(scene, entry, startsLine);
  if (startsLine) return [{ ...deletedLines(scene, entry), text: "" }];
  return [{ start: entry.head, end: firstAfter(scene, entry), text: "" }];
}

function planEmpty(scene: Scene, entry: OutlineEntry, startsLine: boolean): TextRange[] {
  const { text, style } = scene;
  const { parent } = entry;
  const empty = parent.kind === "seq" ? "[]" : "{}";
  if (!parent.owner) {
    const start = startsLine ? lineStart(text, entry.head) : entry.head;
    const end = ownedEnd(scene, entry);
    return [{ start, end, text: joinLines([empty], style.eol, text[end - 1] === "\n") }];
  }
  if (startsLine) {
    return [
      { start: parent.slot, end: parent.slot, text: ` ${empty}` },
      { ...deletedLines(scene, entry), text: "" },
    ];
  }
  const last = lineEnd(text, Math.max(entry.head, ownedEnd(scene, entry) - 1));
  return [{ start: entry.head, end: last, text: empty }];
}

/** What moves up to the dash when the first entry of `- key: …` goes: the next entry, or the comments above it. */
function firstAfter(scene: Scene, entry: OutlineEntry): number {
  const next = entry.parent.entries[entry.index + 1]!;
  const between = scene.text.slice(ownedEnd(scene, entry), next.head);
  const comment = between.indexOf("#");
  return comment < 0 ? next.head : next.head - between.length + comment;
}

/** Nothing, an explicit null, `{}` or `[]`: what a collection may take the place of. */
function isEmptyValue(node: OutlineNode): boolean {
  if (node.kind === "empty") return true;
  if (node.flow) return node.entries.length === 0;
  return node.token?.type === "scalar" && /^(?:~|null|Null|NULL)$/.test(node.token.source);
}
