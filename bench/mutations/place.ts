import type { Document } from "yaml";
import { isMap, isScalar, type Pair, type ParsedNode } from "yaml";
import { dirOf, kustomizationFile } from "../corpus/gate/reach.ts";
import type { Data, Doc, Snapshot } from "../corpus/gate/snapshot.ts";
import type { Dice } from "../kustomize/dice.ts";

/** New texts by path; undefined removes the file. */
export type Edits = Map<string, string | undefined>;

/** Where an accident may happen: a tree, and the files of it that Flux delivers. */
export interface Place {
  tree: Snapshot;
  files: readonly string[];
  dice: Dice;
}

/** What was put in, and where. */
export interface Accident {
  edits: Edits;
  what: string;
}

/** A position in a document: keys of maps and indices of lists. */
export type At = readonly (string | number)[];

export const docsOf = ({ tree, files }: Place, fits: (data: Data) => unknown): Doc[] =>
  files.flatMap((file) => tree.yaml(file).docs).filter(({ data }) => data && typeof data === "object" && fits(data));

/** Documents of kustomization files in the sense of kustomize. */
export const kustomizationDocs = (place: Place, fits: (data: Data) => unknown): Doc[] =>
  docsOf(place, fits).filter(({ file }) => kustomizationFile(place.tree, dirOf(file)) === file);

/** One of the options, or undefined where there is none: the accident cannot happen in this tree. */
export function pickOf<T>({ dice }: Place, options: readonly T[]): T | undefined {
  return options.length === 0 ? undefined : dice.pick(options);
}

export function rangeOf(doc: Doc, at: At): readonly [number, number] | undefined {
  const node = (doc.ast as Document.Parsed).getIn(at, true) as ParsedNode | undefined;
  return node?.range ? [node.range[0], node.range[1]] : undefined;
}

const splice = (text: string, [from, to]: readonly [number, number], now: string): string =>
  text.slice(0, from) + now + text.slice(to);

export const put = (place: Place, doc: Doc, range: readonly [number, number], now: string): Edits =>
  new Map([[doc.file, splice(place.tree.text(doc.file), range, now)]]);

/** Writes another scalar at a position; undefined where it is no plain text of one line. */
export function setScalar(place: Place, doc: Doc, at: At, change: (now: string) => string): Accident | undefined {
  const node = (doc.ast as Document.Parsed).getIn(at, true);
  if (!isScalar(node) || !node.range || typeof node.value !== "string" || node.value.includes("\n")) return undefined;
  const now = change(node.value);
  const edits = put(place, doc, [node.range[0], node.range[1]], now);
  return { edits, what: `${doc.file}:${doc.line} ${at.join(".")}: ${node.value} becomes ${now}` };
}

function pairAt(doc: Doc, at: At): Pair<ParsedNode, ParsedNode> | undefined {
  const map = at.length === 1 ? doc.ast.contents : (doc.ast as Document.Parsed).getIn(at.slice(0, -1), true);
  if (!isMap(map)) return undefined;
  return map.items.find(({ key }) => isScalar(key) && key.value === at.at(-1)) as Pair<ParsedNode, ParsedNode>;
}

export const keyRange = (doc: Doc, at: At): readonly [number, number] | undefined => {
  const range = pairAt(doc, at)?.key.range;
  return range ? [range[0], range[1]] : undefined;
};

/** From the start of the line of a position to that of the line after its end. */
function wholeLines(text: string, from: number, to: number): [number, number] {
  const start = text.lastIndexOf("\n", from - 1) + 1;
  if (text[to - 1] === "\n") return [start, to];
  const end = text.indexOf("\n", to);
  return [start, end < 0 ? text.length : end + 1];
}

/** Takes out what stands at a position, with its lines. */
export function drop(place: Place, doc: Doc, at: At): Accident | undefined {
  const text = place.tree.text(doc.file);
  const node = (doc.ast as Document.Parsed).getIn(at, true) as ParsedNode | undefined;
  const start = typeof at.at(-1) === "string" ? keyRange(doc, at)?.[0] : node?.range?.[0];
  const end = node?.range?.[1] ?? start;
  if (start === undefined || end === undefined) return undefined;
  const lines = wholeLines(text, start, Math.max(end, start));
  // A list or map in flow style, or the first key of a list item: not one of whole lines.
  if (
    !/^\s*(- )?$/.test(text.slice(lines[0], start)) ||
    (typeof at.at(-1) === "string" && /- /.test(text.slice(lines[0], start)))
  )
    return undefined;
  return { edits: put(place, doc, lines, ""), what: `${doc.file}:${doc.line} without ${at.join(".")}` };
}

/** A slip of the finger in a word. */
export function typo(dice: Dice, word: string): string {
  const places = [...word.matchAll(/[a-z0-9]/gi)].map(({ index }) => index).filter((at) => at > 0);
  const at = places.length === 0 ? 0 : dice.pick(places);
  const slips = [
    word.slice(0, at) + word.slice(at + 1),
    word.slice(0, at) + (word[at] ?? "x") + word.slice(at),
    word.slice(0, at - 1) + (word[at] ?? "") + (word[at - 1] ?? "") + word.slice(at + 1),
    `${word.slice(0, at)}${word[at] === "s" ? "a" : "s"}${word.slice(at + 1)}`,
  ];
  const slip = dice.pick(slips);
  return slip === word || slip === "" || !/^[\w./@:$[{~-]/.test(slip) ? `${word}x` : slip;
}
