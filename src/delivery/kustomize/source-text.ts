import yaml from "js-yaml";
import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { getOrMake } from "../../contract/group-by.ts";
import { once } from "../../contract/once.ts";
import { printGoTime } from "../../yaml/go-time.ts";
import { coreSchema, readNumber } from "../../yaml/schema.ts";
import {
  type Data,
  isMap as isObject,
  mapAt,
  mapItems,
  markOf,
  markText,
  nodeText,
  scalarText,
  withEntry,
} from "./data.ts";

/** A scalar as it is written in a file or a patch, where values do not say it: `"a"` or `a`, `0644` or `420`. */
interface WrittenScalar {
  text: string;
  /** Whether it is no plain scalar. */
  isQuoted: boolean;
}

/** The scalars of a document at a path of keys, from all items of the lists on the way. */
export type Written = (path: string) => readonly WrittenScalar[];

/** A key below a path. */
export function pathTo(path: string, key: string): string {
  return `${path}\0${key}`;
}

/** What is written in the documents of a text, or in the items of the list that it is; read once, when it is first asked. */
export function writtenIn(source: string): (doc: number, item?: number) => Written {
  const parse = () => parseAllDocuments(source, { logLevel: "silent" }) as readonly Document[];
  const documents = once(() => parse().flatMap((doc) => readScalars(doc, [doc.contents])));
  const items = once(() => parse().flatMap((doc) => readScalars(doc, itemsOf(doc))));
  return (doc, item) => (path) => (item === undefined ? documents()[doc] : items()[item])?.get(path) ?? [];
}

function itemsOf(doc: Document): readonly unknown[] {
  const list = isMap(doc.contents) ? doc.get("items", true) : undefined;
  return isSeq(list) ? list.items : [];
}

/** The scalars below each of some nodes, by their paths. */
function readScalars(doc: Document, roots: readonly unknown[]): Map<string, WrittenScalar[]>[] {
  const meant = findMeant(doc);
  return roots.map((root) => {
    const found = new Map<string, WrittenScalar[]>();
    const queue: [node: unknown, path: string][] = [[root, ""]];
    for (const [written, path] of queue) {
      const node = isAlias(written) ? meant.get(written) : written;
      if (isMap(node)) for (const [key, value] of entriesOf(node, meant)) queue.push([value, pathTo(path, key)]);
      else if (isSeq(node)) for (const one of node.items) queue.push([one, path]);
      else if (isScalar(node)) {
        getOrMake(found, path, () => []).push({ text: node.source ?? "", isQuoted: isText(node) });
      }
    }
    return found;
  });
}

/** Whether it is no plain scalar, or its tag says so. */
const isText = ({ type, tag }: Scalar): boolean =>
  tag === "tag:yaml.org,2002:str" || (type !== undefined && type !== "PLAIN");

/** The entries of a map, and those that it takes from others (`<<`) and does not have itself. */
function entriesOf(map: YAMLMap, meant: ReadonlyMap<unknown, unknown>): Iterable<[key: string, value: unknown]> {
  const found = new Map<string, unknown>();
  const queue = new Set<unknown>([map]);
  for (const one of queue)
    if (isAlias(one)) queue.add(meant.get(one));
    else if (isSeq(one)) for (const item of one.items) queue.add(item);
    else if (isMap(one))
      for (const { key, value } of one.items)
        if (String(key) === "<<") queue.add(value);
        else if (!found.has(String(key))) found.set(String(key), value);
  return found;
}

/** The node that each alias stands for: the last one before it with that anchor. */
function findMeant(doc: Document): Map<unknown, unknown> {
  const anchors = new Map<string, unknown>();
  const meant = new Map<unknown, unknown>();
  visit(doc, {
    Alias: (_, alias) => {
      meant.set(alias, anchors.get(alias.source));
    },
    Node: (_, node) => {
      if ("anchor" in node && node.anchor) anchors.set(node.anchor, node);
    },
  });
  return meant;
}

/** What is written where kustomize made the object itself, which says what texts it quotes. */
export function writtenBy(body: Data, quotes: (text: string) => boolean): Written {
  return (path) => {
    const below = (value: unknown, key: string) => [(value as Data | null)?.[key] ?? []].flat(9);
    const values = path
      .split("\0")
      .slice(1)
      .reduce<unknown[]>((found, key) => found.flatMap((value) => below(value, key)), [body]);
    const scalars = values.filter((value) => !isObject(value));
    return scalars.map((value) => ({ text: nodeText(value), isQuoted: typeof value === "string" && quotes(value) }));
  };
}

