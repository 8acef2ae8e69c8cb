import type { YamlStyle } from "./types.ts";

/** What is written where nothing was learnt: prettier's defaults and the habit of most home-ops repositories. */
export const DEFAULT_STYLE: YamlStyle = {
  indent: 2,
  indentSequences: true,
  documentStart: true,
  quote: "double",
  eol: "\n",
};

const MAX_LINES = 2000;

/** Votes of one or more texts on how YAML is written. */
interface Votes {
  indents: Map<number, number>;
  indented: number;
  flush: number;
  started: number;
  bare: number;
  double: number;
  single: number;
  crlf: number;
  lf: number;
}

/**
 * Learns the writing habits of sibling files by majority vote; lexical, so it also works on texts that do not parse.
 * `quote` is `plain` when no quoted value was seen. Where nothing votes, `fallback` decides.
 */
export function detectStyle(texts: readonly string[], fallback: YamlStyle = DEFAULT_STYLE): YamlStyle {
  const votes: Votes = {
    indents: new Map(),
    indented: 0,
    flush: 0,
    started: 0,
    bare: 0,
    double: 0,
    single: 0,
    crlf: 0,
    lf: 0,
  };
  for (const text of texts) countText(text, votes);
  const noQuotes = texts.length === 0 ? fallback.quote : "plain";
  return {
    indent: mostVoted(votes.indents) ?? fallback.indent,
    indentSequences: majority(votes.indented, votes.flush, fallback.indentSequences),
    documentStart: majority(votes.started, votes.bare, fallback.documentStart),
    quote: votes.double + votes.single === 0 ? noQuotes : votes.single > votes.double ? "single" : "double",
    eol: votes.crlf + votes.lf === 0 ? fallback.eol : votes.crlf > votes.lf ? "\r\n" : "\n",
  };
}

function countText(text: string, votes: Votes): void {
  if (text.includes("\r\n")) votes.crlf++;
  else if (text.includes("\n")) votes.lf++;
  const body = text.replace(/^\uFEFF?(?:[ \t]*(?:#[^\n]*)?\r?\n)*/, "");
  if (body === "") return;
  if (/^---(?:\s|$)/.test(body)) votes.started++;
  else votes.bare++;
  countLines(text, votes);
}

function countLines(text: string, votes: Votes): void {
  let parent = -1;
  let blockIndent = -1;
  for (const line of text.split("\n", MAX_LINES)) {
    const indent = line.search(/[^ ]/);
    if (indent < 0 || line[indent] === "#" || line[indent] === "\r") continue;
    if (blockIndent >= 0 && indent > blockIndent) continue;
    blockIndent = /(?::|-|^)[ \t]+[|>][-+\d]*[ \t]*(?:#.*)?\r?$/.test(line) ? indent : -1;
    if (parent >= 0) countChild(line, indent, parent, votes);
    parent = /^[ ]*(?:- +)*[^\s#][^#]*:[ \t]*\r?$/.test(line) ? line.search(/[^ -]/) : -1;
    if (/(?::|-)[ \t]+"/.test(line)) votes.double++;
    else if (/(?::|-)[ \t]+'/.test(line)) votes.single++;
  }
}

function countChild(line: string, indent: number, parent: number, votes: Votes): void {
  if (/^ *-(?:\s|$)/.test(line)) {
    if (indent > parent) votes.indented++;
    else if (indent === parent) votes.flush++;
  } else if (indent > parent) {
    votes.indents.set(indent - parent, (votes.indents.get(indent - parent) ?? 0) + 1);
  }
}

function _vote<T>(votes: Map<T, number>, value: T): void {
  votes.set(value, (votes.get(value) ?? 0) + 1);
}

function mostVoted<T>(votes: ReadonlyMap<T, number>): T | undefined {
  let best: T | undefined;
  let most = 0;
  for (const [value, count] of votes) {
    if (count <= most) continue;
    most = count;
    best = value;
  }
  return best;
}

function majority(yes: number, no: number, fallback: boolean): boolean {
  return yes === no ? fallback : yes > no;
}
