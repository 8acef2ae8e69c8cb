import { isMap } from "./is-map.ts";
import { RawYaml } from "./raw.ts";
import { isBlockSafe, printNonString, printPreferred, printQuoted } from "./scalars.ts";
import type { YamlStyle } from "./types.ts";

/** A value ready to be placed: comments for above its key or dash, what follows on that line, and lines below. */
export interface Printed {
  comments: readonly string[];
  inline: string;
  /** Lines below, without the indent they get from where they are placed. */
  lines: readonly string[];
  /** `seq` lines may stand at their key's own indent; `text` lines are the body of a scalar. */
  kind: "inline" | "map" | "seq" | "text";
}

/** Prints a value at indent 0, `\n` line breaks, for the two ways of placing it. */
export function printValue(value: unknown, style: YamlStyle): Printed {
  if (value instanceof RawYaml) return printRaw(value);
  if (typeof value === "string" && isBlockSafe(value)) {
    const closed = value.endsWith("\n");
    const lines = (closed ? value.slice(0, -1) : value).split("\n");
    return { comments: [], inline: closed ? "|" : "|-", lines, kind: "text" };
  }
  if (Array.isArray(value) && value.length > 0) {
    return { comments: [], inline: "", lines: value.flatMap((item) => printItem(item, style)), kind: "seq" };
  }
  const entries = isPlainMap(value) ? entriesOf(value) : [];
  if (entries.length > 0) {
    const lines = entries.flatMap(([key, child]) => printEntry(key, child, style));
    return { comments: [], inline: "", lines, kind: "map" };
  }
  return { comments: [], inline: printFlow(value, style), lines: [], kind: "inline" };
}

/** Lines of a map entry at indent 0. */
export function printEntry(key: string, value: unknown, style: YamlStyle): string[] {
  const printed = printValue(value, style);
  const name = printPreferred(key, style.quote);
  const step = printed.kind === "seq" && !style.indentSequences ? 0 : style.indent;
  const body = indentLines(printed.lines, value instanceof RawYaml && printed.kind === "text" ? 0 : step);
  if (printed.kind === "inline" || printed.kind === "text") {
    return [...printed.comments, `${name}: ${printed.inline}`, ...body];
  }
  return [`${name}:`, ...indentLines(printed.comments, step), ...body];
}

/** Lines of a sequence item at indent 0. */
export function printItem(value: unknown, style: YamlStyle): string[] {
  const printed = printValue(value, style);
  if (printed.kind === "inline" || printed.kind === "text") {
    const step = value instanceof RawYaml ? 0 : 2;
    return [...printed.comments, `- ${printed.inline}`, ...indentLines(printed.lines, step)];
  }
  const [first = "", ...rest] = printed.lines;
  return [...printed.comments, `- ${first}`, ...indentLines(rest, 2)];
}

/** A value on one line; `json` quotes every string and key. */
export function printFlow(value: unknown, style: Pick<YamlStyle, "quote">, json = false): string {
  if (value instanceof RawYaml) return value.lines.join(" ");
  const text = (string: string) => (json ? printQuoted(string, "double") : printPreferred(string, style.quote, true));
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) return `[${value.map((item) => printFlow(item, style, json)).join(", ")}]`;
  if (isPlainMap(value)) {
    const pairs = entriesOf(value).map(([key, child]) => `${text(key)}: ${printFlow(child, style, json)}`);
    return pairs.length === 0 ? "{}" : json ? `{${pairs.join(", ")}}` : `{ ${pairs.join(", ")} }`;
  }
  return printNonString(value) ?? text(String(value));
}

/** YAML text of a value in a given style, ending in a line break. Keys whose value is `undefined` are left out. */
export function printYaml(value: unknown, style: YamlStyle): string {
  const printed = printValue(value, style);
  const body = printed.kind === "text" ? indentLines(printed.lines, style.indent) : printed.lines;
  const lines = printed.inline ? [printed.inline, ...body] : body;
  return lines.map((line) => line + style.eol).join("");
}

/**
 * A new document: `---` if siblings start with it, the schema hint for editors, comments, then the value.
 * `schema` is the URL of a JSON schema; comment lines may be given with or without `#`.
 */
export function printDocument(
  value: unknown,
  style: YamlStyle,
  options: { schema?: string | undefined; leadingComments?: readonly string[] | undefined } = {},
): string {
  const head = style.documentStart ? ["---"] : [];
  if (options.schema) head.push(`# yaml-language-server: $schema=${options.schema}`);
  for (const comment of options.leadingComments ?? []) {
    head.push(comment === "" || comment.startsWith("#") ? comment : `# ${comment}`);
  }
  return head.map((line) => line + style.eol).join("") + printYaml(value, style);
}

/** Adds `step` spaces to each line, but leaves empty lines empty. */
export function indentLines(lines: readonly string[], step: number): string[] {
  return lines.map((line) => (line === "" ? "" : " ".repeat(step) + line));
}

function printRaw(raw: RawYaml): Printed {
  const { comments, lines, shape } = raw;
  if (shape !== "inline") return { comments, inline: "", lines, kind: shape === "block-seq" ? "seq" : "map" };
  const [inline = "", ...rest] = lines;
  // A block scalar or a folded scalar keeps the indent that its author gave the lines below; it needs at least two.
  const shallow = rest.some((line) => line !== "" && !/^[ \t]/.test(line));
  return { comments, inline, lines: shallow ? indentLines(rest, 2) : rest, kind: "text" };
}

function isPlainMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return isMap(value) && !(value instanceof RawYaml);
}

function entriesOf(value: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(value).filter(([, child]) => child !== undefined);
}
