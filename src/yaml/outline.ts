import { CST, Parser } from "yaml";
import type { DocumentSlice } from "./documents.ts";
import { withoutBlankEnd } from "./lines.ts";
import { ofText } from "./of-text.ts";
import { readYaml } from "./read.ts";

/**
 * A value in a document's source: what it is and which bytes are its own. Offsets count from the start of the slice
 * it was read from. `end` leaves out the line break and everything after it, also for block scalars.
 */
export interface OutlineNode {
  kind: "map" | "seq" | "scalar" | "alias" | "empty";
  /** Written in `[]`/`{}`; a one-pair map inside `[]` counts as `bare`. */
  flow: boolean;
  bare: boolean;
  /** End of the indicator (`:`, `-`, `---`) or of the last anchor or tag: a value may be written from here on. */
  slot: number;
  /** Start of the first anchor or tag, if there is one. */
  props?: number;
  anchor?: string;
  tag?: string;
  start: number;
  end: number;
  entries: OutlineEntry[];
  token?: CST.FlowScalar | CST.BlockScalar;
  /** Name an alias refers to. */
  alias?: string;
  /** The entry this is the value of; absent at the root. */
  owner?: OutlineEntry;
}

/** A map entry or a sequence item. */
export interface OutlineEntry {
  /** Offset of its first byte: dash, `?`, key with its properties, or flow item. */
  head: number;
  /** Text of a key, also of one written as an alias (`*app :`); undefined for items and for keys that are collections. */
  key?: string;
  keyStart: number;
  keyEnd: number;
  keyAnchor?: string;
  keyAlias?: string;
  plainKey: boolean;
  value: OutlineNode;
  parent: OutlineNode;
  index: number;
}

/** Plain keys that the reader may turn into another text: `0007` becomes `7`. */
const MAYBE_NOT_STRING = /^(?:[-+.\d~]|null$|true$|false$)/i;

/** Reads the source of one document; `undefined` when the text holds none. */
const outlineOf = ofText((slice: string): OutlineNode | undefined => {
  for (const token of new Parser().parse(slice)) {
    if (token.type !== "document") continue;
    const root = newNode(token.start, token.offset);
    fillTree(root, token.value);
    resolveKeyAliases(root);
    return root;
  }
  return undefined;
}, 256);

/** The source of one document of a text, and what is in it. */
export function openDocument(text: string, slice: DocumentSlice | undefined) {
  if (!slice) return undefined;
  const source = text.slice(slice.start, slice.end);
  return { start: slice.start, source, root: outlineOf(source) };
}

/** Last offset of an entry's own content, without its trailing comment. */
export function entryEnd(entry: OutlineEntry): number {
  return Math.max(entry.keyEnd, entry.value.kind === "empty" ? entry.value.slot : entry.value.end);
}

/** Calls `visit` for a node and all below it, in source order. */
export function walkOutline(node: OutlineNode, visit: (node: OutlineNode) => void): void {
  const open = [node];
  for (let next = open.pop(); next; next = open.pop()) {
    visit(next);
    for (const { value } of next.entries.toReversed()) open.push(value);
  }
}

/** Gives keys like `*app :` the text of the scalar that carried the anchor last before them. */
function resolveKeyAliases(root: OutlineNode): void {
  const anchors = new Map<string, string>();
  walkOutline(root, ({ owner, anchor, token }) => {
    const key = owner?.keyAlias === undefined ? owner?.key : anchors.get(owner.keyAlias);
    if (owner && key !== undefined) {
      owner.key = key;
      if (owner.keyAnchor) anchors.set(owner.keyAnchor, key);
    }
    if (anchor && token) anchors.set(anchor, readScalar(token)!.value);
  });
}

/** What a scalar says. The reader has its own say on what is no YAML; `&a\r#x` is read by it, and an error of this part alone. */
function readScalar(token: CST.Token) {
  return CST.resolveAsScalar(token, false, () => {});
}

/** A value that is not there, where it could be written. */
export function emptyNode(at: number): OutlineNode {
  return { kind: "empty", flow: false, bare: false, slot: at, start: at, end: at, entries: [] };
}

function newNode(before: readonly CST.SourceToken[], at: number, owner?: OutlineEntry): OutlineNode {
  const node = emptyNode(at);
  if (owner) node.owner = owner;
  for (const token of before) {
    if (token.type === "anchor" || token.type === "tag") {
      node.props ??= token.offset;
      node.slot = token.offset + token.source.length;
      if (token.type === "anchor") node.anchor = token.source.slice(1);
      else node.tag = token.source;
    } else if (token.type === "map-value-ind" || token.type === "seq-item-ind" || token.type === "doc-start") {
      node.slot = token.offset + token.source.length;
    }
  }
  node.start = node.end = node.slot;
  return node;
}

/** What is left to do: nodes whose source is still to be read, and what is known of a node once all in it has been read. */
interface Filling {
  open: [node: OutlineNode, token: CST.Token | null | undefined][];
  ends: (() => void)[];
}

/** Fills in a node and all below it; without recursion, for files nest as deep as somebody likes. */
function fillTree(root: OutlineNode, source: CST.Token | null | undefined): void {
  const filling: Filling = { open: [[root, source]], ends: [] };
  for (let next = filling.open.pop(); next; next = filling.open.pop()) {
    const [node, token] = next;
    if (!token) continue;
    if (CST.isCollection(token)) fillCollection(node, token, filling);
    else if (token.type === "block-scalar") fillScalar(node, token);
    else if ((token.type === "alias" || CST.isScalar(token)) && token.source !== "") fillScalar(node, token);
  }
  // What is in a collection came after it.
  for (const end of filling.ends.toReversed()) end();
}

