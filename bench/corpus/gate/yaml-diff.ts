import { isDeepStrictEqual } from "node:util";
import { isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from "yaml";
import { type Data, type Doc, parseYaml } from "./snapshot.ts";

/** Half-open range of offsets. */
export interface Extent {
  start: number;
  end: number;
  /** Only the value was replaced: what stands above its key has to stay. */
  valueOnly?: boolean;
}

/** What happened to the nodes of one YAML file. */
export interface NodeDiff {
  /** Extents in the old text that were removed or replaced. */
  removed: Extent[];
  /** Places where equal data was written differently. */
  rewritten: string[];
}

const rangeOf = (node: unknown): Extent | undefined => {
  const range = (node as Node | undefined)?.range;
  return range ? { start: range[0], end: range[1] } : undefined;
};

function pairExtent(pair: Pair): Extent | undefined {
  const [key, value] = [rangeOf(pair.key), rangeOf(pair.value)];
  if (!key) return value;
  return { start: key.start, end: Math.max(key.end, value?.end ?? key.end) };
}

/** Text of a node with its indentation taken out, so that a moved block may be re-indented. */
function sourceOf(text: string, extent: Extent | undefined): string {
  if (!extent) return "";
  const lines = text.slice(extent.start, extent.end).split(/\r?\n/);
  return lines
    .map((line) => line.trim())
    .filter(Boolean)
    .join("\n");
}

const dataOf = (node: unknown, doc: Doc): Data =>
  node === null || node === undefined ? null : (node as Node).toJS(doc.ast, { maxAliasCount: -1 });

interface Side {
  text: string;
  doc: Doc;
}

/** Longest common subsequence of equal items, as index pairs. */
function pairItems(old: Data[], now: Data[]): [number, number][] {
  const table = Array.from({ length: old.length + 1 }, () => new Array<number>(now.length + 1).fill(0));
  const at = (i: number, j: number): number => table[i]?.[j] ?? 0;
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = now.length - 1; j >= 0; j--) {
      const row = table[i] as number[];
      row[j] = isDeepStrictEqual(old[i], now[j]) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let i = 0, j = 0; i < old.length && j < now.length; ) {
    if (isDeepStrictEqual(old[i], now[j]) && at(i, j) === at(i + 1, j + 1) + 1) pairs.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return pairs;
}

const keyOfPair = (pair: Pair): string => (isScalar(pair.key) ? String(pair.key.value) : String(pair.key));
const keyPath = (path: string, pair: Pair): string => (path ? `${path}.${keyOfPair(pair)}` : keyOfPair(pair));

/** The entry of another map with the same key. */
function partnerOf(pair: Pair, map: YAMLMap): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && String(item.key.value) === keyOfPair(pair));
}

function compare(old: unknown, now: unknown, left: Side, right: Side, path: string, out: NodeDiff): void {
  const [before, after] = [dataOf(old, left.doc), dataOf(now, right.doc)];
  if (isDeepStrictEqual(before, after)) {
    if (sourceOf(left.text, rangeOf(old)) === sourceOf(right.text, rangeOf(now))) return;
    const known = out.rewritten.length;
    if (isMap(old) && isMap(now)) {
      for (const pair of old.items)
        compare(pair.value, partnerOf(pair, now)?.value, left, right, keyPath(path, pair), out);
    }
    if (out.rewritten.length === known) out.rewritten.push(path || "the document");
    return;
  }
  if (isMap(old) && isMap(now)) {
    for (const pair of old.items) {
      const other = partnerOf(pair, now);
      if (other) compare(pair.value, other.value, left, right, keyPath(path, pair), out);
      else out.removed.push(...[pairExtent(pair)].filter((extent) => extent !== undefined));
    }
    return;
  }
  if (isSeq(old) && isSeq(now)) {
    const pairs = pairItems(before, after);
    const kept = new Set(pairs.map(([index]) => index));
    for (const [i, j] of pairs) compare(old.items[i], now.items[j], left, right, `${path}[${i}]`, out);
    const loose = now.items.filter((_, index) => !pairs.some(([, j]) => j === index));
    for (const [index, item] of old.items.entries()) {
      if (kept.has(index)) continue;
      const partner = old.items.length === now.items.length ? now.items[index] : undefined;
      if (partner && loose.includes(partner)) compare(item, partner, left, right, `${path}[${index}]`, out);
      else out.removed.push(...[rangeOf(item)].filter((extent) => extent !== undefined));
    }
    return;
  }
  const extent = rangeOf(old);
  if (!isAlias(old) && extent) out.removed.push({ ...extent, valueOnly: true });
}

const nameOf = (doc: Doc): string => {
  const { apiVersion, kind, metadata } = doc.data ?? {};
  return kind ? `${apiVersion} ${kind} ${metadata?.namespace ?? ""}/${metadata?.name}` : "";
};

/** Extent of a whole document with its `---` line. */
function documentExtent(text: string, docs: Doc[], index: number): Extent {
  const end = docs[index + 1]?.ast.range[0] ?? text.length;
  const start = docs[index]?.ast.range[0] ?? 0;
  const marker = text.lastIndexOf("---", start);
  return { start: marker >= 0 && text.slice(marker, start).trim() === "---" ? marker : start, end };
}

/** Compares two texts of one YAML file node by node; undefined when one of them does not parse. */
export function diffYaml(file: string, oldText: string, newText: string): NodeDiff | undefined {
  const [old, now] = [parseYaml(file, oldText), parseYaml(file, newText)];
  if (old.error || now.error) return undefined;
  const out: NodeDiff = { removed: [], rewritten: [] };
  const used = new Set<Doc>();
  for (const [index, doc] of old.docs.entries()) {
    const named = now.docs.find(
      (candidate) => !used.has(candidate) && nameOf(doc) !== "" && nameOf(candidate) === nameOf(doc),
    );
    const partner = named ?? (old.docs.length === now.docs.length ? now.docs[index] : undefined);
    if (!partner || used.has(partner)) {
      if (doc.data !== null || old.docs.length !== now.docs.length)
        out.removed.push(documentExtent(oldText, old.docs, index));
      continue;
    }
    used.add(partner);
    compare(doc.ast.contents, partner.ast.contents, { text: oldText, doc }, { text: newText, doc: partner }, "", out);
  }
  return out;
}
