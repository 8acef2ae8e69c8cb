import { CST, type Document, isNode, Parser, parseAllDocuments, type ScalarTag, type Tags, visit } from "yaml";
import { positionAt } from "./lines.ts";
import { withoutSource } from "./reason.ts";
import { readNumber } from "./schema.ts";
import type { ParsedFile } from "./types.ts";

const LONE_DASH = /^(?:.*[ \t])?-[ \t]*(?:#.*)?\r?$/gm;

/**
 * Whether js-yaml would misread a text: after an empty item (`-` at the end of a line) it takes a dash at a smaller indent on
 * the next line for the next item of the same list. Errs towards yes (a lone dash inside a block scalar counts).
 */
export function hasMisreadItem(text: string): boolean {
  for (const match of text.matchAll(LONE_DASH)) {
    const dash = match[0].replace(/#.*/, "").lastIndexOf("-");
    const after = /^(?:[ \t]*(?:#.*)?\r?\n)*([ ]*)-(?:\s|$)/.exec(
      text.slice(match.index + match[0].length, match.index + match[0].length + 4000),
    );
    if (after && after[1]!.length < dash) return true;
  }
  return false;
}

/** The numbers of Go's decoder; what begins like one and is none stays a string. */
const number: ScalarTag = {
  tag: "tag:yaml.org,2002:int",
  default: true,
  test: /^[-+]?\.?(?:\d|inf$|nan$)/i,
  resolve: (text) => readNumber(text) ?? text,
};
/** What Go's decoder reads otherwise than the library. */
const GO_TAG = /^tag:yaml\.org,2002:(?:binary|null|timestamp)$/;
const withNumbers = (tags: Tags) => [number, ...tags];

/** `readYaml` by the `yaml` library: five times slower, for the few texts that js-yaml misreads. */
export function readSlowly(text: string): ParsedFile {
  const body = text.startsWith("\uFEFF") ? text.slice(1) : text;
  const parsed = parseAllDocuments(body, {
    schema: "core",
    customTags: withNumbers,
    merge: true,
    prettyErrors: true,
    logLevel: "silent",
  });
  const documents = "empty" in parsed ? [] : (parsed as Document[]);
  const lost = findLostValue(body);
  if (lost !== undefined) return { ok: false, reason: "a value without its colon", ...positionAt(body, lost) };
  try {
    const docs = documents.map((document, index) => {
      const [error] = document.errors;
      if (error) throw error;
      visit(document, (_, node) => {
        if (isNode(node) && GO_TAG.test(node.tag ?? "")) throw new Error(`the tag ${node.tag}`);
      });
      return { index, data: (document.toJS() as unknown) ?? undefined };
    });
    return { ok: true, docs };
  } catch (error) {
    const at = (error as { linePos?: { line: number; col: number }[] }).linePos?.[0] ?? { line: 1, col: 1 };
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split(/ at line |\n/);
    return { ok: false, reason: withoutSource(reason), line: at.line, col: at.col };
  }
}

/** Where a list stands right below a key that is marked by `?`: no YAML, but the library reads it and drops the list. */
function findLostValue(text: string): number | undefined {
  if (!/\?(?:\s|$)/.test(text)) return undefined;
  let lost: number | undefined;
  for (const token of new Parser().parse(text)) {
    if (token.type !== "document") continue;
    CST.visit(token, ({ start, sep, value }) => {
      const isMarked = start.some(({ type }) => type === "explicit-key-ind");
      if (!isMarked || !value || sep?.some(({ type }) => type === "map-value-ind")) return undefined;
      lost ??= value.offset;
      return CST.visit.BREAK;
    });
  }
  return lost;
}