function fillScalar(node: OutlineNode, token: CST.FlowScalar | CST.BlockScalar): void {
  node.start = token.offset;
  node.end = token.type === "block-scalar" ? blockScalarEnd(token) : token.offset + token.source.length;
  if (token.type === "alias") {
    node.kind = "alias";
    node.alias = token.source.slice(1);
  } else {
    node.kind = "scalar";
    node.token = token;
  }
}

type Collection = CST.BlockMap | CST.BlockSequence | CST.FlowCollection;

function fillCollection(node: OutlineNode, token: Collection, filling: Filling): void {
  node.flow = token.type === "flow-collection";
  const isMap = token.type === "block-map" || (token.type === "flow-collection" && token.start.source === "{");
  node.kind = isMap ? "map" : "seq";
  node.start = node.end = token.offset;
  filling.ends.push(() => endCollection(node, token));
  for (const item of token.items) addItem(node, item, filling);
}

function endCollection(node: OutlineNode, token: Collection): void {
  const last = node.entries.at(-1);
  if (token.type === "flow-collection") {
    const close = token.end.find((end) => end.type === "flow-map-end" || end.type === "flow-seq-end");
    node.end = close ? close.offset + 1 : (last?.value.end ?? token.offset + 1);
  } else if (last) node.end = entryEnd(last);
}

function addItem(node: OutlineNode, item: CST.CollectionItem, filling: Filling): void {
  const isPair = Boolean(item.key || item.sep);
  const marked = item.start.some(({ type }) => type === "seq-item-ind" || type === "explicit-key-ind");
  if (!isPair && !item.value && !marked) return;
  const make = node.kind === "seq" && isPair ? newBarePair : newEntry;
  node.entries.push(make(node, item, filling));
}

function newEntry(node: OutlineNode, item: CST.CollectionItem, { open }: Filling): OutlineEntry {
  const first = item.start.find((t) => ["seq-item-ind", "explicit-key-ind", "anchor", "tag"].includes(t.type));
  const head = first?.offset ?? item.key?.offset ?? item.sep?.[0]?.offset ?? item.value?.offset ?? node.start;
  const entry = entryAt(node, head);
  if (node.kind === "map") describeKey(entry, item);
  entry.value = newNode((node.kind === "map" ? item.sep : item.start) ?? [], entry.keyEnd, entry);
  open.push([entry.value, item.value]);
  return entry;
}

/** `[a: 1]`: the item is a map of one pair without braces. */
function newBarePair(node: OutlineNode, item: CST.CollectionItem, filling: Filling): OutlineEntry {
  const head = item.start.find((t) => t.type === "explicit-key-ind")?.offset ?? item.key?.offset ?? node.start;
  const outer = entryAt(node, head);
  const map: OutlineNode = { ...newNode([], head, outer), kind: "map", flow: true, bare: true };
  const pair = newEntry(map, item, filling);
  map.entries.push(pair);
  filling.ends.push(() => {
    map.end = entryEnd(pair);
  });
  outer.value = map;
  return outer;
}

/** An entry without its key yet; callers fill in the value. */
function entryAt(parent: OutlineNode, head: number): OutlineEntry {
  const value = emptyNode(head);
  return { head, keyStart: head, keyEnd: head, plainKey: false, parent, index: parent.entries.length, value };
}

function describeKey(entry: OutlineEntry, item: CST.CollectionItem): void {
  const key = item.key;
  const anchor = item.start.find((token) => token.type === "anchor");
  if (anchor) entry.keyAnchor = anchor.source.slice(1);
  if (!key) return;
  entry.keyStart = key.offset;
  const scalar = readScalar(key);
  if (key.type === "alias") {
    entry.keyAlias = key.source.slice(1);
    entry.keyEnd = key.offset + key.source.length;
  } else if (scalar && "source" in key) {
    entry.plainKey = key.type === "scalar";
    entry.key = entry.plainKey && MAYBE_NOT_STRING.test(scalar.value) ? readKey(scalar.value) : scalar.value;
    entry.keyEnd = key.offset + key.source.length;
  } else {
    entry.keyEnd = item.sep?.find((token) => token.type === "map-value-ind")?.offset ?? key.offset;
  }
}

function readKey(source: string): string {
  const parsed = readYaml(source);
  const value = parsed.ok && parsed.docs.length === 1 ? (parsed.docs[0]!.data ?? null) : source;
  return typeof value === "object" && value !== null ? source : String(value);
}

/** `|+` owns the blank lines after it; the other block scalars leave them to whatever follows. */
function blockScalarEnd(token: CST.BlockScalar): number {
  let at = token.offset;
  let header = "";
  let headerEnd = at;
  for (const prop of token.props) {
    if (!("source" in prop)) continue;
    at = prop.offset + prop.source.length;
    if (prop.type !== "block-scalar-header") continue;
    header = prop.source;
    headerEnd = at;
  }
  const body = header.includes("+") ? token.source.replace(/\r?\n$/, "") : withoutBlankEnd(token.source);
  return body.trim() === "" && !header.includes("+") ? headerEnd : at + body.length;
}
