import { formatLoc, type Loc } from "../contract/errors.ts";
import { visible } from "../contract/visible.ts";

/**
 * Escapes prose so that a value from a repository shows as it is: no markup, no HTML, no `@name` that notifies someone,
 * no `#12` that links an issue. Code spans written by fluxlift itself (`` `x` ``) stay.
 */
export function escapeText(text: string): string {
  return visible(text)
    .split(/(`[^`]+`)/)
    .map((part, index) => (index % 2 === 1 ? code(part.slice(1, -1)) : escapeProse(part)))
    .join("");
}

function escapeProse(text: string): string {
  return text
    .replace(/&/g, "&amp;")
    .replace(/[\\`*_[\]<>|~]/g, "\\$&")
    .replace(/@(?=\w)/g, "@\u2060")
    .replace(/(^|[^\w&])#(?=\d)/g, "$1#\u2060")
    .replace(/^(\s*)([-+#]|\d+[.)])(?=\s)/, "$1\\$2");
}

/** Escapes a text for a table cell; lines after the first are code and stay lines. */
export function escapeCell(text: string): string {
  const [prose = "", ...lines] = text.split("\n");
  if (lines.length === 0) return escapeText(prose);
  const html = lines.map((line) => escapeHtml(visible(line)));
  return `${escapeText(prose)}<pre>${html.join("<br>")}</pre>`;
}

function escapeHtml(text: string): string {
  const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "`": "&#96;" };
  return text.replace(/[&<>|`]/g, (char) => entities[char]!);
}

/** A code span around any text; a longer fence where the text holds backticks, and `|` safe inside tables. */
export function code(text: string): string {
  const clean = visible(text).replaceAll("|", "\\|");
  const longest = Math.max(0, ...(clean.match(/`+/g) ?? []).map((run) => run.length));
  const fence = "`".repeat(longest + 1);
  const pad = clean.startsWith("`") || clean.endsWith("`") || clean.trim() === "" ? " " : "";
  return `${fence}${pad}${clean}${pad}${fence}`;
}

export function place(loc: Loc | undefined): string {
  return loc ? code(formatLoc(loc)) : "";
}

/** A fenced block of commands; the fence is longer than any run of backticks inside. */
export function codeBlock(lines: readonly string[], language = "sh"): string[] {
  const longest = Math.max(2, ...lines.flatMap((line) => (line.match(/`+/g) ?? []).map((run) => run.length)));
  const fence = "`".repeat(longest + 1);
  return [fence + language, ...lines.flatMap(codeLines), fence];
}

/** The lines of a text inside a fence. */
export function codeLines(text: string): string[] {
  return text.split("\n").map((line) => line.split("\t").map(visible).join("\t"));
}

/** A table row; cells must be escaped already. */
function row(cells: readonly string[]): string {
  return `| ${cells.join(" | ")} |`;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  return [row(head), row(head.map(() => "---")), ...rows.map(row)];
}

/** A section that a click opens. */
export function fold(title: string, lines: readonly string[]): string[] {
  return ["<details>", `<summary>${title}</summary>`, "", ...lines, "", "</details>"];
}
