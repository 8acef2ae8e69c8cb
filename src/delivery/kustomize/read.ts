import yaml from "js-yaml";
import type { Tree } from "../../files/tree.ts";
import { printGoTime } from "../../yaml/go-time.ts";
import { readWithRepeated, readYamlCached } from "../../yaml/read.ts";
import { coreSchema, mergeType, readNumber } from "../../yaml/schema.ts";
import type { ParsedFile } from "../../yaml/types.ts";
import { chompEnd } from "./read-end.ts";

type Failure = Extract<ParsedFile, { ok: false }>;

/** Reads a YAML file of the tree as plain documents; shared between callers, so it must not be changed. */
export function readDocs(tree: Tree, path: string): ParsedFile {
  const text = tree.read(path);
  if (text === undefined)
    return { ok: false, reason: `not a readable text file (${tree.status(path)})`, line: 1, col: 1 };
  return readText(text);
}

/** Answers about files, kept by path and text: two trees of one run differ in a few files only. */
export function rememberFile<T>(make: (tree: Tree, path: string) => T): (tree: Tree, path: string) => T {
  const cache = new Map<string, { text: string | undefined; made: T }>();
  return (tree, path) => {
    const text = tree.read(path);
    const known = cache.get(path);
    if (known !== undefined && text !== undefined && known.text === text) return known.made;
    const made = make(tree, path);
    cache.set(path, { text, made });
    return made;
  };
}

/** Whether a text was not read because it nests deeper than the parser and the steps of a build follow: 100 levels. */
export function nestsTooDeep(read: ParsedFile): boolean {
  return !read.ok && read.reason.includes("maxDepth");
}

const mayBeInfinite = /\.(?:inf|nan)/i;
const isInfinite = (value: unknown) => typeof value === "number" && !Number.isFinite(value);

/** What Go's decoder takes for line breaks, by YAML 1.1. */
const OLD_BREAKS = /[\u0085\u2028\u2029]/g;

/** `readYamlCached`, where kustomize splits a text into documents: it refuses directives and keeps one document of each part. */
export function readText(written: string): ParsedFile {
  const text = written.replace(OLD_BREAKS, "\n");
  const bad = findBadSeparator(text);
  if (bad !== undefined) return bad;
  const read = readYamlCached(chompEnd(text));
  if (read.ok && read.goRefuses) return { ok: false, ...read.goRefuses };
  if (mayBeInfinite.test(text) && read.ok && findEntry(read.docs, (_, item) => isInfinite(item)))
    return { ok: false, reason: "JSON has no infinite numbers", line: 1, col: 1 };
  if (text.startsWith("%"))
    return { ok: false, reason: "kustomize reads no YAML directive like this one", line: 1, col: 1 };
  return read.ok && (/^\.\.\.\s/m.test(text) || ODD_START.test(written)) ? dropAfterFirst(written, read) : read;
}

/** A document that begins behind a line break which kustomize does not take for one where it splits a text. */
const ODD_START = /[\r\u0085\u2028\u2029]---/;

/** Keeps the first document of each part between `---` lines, as kustomize splits them: at no line break but `\n`. */
function dropAfterFirst(written: string, whole: Extract<ParsedFile, { ok: true }>): ParsedFile {
  const kept = new Set<number>();
  let index = 0;
  for (const part of written.replaceAll("\r\n", "\n").split(/\n---[^\n]*\n/)) {
    const read = readYamlCached(`${part.replace(OLD_BREAKS, "\n")}\n`);
    if (!read.ok) return whole;
    kept.add(index);
    index += Math.max(1, read.docs.length);
  }
  return { ok: true, docs: whole.docs.filter((doc) => kept.has(doc.index)) };
}

