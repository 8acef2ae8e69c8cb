import { formatLoc, type Loc } from "../contract/errors.ts";
import { type Markdown, type Mermaid, made } from "../contract/media.ts";
import { forPeople, visible } from "../contract/visible.ts";

/** Markdown as it is written out, with values that are Markdown already. */
export function md(text: TemplateStringsArray, ...values: readonly (Markdown | number)[]): Markdown {
  return made(String.raw({ raw: text }, ...values));
}

export function joinMarkdown(parts: readonly Markdown[], between: " " | ", " | ", then " | "<br>"): Markdown {
  return made(parts.filter((part) => part !== "").join(between));
}

/**
 * Escapes prose so that a value from a repository shows as it is: no markup, no HTML, no `@name` that notifies someone,
 * no `#12` that links an issue. Code spans written by fluxlift itself (`` `x` ``) stay.
 */
export function escapeText(text: string): Markdown {
  const parts = visible(text).split(/(`[^`]+`)/);
  return made(parts.map((part, index) => (index % 2 === 1 ? code(part.slice(1, -1)) : escapeProse(part))).join(""));
}

/**
 * What a forge makes a link of, which the other page then lists: `#12` also in `owner/name#12`, `GH-12`, GitLab's `!12`,
 * `&12`, `GL-12` and `[issue:12]`, and the address of an issue.
 */
const REFERENCE =
  /(?:[#!]|&amp;|\bg[hl]-|\/(?:issues|pulls?|pull-requests|merge_requests|discussions)\/)(?=\d)|\\\[(?:[a-z]|\\_){1,20}:/gi;

/**
 * What a forge shows as something else, and no backslash hinders: a picture for `:x:` and `:100:`, a milestone for GitLab's
 * `%12` and `%"name"`, added and removed words for its `{+x+}` and `[-x-]`, Gitea's link `[[words|address]]`, which hides
 * where it leads, and a formula, of any colour, size and place, between two `$` of GitHub, GitLab and Azure. Such text is
 * part of commands, so nothing is put in that would be copied.
 */
const SHORTHAND = /:(?=(?!\d+:)(?:[a-z\d+-]|\\_)+:|1(?:00|234):)|%(?=[\w"{\\])|(?:\\\[|\{)(?=[+-])|\\\[(?=\\\[)|\$+/gi;

/** What a forge makes a link of, up to the next blank or `<`: the backslash before that would be part of it, and hinder nothing. */
const ADDRESS = /:(?=\/\/)|(?<=www)\./gi;
const entity = (char: string) => `&#${char.charCodeAt(0)};`;

function escapeProse(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/[\\`*_[\]<>|~]/g, "\\$&")
    .replace(/@(?=[\w{\\])/g, "@\u2060")
    .replace(REFERENCE, "$&\u2060")
    .replace(ADDRESS, entity)
    .replace(SHORTHAND, (mark) => `<span>${mark}</span>`)
    .replace(/^(\s*(?:[-+#]|\d+[.)]))(?=\s)/, (mark) => `${mark.slice(0, -1)}\\${mark.at(-1)}`);
}

/** Escapes a text for a table cell; lines after the first are code and stay lines. */
export function escapeCell(text: string): Markdown {
  const [prose = "", ...lines] = text.split("\n");
  if (lines.length === 0) return escapeText(prose);
  const code = lines.map((line) => escapeTagged(visible(line)));
  return made(`${escapeText(prose)}<pre>${code.join("<br>")}</pre>`);
}

/** Code inside of tags: what stands between those is Markdown all the same. */
function escapeTagged(text: string): string {
  return text.replace(/[\\`*_[\]!~<>&|$@#]/g, entity).replace(ADDRESS, entity);
}

/** A code span around any text; a longer fence where the text holds backticks. */
export function code(text: string): Markdown {
  const clean = visible(text);
  const longest = Math.max(0, ...(clean.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = clean.startsWith("`") || clean.endsWith("`") || clean.trim() === "" ? " " : "";
  return made(`${fence}${pad}${clean}${pad}${fence}`);
}

export function place(loc: Loc | undefined): Markdown {
  return loc ? code(formatLoc(loc)) : md``;
}

/** A fenced block of commands; the fence is longer than any run of backticks inside. */
export function codeBlock(lines: readonly string[], language?: "sh" | "diff"): Markdown[];
export function codeBlock(lines: readonly Mermaid[], language: "mermaid"): Markdown[];
export function codeBlock(lines: readonly string[], language = "sh"): Markdown[] {
  const longest = Math.max(2, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map((run) => run.length)));
  const fence = "`".repeat(longest + 1);
  return [made(fence + language), ...lines.flatMap(codeLines), made(fence)];
}

/** A whole page of lines; blank lines never stand two by two. */
export function joinPage(lines: readonly Markdown[]): Markdown {
  return made(`${forPeople(lines.join("\n").replace(/\n{3,}/g, "\n\n")).trimEnd()}\n`);
}

/** Lines as one text, blank ones too. */
export function joinLines(lines: readonly Markdown[]): Markdown {
  return made(lines.join("\n"));
}

/** Lines inside a fence that is longer than any run of backticks in them. */
export function codeLines(text: string): Markdown[] {
  return text.split("\n").map((line) => made(line.split("\t").map(visible).join("\t")));
}

/** A backtick after a backslash begins no code, so every other one has its end on the line. */
const CODE = /\\[\\`]|(`+)(?!`).*?(?<!`)\1(?!`)/g;

/** Changes what stands in code spans of a line, and what stands around them, for a medium that reads either otherwise. */
export function mapCode(line: string, inCode: (code: string) => string, around = (prose: string) => prose): string {
  let mapped = "";
  let at = 0;
  for (const { 0: found, 1: fence, index } of line.matchAll(CODE)) {
    if (fence === undefined) continue;
    mapped += around(line.slice(at, index)) + inCode(found);
    at = index + found.length;
  }
  return mapped + around(line.slice(at));
}

function row(cells: readonly Markdown[]): Markdown {
  return made(`| ${cells.map((cell) => mapCode(cell, escapePipes)).join(" | ")} |`);
}

/**
 * In code of a table. After a backslash a pipe is spelt out: some forges take two of them for one that escapes nothing,
 * and what follows for another cell.
 */
function escapePipes(code: string): string {
  return code.replace(/(\\?)\|/g, (_, before) => (before ? "\\\\u007c" : "\\|"));
}

/** The lines of a table, its two head lines first. */
export function table(head: readonly Markdown[], rows: readonly (readonly Markdown[])[]): Markdown[] {
  return [row(head), row(head.map(() => md`---`)), ...rows.map(row)];
}

/** Lines below an item of a list, which ends at a line that is not indented. */
export function indented(lines: readonly Markdown[], by: number): Markdown[] {
  return lines.map((line) => (line === "" ? line : made(" ".repeat(by) + line)));
}

/** A section that a click opens. */
export function fold(title: Markdown, lines: readonly Markdown[]): Markdown[] {
  return [md`<details>`, md`<summary>${title}</summary>`, md``, ...lines, md``, md`</details>`];
}
