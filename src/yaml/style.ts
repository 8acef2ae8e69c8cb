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

/** Votes on how YAML is written: for habits by name, for indents by their spaces. */
type Votes = Map<string | number, number>;

/**
 * Learns the writing habits of sibling files by majority vote; lexical, so it also works on texts that do not parse.
 * `quote` is `plain` when no quoted value was seen. Where nothing votes, `fallback` decides.
 */
export function detectStyle(texts: readonly string[], fallback: YamlStyle = DEFAULT_STYLE): YamlStyle {
  const votes: Votes = new Map();
  for (const text of texts) countText(text, votes);
  const wins = (yes: string, no: string, tie: boolean) => {
    const [ayes, noes] = [votes.get(yes) ?? 0, votes.get(no) ?? 0];
    return ayes === noes ? tie : ayes > noes;
  };
  const noQuotes = texts.length === 0 ? fallback.quote : "plain";
  const isQuoted = votes.has("double") || votes.has("single");
  const hasLines = votes.has("crlf") || votes.has("lf");
  return {
    indent: mostVotedIndent(votes) ?? fallback.indent,
    indentSequences: wins("indented", "flush", fallback.indentSequences),
    documentStart: wins("started", "bare", fallback.documentStart),
    quote: !isQuoted ? noQuotes : wins("single", "double", false) ? "single" : "double",
    eol: !hasLines ? fallback.eol : wins("crlf", "lf", false) ? "\r\n" : "\n",
  };
}

function vote(votes: Votes, habit: string | number): void {
  votes.set(habit, (votes.get(habit) ?? 0) + 1);
}

function mostVotedIndent(votes: Votes): number | undefined {
  const indents = [...votes].flatMap(([indent, count]) => (typeof indent === "number" ? [{ indent, count }] : []));
  return indents.sort((a, b) => b.count - a.count)[0]?.indent;
}

function countText(text: string, votes: Votes): void {
  if (text.includes("\n")) vote(votes, text.includes("\r\n") ? "crlf" : "lf");
  const body = text.replace(/^\uFEFF?(?:[ \t]*(?:#[^\n]*\n|\r?\n))*/, "");
  if (body === "") return;
  vote(votes, /^---(?:\s|$)/.test(body) ? "started" : "bare");
  countLines(text, votes);
}

function countLines(text: string, votes: Votes): void {
  let parent = -1;
  let blockIndent = -1;
  for (const line of text.split("\n", MAX_LINES)) {
    const indent = line.search(/[^ ]/);
    if (indent < 0 || line[indent] === "#" || line[indent] === "\r") continue;
    if (blockIndent >= 0 && indent > blockIndent) continue;
    blockIndent = /(?::|-|^)[ \t]+[|>][-+\d]*[ \t]*(?:#[^\n]*|\r)?$/.test(line) ? indent : -1;
    if (parent >= 0 && indent >= parent) {
      if (/^ *-(?:\s|$)/.test(line)) vote(votes, indent > parent ? "indented" : "flush");
      else if (indent > parent) vote(votes, indent - parent);
    }
    parent = /^[ ]*(?:- +)*(?!- )[^\s#][^#]*:[ \t]*\r?$/.test(line) ? line.search(/[^ -]/) : -1;
    if (/(?::|-)[ \t]+"/.test(line)) vote(votes, "double");
    else if (/(?::|-)[ \t]+'/.test(line)) vote(votes, "single");
  }
}