/**
 * What is written where kustomize set the texts of a map itself: those with line breaks stand as blocks, and of the others
 * those have quotes that YAML 1.1 reads as something else.
 */
export function setTexts(body: Data): Written {
  return writtenBy(body, (text) => text.includes("\n") || readsAsOther(text));
}

/** What is written in an object that a generator made: as above, but that all labels have quotes. */
export function generatedTexts(body: Data): Written {
  const [others, labels] = [setTexts(body), writtenBy(body, () => true)];
  return (path) => (path.startsWith(pathTo("", "metadata")) ? labels : others)(path);
}

/** Whether a text of one line is no text to Go's decoder of YAML 1.1: `1_0`, `on`, `a: b`, `# x`. What cannot be read is one, and so is a date. */
function readsAsOther(text: string): boolean {
  if (text === "") return false;
  const { contents, errors } = parseDocument(text, { version: "1.1", logLevel: "silent" });
  if (errors.length > 0 || isAlias(contents)) return false;
  if (!isScalar(contents)) return true;
  const { type, value, source = "" } = contents;
  return type === "PLAIN" && (value === null || typeof value === "boolean" || readNumber(source) !== undefined);
}

/** Whether a text would read as another value, or not at all, without quotes. */
export function needsQuotes(text: string): boolean {
  return yaml.dump(text, { lineWidth: -1 }) !== `${text}\n`;
}

/** What a merge asks of the texts of an object and of the patch. */
export interface Texts {
  /** Whether a number in the place of a text becomes a text: kustomize keeps the quotes of what stood there first. */
  isQuoted(path: string, text: string): boolean;
  /** A number or boolean of the patch as it is written. */
  textOf(path: string, value: unknown): string;
  /** Whether a null of the object is written as nothing (`key:`): such a one goes. */
  isBlank(path: string): boolean;
  /** Told about what kustomize does in ways that are not known here. */
  undecided(what: string): void;
}

/**
 * @param history what the object was read from, then what was merged into it
 * @param undecided told about a text that is written with and without quotes
 */
export function textsOf(history: readonly Written[], patch: Written, undecided: (what: string) => void): Texts {
  const find = (path: string) => history.map((written) => written(path)).find((found) => found.length > 0) ?? [];
  return {
    isQuoted: (path, old) => {
      const text = scalarText(old);
      if (markOf(old) !== undefined) return false;
      const known = followQuotes(history, path, text);
      if (known !== undefined) return known;
      const found = find(path);
      const same = found.filter((one) => one.text === text);
      const quotes = new Set((same.length > 0 ? same : found).map(({ isQuoted }) => isQuoted));
      if (quotes.size > 1) undecided(`whether a number in the place of the text ${text} becomes a text`);
      const [isQuoted] = quotes;
      // A text that needs quotes gets them in the first merge that leaves it alone.
      const latest = history.findLastIndex((written) => written(path).some((one) => one.text === text));
      if (latest < 0 && found.length > 0 && needsQuotes(text))
        undecided(`whether a number in the place of the text ${text}, which no file has, becomes a text`);
      return isQuoted === false && latest >= history.length - 1 ? false : isQuoted || needsQuotes(text);
    },
    textOf: (path, value) => plainText([patch], path, value, undecided),
    undecided,
    isBlank: (path) => find(path).some(({ text, isQuoted }) => text === "" && !isQuoted),
  };
}

/**
 * Whether a text has quotes after all merges: it has those that stood there first, and a text that needs some gets them in the
 * first merge that leaves it alone. A patch that takes away what is there, or what is around it, begins anew. Undefined where
 * several items of a list share the path, or the text came in another way.
 */
function followQuotes(history: readonly Written[], path: string, text: string): boolean | undefined {
  let last: WrittenScalar | undefined;
  let isQuoted = false;
  for (const [index, written] of history.entries()) {
    const [one, other] = written(path);
    if (other) return undefined;
    const isPatch = index > 0;
    if (isPatch && takesAway(written, path)) last = undefined;
    if (isPatch && one && isNull(one)) continue;
    if (!last) isQuoted = one?.isQuoted ?? false;
    if (!one && last && needsQuotes(last.text) && (last.isQuoted || typeof readPlain(last.text) === "string"))
      isQuoted = true;
    last = one ?? last;
  }
  return last?.text === text ? isQuoted : undefined;
}