const looksOld = /(^|[\s[{,])(y|n|yes|no|on|off)\s*([,\]}\r\n#]|$)/i;

/** The schema with scalars of another type, and merge keys as `readYaml` has them. */
function withScalars(
  schema: yaml.Schema,
  pattern: { test(text: string): boolean },
  construct: (text: string) => unknown,
): yaml.Schema {
  const resolve = (data: unknown) => typeof data === "string" && pattern.test(data);
  return schema.extend({
    implicit: [mergeType, new yaml.Type("tag:fluxlift,2024:own", { kind: "scalar", resolve, construct })],
  });
}

/** As `readYaml` reads, with the booleans of YAML 1.1. */
const oldSchema = withScalars(coreSchema, /^(y|n|yes|no|on|off|true|false)$/i, (text) =>
  /^(y|yes|on|true)$/i.test(text),
);

/** What may stand above the first document and its mark. */
const BEFORE_FIRST = /^\uFEFF?(?:(?:[ \t]*(?:#[^\n]*)?|%[^\n]*)\r?\n)*(?:---(?=[ \t\r\n]))?/;
const NEXT_DOCUMENT = /\n(?=(?:---|\.\.\.)(?:[ \t\r\n]|$))/g;

/** Where the first document of a text ends, which is all that kustomize reads of a kustomization file: what comes behind it may be no YAML. */
export function endOfFirst(text: string): number {
  if (!text.includes("\n---") && !text.includes("\n...")) return text.length;
  NEXT_DOCUMENT.lastIndex = BEFORE_FIRST.exec(text)![0].length;
  return (NEXT_DOCUMENT.exec(text)?.index ?? text.length - 1) + 1;
}

/**
 * First document of a kustomization file or a JSON6902 patch, read as kustomize reads these: plain `y`, `no`, `on`… are
 * booleans, and the last of two equal keys counts. Resources are read otherwise.
 */
export function readKustomizationDoc(whole: string): { ok: true; data: unknown } | Failure {
  const text = whole.slice(0, endOfFirst(whole));
  const read = readText(text);
  if (!read.ok && !isRepeated(read)) return read;
  if (read.ok && !looksOld.test(text)) return { ok: true, data: read.docs[0]?.data };
  const old = readWithRepeated(chompEnd(text), oldSchema);
  return old.ok ? { ok: true, data: old.docs[0]?.data } : old;
}

const isRepeated = (read: Failure) => read.reason.includes("duplicated mapping key");

/** Whether nothing is wrong with a text but that a map has a key twice. */
export function repeatsKey(text: string): boolean {
  const read = readText(text);
  return !read.ok && isRepeated(read) && readKustomizationDoc(text).ok;
}

/**
 * The text of a kustomization file with its directive made a comment of the same length: Go's decoder, which reads this one file
 * unsplit, takes `%YAML 1.1`, and kustomize splits everything else.
 */
export function withoutDirective(text: string): string {
  return text.replace(/^%(?=YAML 1\.1(?:[ \t]+#[^\n]*|[ \t\r]*)\n---)/, "#");
}

/** kustomize splits files at lines that start with `---` and refuses anything but a comment behind it. */
function findBadSeparator(text: string): Failure | undefined {
  if (!text.includes("\n---")) return undefined;
  const lines = text.split("\n");
  for (let index = 1; index < lines.length - 1; index++) {
    const line = lines[index]!;
    if (!line.startsWith("---")) continue;
    const rest = line.slice(3).trim();
    if (rest !== "" && !rest.startsWith("#")) {
      return { ok: false, reason: "invalid document separator", line: index + 1, col: 4 };
    }
  }
  return undefined;
}

const typedKey = /(^|[\n{,])[ \t-]*([-+.]?\d[\w.+:-]*|[-+]?\.(?:inf|nan)|true|false|null|~)[ \t]*:([ \t\r\n]|$)/i;
const mapKey = /\{\{|\}[ \t]*:[ \t\r\n]|(^|\n)[ \t-]*\?[ \t]/;
const listKey = /((?:^|[\n{,?])[ \t-]*)\[[^[\]\n]*\](\s*:)(?=[ \t\r\n]|$)/g;
/** Stands for a list that is a key. */
const listMark = "a list as a key of fluxlift";
/** Marks a key that YAML reads as a number, boolean or null. */
const keyMark = "\0";
const markingSchema = withScalars(yaml.FAILSAFE_SCHEMA, { test: isTypedText }, (text) => keyMark + text);

/** Whether a text without quotes is a number, a boolean, a date or null to Go's decoder. */
export function isTypedText(text: string): boolean {
  return (
    /^(?:~|null|Null|NULL|true|True|TRUE|false|False|FALSE)$/.test(text) ||
    readNumber(text) !== undefined ||
    printGoTime(text) !== undefined
  );
}

/** Of a patch, what takes its key out of the object again. */
const isDropped = (item: unknown) =>
  item === null || (typeof item === "string" && item.startsWith(keyMark) && /^(?:null|~)$/i.test(item.slice(1)));

/**
 * Finds a map key that is no string (`5432: x`). kustomize reads such a file and then cannot print it, so the build fails.
 * Undefined when there is none.
 * @param isPatch whether it is a strategic-merge patch
 */
export function findTypedKey(text: string, isPatch = false): string | undefined {
  // A map as a key is what an unquoted `{{ x }}` comes to.
  if (mapKey.test(text) && findEntry(readText(text), (key) => key === "[object Object]")) return "{…}";
  const marked = text.replace(listKey, `$1${listMark}$2`);
  if (marked !== text && findEntry(readText(marked), (key) => key === listMark)) return "[…]";
  if (!typedKey.test(text)) return undefined;
  try {
    const isSuch = (key: string, item: unknown) => key.startsWith(keyMark) && !(isPatch && isDropped(item));
    return findEntry(yaml.loadAll(text, null, { schema: markingSchema }), isSuch)?.slice(1);
  } catch {
    return undefined;
  }
}

/** The key of the first entry in the value that is such a one. */
function findEntry(value: unknown, isSuch: (key: string, item: unknown) => boolean): string | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const found = isSuch(key, item) ? key : findEntry(item, isSuch);
    if (found !== undefined) return found;
  }
  return undefined;
}
