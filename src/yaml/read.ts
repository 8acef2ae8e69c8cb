import yaml from "js-yaml";
import { checkForGo } from "./go-refusals.ts";
import { ofText } from "./of-text.ts";
import { readPlainYaml } from "./read-plain.ts";
import { hasMisreadItem, readSlowly } from "./read-slow.ts";
import { withoutQuotes } from "./reason.ts";
import { coreSchema, mergeType } from "./schema.ts";
import { letMapsBeText } from "./text-of-maps.ts";
import type { ParsedDoc, ParsedFile } from "./types.ts";

letMapsBeText();

/** Nodes a file may have once every alias is expanded; consumers walk the data as a tree. */
const MAX_EXPANDED_NODES = 1_000_000;
const MAX_CACHED_TEXTS = 20_000;

const tolerantTag = (prefix: string, kind: "scalar" | "sequence" | "mapping") =>
  new yaml.Type(prefix, { kind, multi: true, construct: (data: unknown) => data });

const scalarTag = (name: string, isOne: (text: string) => boolean, construct: (text: string) => unknown) =>
  new yaml.Type(`tag:yaml.org,2002:${name}`, {
    kind: "scalar",
    resolve: (text: string | null) => text !== null && isOne(text),
    construct,
  });

const isBase64 = (text: string) =>
  /^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(text.replace(/[\r\n]/g, ""));

/** What Go's decoder does with a tag: text that is no base64 or no time is refused, and a map that is called null is none. */
const GO_TAGS = [
  scalarTag("binary", isBase64, (text) => Buffer.from(text, "base64").toString()),
  scalarTag(
    "timestamp",
    (text) => /^\d{4}-\d/.test(text),
    (text) => text,
  ),
  new yaml.Type("tag:yaml.org,2002:null", { kind: "mapping", construct: () => null }),
];

/** Merge keys too; other tags (`!reference`) keep the plain value, as Go's decoder does. */
const SCHEMA = coreSchema.extend({
  implicit: [mergeType],
  explicit: [
    ...GO_TAGS,
    ...["!", "tag:"].flatMap((prefix) => [
      tolerantTag(prefix, "scalar"),
      tolerantTag(prefix, "sequence"),
      tolerantTag(prefix, "mapping"),
    ]),
  ],
});

/**
 * Parses a whole file to plain data, one entry a document, empty documents included.
 * Document indexes are those of `editYaml` and of the `yaml` library's `parseAllDocuments`: a file of comments only has none.
 * Duplicate keys, syntax errors, self-references and alias bombs give `ok: false` with a position counted from 1.
 * Data reached through aliases is shared, not copied: never change it.
 */
export function readYaml(text: string): ParsedFile {
  const plain = readPlainYaml(text);
  if (!plain && hasMisreadItem(text)) return readSlowly(text);
  let loaded: unknown[];
  const check = plain ? undefined : checkForGo(text);
  try {
    loaded = plain ?? yaml.loadAll(text, null, { schema: SCHEMA, listener: check!.listener });
  } catch (error) {
    return describeFailure(text, error);
  }
  if (loaded.length === 1 && loaded[0] === null && !hasMarker(text)) loaded = [];
  const read = toDocs(text, loaded);
  const goRefuses = check?.find();
  return read.ok && goRefuses ? { ...read, goRefuses } : read;
}

/** The same where the last of two equal keys counts, by another schema. */
export function readWithRepeated(text: string, schema: yaml.Schema): ParsedFile {
  try {
    return toDocs(text, yaml.loadAll(text, null, { json: true, schema }));
  } catch (error) {
    return describeFailure(text, error);
  }
}

function toDocs(text: string, loaded: readonly unknown[]): ParsedFile {
  const bomb = text.includes("*") ? findBomb(loaded) : undefined;
  if (bomb) return { ok: false, reason: bomb, line: 1, col: 1 };
  return { ok: true, docs: loaded.map((data, index): ParsedDoc => ({ index, data: data ?? undefined })) };
}

/** `readYaml`, remembered by text; the result is shared between callers, so it must not be changed. */
export const readYamlCached = ofText(readYaml, MAX_CACHED_TEXTS);

/** Whether a document without content is there all the same: it has a marker or an explicit null. */
function hasMarker(text: string): boolean {
  return /^[ \t\uFEFF]*[^\s#]/m.test(text);
}

/** The marks that git leaves at the start of lines where it could not finish a merge, in their order. */
const UNMERGED = ["<<<<<<< ", "=======", ">>>>>>> "];

/** Line of the first mark of an unfinished merge, counted from 1. A parser stumbles somewhere behind it. */
function findUnmerged(text: string): number | undefined {
  let next = 0;
  let first: number | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (!line.startsWith(UNMERGED[next]!)) continue;
    first ??= index + 1;
    next++;
    if (next === UNMERGED.length) return first;
  }
  return undefined;
}

function describeFailure(text: string, error: unknown): ParsedFile {
  const unmerged = findUnmerged(text);
  if (unmerged !== undefined) {
    return { ok: false, reason: "it holds the marks of an unfinished merge, `<<<<<<<`", line: unmerged, col: 1 };
  }
  if (error instanceof yaml.YAMLException) {
    const mark = error.mark as { line: number; column: number } | undefined;
    return {
      ok: false,
      reason: withoutQuotes(error.reason),
      line: (mark?.line ?? 0) + 1,
      col: (mark?.column ?? 0) + 1,
    };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { ok: false, reason, line: 1, col: 1 };
}

/** Counts the nodes of the expanded tree without expanding it; says why when there are too many or infinitely many. */
function findBomb(docs: readonly unknown[]): string | undefined {
  const sizes = new Map<object, number>();
  const open = new Set<object>();
  let cyclic = false;
  const measure = (value: unknown): number => {
    if (typeof value !== "object" || value === null) return 1;
    const known = sizes.get(value);
    if (known !== undefined) return known;
    if (open.has(value)) {
      cyclic = true;
      return 1;
    }
    open.add(value);
    let size = 1;
    for (const item of Object.values(value)) size += measure(item);
    open.delete(value);
    sizes.set(value, size);
    return size;
  };
  let total = 0;
  for (const doc of docs) total += measure(doc);
  if (cyclic) return "an alias refers to a node that contains it";
  if (total > MAX_EXPANDED_NODES) return `aliases expand to more than ${MAX_EXPANDED_NODES} nodes`;
  return undefined;
}
