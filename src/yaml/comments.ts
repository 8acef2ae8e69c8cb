import { Lexer } from "yaml";
import { splitDocuments } from "./documents.ts";
import { extractItem } from "./extract.ts";
import { openDocument } from "./outline.ts";
import { findEntry, reachOwn, sharedAnchorIn } from "./resolve.ts";
import type { YamlPath } from "./types.ts";

/** What the lexer puts before the text of a scalar, which may begin with `#` too. */
const SCALAR_FOLLOWS = "\u001f";
/** What it says where a document begins. */
const DOCUMENT = "\u0002";

/**
 * The comments of what is written at a path, each a line with its `#`: those above its key or dash, and (`within`) those in
 * it and behind it. None where the path leads through an alias.
 */
export function readComments(text: string, doc: number, path: YamlPath): { above: string[]; within: string[] } {
  return readCommentsOf(extractItem(text, doc, path) ?? "");
}

/** The same of a text as a whole. */
export function readCommentsOf(text: string): { above: string[]; within: string[] } {
  const above: string[] = [];
  const within: string[] = [];
  let previous = "";
  let isAbove = true;
  for (const token of new Lexer().lex(text)) {
    if (token.startsWith("#") && previous !== SCALAR_FOLLOWS) (isAbove ? above : within).push(token.trimEnd());
    else if (token.trim() !== "" && token !== DOCUMENT) isAbove = false;
    previous = token;
  }
  return { above, within };
}

/** A setting that is commented out. A bullet of several words, `# - never by hand`, is none. */
const SETTING = /^#\s*(?:[a-z][\w-]*:(?:\s|$)|-(?:\s*$|\s+(?![^\s:]+\s+[^\s:])))/;
const NO_PROSE =
  /^#\s+#\s|^#\s*(?:---\s*$|\{|yamllint |prettier-ignore|(?:checkov|trivy|kics|nosemgrep)\b)|\$\{|^#\W*DO NOT EDIT\b|\bDO NOT EDIT\W*$/;
/** What a program reads, which looks like a setting. */
const DIRECTIVE = /^#\s*(?:renovate|yaml-language-server):/;

/**
 * A comment for people. One that a program reads, such as `# renovate: …`, means another place, a setting that is commented
 * out is a field of another object, a variable would be filled in, and what says how a file was generated (as flux bootstrap
 * does) or checked speaks of that file.
 */
export function isProse(comment: string): boolean {
  return !SETTING.test(comment) && !NO_PROSE.test(comment);
}

/** The lines for people of one comment, with the examples in it: what looks like a setting and is indented below a sentence. */
export function proseOf(block: readonly string[]): string[] {
  let indent = Number.POSITIVE_INFINITY;
  return block.filter((line) => {
    const own = /^#+\s*/.exec(line)![0].length;
    if (!isProse(line)) return own > indent && !NO_PROSE.test(line) && !DIRECTIVE.test(line);
    if (own < line.length) indent = Math.min(indent, own);
    return true;
  });
}

/** Whether what is written at a path, or each of its direct parts, has an anchor that is used elsewhere in the document. */
export function holdsOnlyAnchors(text: string, doc: number, path: YamlPath): boolean {
  const root = openDocument(text, splitDocuments(text)[doc])?.root;
  const part = path.at(-1);
  if (!root || part === undefined) return false;
  const parent = reachOwn(root, path.slice(0, -1));
  const node = parent.depth === path.length - 1 ? findEntry(parent.node, part)?.value : undefined;
  if (!node) return false;
  const isUsed = (one: typeof node) => one.anchor !== undefined && sharedAnchorIn(root, one, false) !== undefined;
  return isUsed(node) || (node.entries.length > 0 && node.entries.every(({ value }) => isUsed(value)));
}
