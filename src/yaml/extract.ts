import type { TextRange } from "../contract/edit.ts";
import type { Yaml } from "../contract/media.ts";
import { spliceRanges } from "../files/edits.ts";
import { splitDocuments } from "./documents.ts";
import { columnOf, isFirstOnLine, lineEnd, lineStart } from "./lines.ts";
import { entryEnd, type OutlineEntry, type OutlineNode, openDocument, walkOutline } from "./outline.ts";
import { aliasTarget, findEntry, reachOwn } from "./resolve.ts";
import { printQuoted } from "./scalars.ts";
import { ownedEnd, ownedStart, type Scene } from "./scene.ts";
import { DEFAULT_STYLE } from "./style.ts";
import { asWritten } from "./text.ts";
import type { YamlPath } from "./types.ts";

/**
 * Source text of a sequence item (without its dash) or of a map value (without its key), with the comments that belong to
 * it (one behind its key comes above it), dedented to indent 0: ready for use as `RawYaml`. Aliases of scalars written elsewhere are replaced by the scalar.
 * Undefined when nothing is written at the path itself, or when it needs an anchored collection from elsewhere.
 */
export function extractItem(text: string, doc: number, path: YamlPath): Yaml | undefined {
  const { scene, entry } = openEntry(text, doc, path) ?? {};
  if (!scene || !entry || entry.value.kind === "empty") return undefined;
  const inlined = inlineAliases(scene, entry.value);
  if (!inlined) return undefined;
  const { start, end } = entry.value;
  const body = entry.parent.flow
    ? dedent(inlined.text.slice(inlined.shift(start), inlined.shift(end)), 0)
    : blockBody(scene, entry, inlined);
  // Blank lines at the end are content of a `|+` scalar; the reader takes the last line break for the file's own.
  const closing = body.at(-1) === "" ? "\n" : "";
  return asWritten(
    [...commentsAboveEntry(scene, entry), ...commentBehindKey(scene, entry), ...body].join("\n") + closing,
  );
}

/** The document's text in which aliases below a node that point outside it are written out. */
interface Inlined {
  text: string;
  /** Moves an offset of the document to the same place in `text`. */
  shift(at: number): number;
}

function inlineAliases(scene: Scene, value: OutlineNode): Inlined | undefined {
  const inside = new Set<OutlineNode>();
  const edits: TextRange[] = [];
  let possible = true;
  walkOutline(value, (node) => inside.add(node));
  for (const node of inside) {
    if (node.entries.some((entry) => entry.keyAlias)) possible = false;
    if (node.kind !== "alias") continue;
    const target = aliasTarget(scene.root, node);
    if (target && inside.has(target)) continue;
    const scalar = target?.kind === "scalar" ? scalarText(scene, target, node.owner?.parent.flow ?? false) : undefined;
    if (scalar === undefined || scalar.includes("\n")) possible = false;
    else edits.push({ start: node.start, end: node.end, text: scalar });
  }
  if (!possible) return undefined;
  const shift = (at: number) =>
    edits.reduce((sum, edit) => (edit.end <= at ? sum + edit.text.length - (edit.end - edit.start) : sum), at);
  return { text: spliceRanges(scene.text, edits, "YAML"), shift };
}

/** Source of a scalar, quoted where it moves into a flow collection and would not be safe there. */
function scalarText(scene: Scene, target: OutlineNode, inFlow: boolean): string {
  const source = scene.text.slice(target.start, target.end);
  if (!inFlow || target.token?.type !== "scalar" || !/[,[\]{}]/.test(source)) return source;
  return printQuoted(source, "double");
}

/** The comments above the key or dash of what is written at a path that belong to it, each a line with its `#`. */
export function commentsAbove(text: string, doc: number, path: YamlPath): string[] {
  const found = openEntry(text, doc, path);
  return found ? commentsAboveEntry(found.scene, found.entry) : [];
}

/** What is written at a path itself. */
function openEntry(text: string, doc: number, path: YamlPath): { scene: Scene; entry: OutlineEntry } | undefined {
  const document = openDocument(text, splitDocuments(text)[doc]);
  const part = path.at(-1);
  if (!document?.root || part === undefined) return undefined;
  const { source, root } = document;
  const parent = reachOwn(root, path.slice(0, -1));
  const entry = parent.depth < path.length - 1 ? undefined : findEntry(parent.node, part);
  return entry && { scene: { text: source, root, style: DEFAULT_STYLE }, entry };
}

/**
 * Comments that stand before an item of a list and belong to none by their indent, such as those at column zero; before the
 * first one also what stands behind the key of the list.
 */