/** Whether a patch has a null at a path or around it, or says `$patch: replace` or `delete` there; of the whole object it keeps what is there. */
function takesAway(written: Written, path: string): boolean {
  const keys = path.split("\0");
  const places = keys.map((_, index) => keys.slice(0, index + 1).join("\0")).slice(1);
  const directive = ({ text }: WrittenScalar) => text === "replace" || text === "delete";
  return places.some((place) => written(place).some(isNull) || written(pathTo(place, "$patch")).some(directive));
}

const isNull = ({ text, isQuoted }: WrittenScalar) => !isQuoted && readPlain(text) === null;

/** How a number or boolean is written: `1.10` where the value is 1.1. `undecided` is told where it is written in two ways. */
export function plainText(
  history: readonly Written[],
  path: string,
  value: unknown,
  undecided: (what: string) => void,
): string {
  const fits = ({ text, isQuoted }: WrittenScalar) => !isQuoted && readPlain(text) === value;
  const found = history.map((written) => written(path).filter(fits)).findLast((texts) => texts.length > 0) ?? [];
  const texts = new Set(found.map(({ text }) => text));
  if (texts.size > 1) undecided(`which of the texts ${[...texts].join(", ")} stands for ${value}`);
  return found[0]?.text ?? String(value);
}

/** The annotations of an object end as the texts that are written: those whose value says less (`True`, `~`) are marked. */
export function withAnnotationTexts(body: Data, written: Written): Data {
  const annotations = mapAt(mapAt(body, "metadata"), "annotations");
  const isText = (value: unknown) => typeof value === "string" || (typeof value === "object" && value !== null);
  if (Object.values(annotations).every(isText)) return body;
  const mark = (key: string, value: unknown) => {
    const text = isText(value) ? undefined : written(["", "metadata", "annotations", key].join("\0"))[0]?.text;
    return text === undefined || text === nodeText(value) ? value : markText("plain", text);
  };
  const marked = Object.fromEntries(Object.entries(annotations).map(([key, value]) => [key, mark(key, value)]));
  return withEntry(body, "metadata", withEntry(mapAt(body, "metadata"), "annotations", marked));
}

/** The name of an object ends as the text that is written, where its value says less: `010`, `1e3`. */
export function withNameText(body: Data, written: Written): Data {
  const metadata = mapAt(body, "metadata");
  const text = typeof metadata.name === "string" ? undefined : written(NAME)[0]?.text;
  if (text === undefined || text === nodeText(metadata.name)) return body;
  return withEntry(body, "metadata", withEntry(metadata, "name", markText("plain", text)));
}

const NAME = ["", "metadata", "name"].join("\0");

/** A day, or a day and an hour, that may stand without quotes. */
const MAY_BE_TIME = /[\s:,[{-]\d{4}-\d\d?-\d/;

/** Whether a text may hold one anywhere: it may have thousands of documents, so this is asked once. */
export const mayHoldTimes = (source: string): boolean => MAY_BE_TIME.test(source);

/** Marks the times that stand without quotes: kustomize keeps them as they are written, and prints them as Go does. */
export function withTimes(body: Data, written: Written): Data {
  const mark = (value: unknown, path: string): unknown => {
    if (Array.isArray(value)) return mapItems(value, (item) => mark(item, path));
    if (isObject(value)) {
      const entries = Object.entries(value).map(([key, item]) => [key, mark(item, pathTo(path, key))] as const);
      return entries.every(([key, item]) => item === value[key]) ? value : Object.fromEntries(entries);
    }
    const isTime = typeof value === "string" && (printGoTime(value) ?? value) !== value;
    const isPlain = () => written(path).some(({ text, isQuoted }) => !isQuoted && text === value);
    return isTime && isPlain() ? markText("plain", value) : value;
  };
  return mark(body, "") as Data;
}

/** A plain scalar as YAML reads it. */
export function readPlain(text: string): unknown {
  const time = printGoTime(text);
  if (time !== undefined) return time;
  if (!/^[-+.\w~]*$/.test(text)) return text;
  return yaml.load(text, { schema: coreSchema }) ?? null;
}