export function looseComments(text: string, doc: number, list: YamlPath, index: number): string[] {
  const found = openList(text, doc, list);
  const item = found?.node.entries[index];
  if (!found || !item) return [];
  const { source, root, node } = found;
  const scene: Scene = { text: source, root, style: DEFAULT_STYLE };
  const before = node.entries[index - 1];
  const from = before ? ownedEnd(scene, before) : lineEnd(source, node.slot) + 1;
  const lines = source.slice(from, Math.max(from, ownedStart(scene, item))).split("\n");
  const behind = before ? undefined : /(?:^|\s)(#.*)/.exec(source.slice(node.slot, lineEnd(source, node.slot)));
  const own = withoutHeads(lines).map((line) => line.trim());
  return [...(behind ? [behind[1]!] : []), ...own].filter((line) => line.startsWith("#"));
}

/** Lines without those right above an item that is commented out, which speak of that item: `# Not needed` and `# - patch: |`. */
function withoutHeads(lines: readonly string[]): string[] {
  const kept: string[] = [];
  for (const line of lines) {
    const [, indent] = /^(\s*)#\s*-\s+[\w-]+:(?:\s|$)/.exec(line) ?? [];
    while (indent !== undefined && kept.at(-1)?.startsWith(`${indent}#`)) kept.pop();
    kept.push(line);
  }
  return kept;
}

/** Comments behind the last item of a list, indented as its items are: they go with the list, and stand above none of them. */
export function commentsBehind(text: string, doc: number, list: YamlPath): string[] {
  const found = openList(text, doc, list);
  const last = found?.node.entries.at(-1);
  if (!found || !last) return [];
  const { source, node } = found;
  const column = columnOf(source, last.head);
  // At the column of the keys around the list they may speak of what follows.
  const key = source.slice(lineStart(source, node.slot), node.slot);
  const isOfList = column > /^\s*(?:-\s+)*/.exec(key)![0].length;
  const comments: string[] = [];
  for (const line of isOfList ? source.slice(lineEnd(source, entryEnd(last)) + 1).split("\n") : []) {
    const own = line.trim();
    if (own !== "" && (!own.startsWith("#") || line.indexOf("#") < column)) break;
    if (own !== "" && line.indexOf("#") === column) comments.push(own);
  }
  return comments;
}

/** A list in block style. */
function openList(text: string, doc: number, list: YamlPath) {
  const document = openDocument(text, splitDocuments(text)[doc]);
  if (!document?.root) return undefined;
  const { source, root } = document;
  const { depth, node } = reachOwn(root, list);
  return depth < list.length || node.kind !== "seq" || node.flow ? undefined : { source, root, node };
}

function commentsAboveEntry(scene: Scene, entry: OutlineEntry): string[] {
  if (entry.parent.flow || !isFirstOnLine(scene.text, entry.head)) return [];
  const above = scene.text.slice(ownedStart(scene, entry), lineStart(scene.text, entry.head));
  return above.split("\n").flatMap((line) => (line.trim() === "" ? [] : [line.trim()]));
}

/** What stands behind `key:` or a dash on its line, where the value begins on the next one. */
function commentBehindKey({ text }: Scene, { parent, value }: OutlineEntry): string[] {
  const isBelow = !value.flow && value.entries.length > 0 && isFirstOnLine(text, value.entries[0]!.head);
  if (parent.flow || !isBelow) return [];
  const behind = /(?:^|\s)(#.*)/.exec(text.slice(value.slot, lineEnd(text, value.slot)));
  return behind ? [behind[1]!.trimEnd()] : [];
}

function blockBody(scene: Scene, entry: OutlineEntry, inlined: Inlined): string[] {
  const { value } = entry;
  const { text, shift } = inlined;
  const end = shift(lineEnd(scene.text, Math.max(entryEnd(entry), ownedEnd(scene, entry) - 1)));
  const hasLines = !value.flow && (value.kind === "map" || value.kind === "seq");
  if (!hasLines) return dedent(text.slice(shift(value.start), end), columnOf(scene.text, entry.head));
  const first = value.entries[0]!;
  const column = columnOf(scene.text, first.head);
  const start = shift(isFirstOnLine(scene.text, first.head) ? bodyStart(scene, entry, first) : first.head);
  return dedent(text.slice(start, end), column);
}

/** First line after the key's or dash's own line: also comments above the first child. */
function bodyStart(scene: Scene, entry: OutlineEntry, first: OutlineEntry): number {
  const own = lineEnd(scene.text, entry.value.slot);
  const after = scene.text.indexOf("\n", own) + 1;
  return Math.min(after, lineStart(scene.text, first.head));
}

/** Takes `column` spaces off every line but an already cut first one; lines with fewer lose what they have. */
function dedent(text: string, column: number): string[] {
  return text.split("\n").map((line) => {
    const bare = line.endsWith("\r") ? line.slice(0, -1) : line;
    const indent = /^ */.exec(bare)![0].length;
    return bare.slice(Math.min(indent, column));
  });
}
