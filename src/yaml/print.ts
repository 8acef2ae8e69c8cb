import type { Yaml } from "../contract/media.ts";
import { isMap } from "./is-map.ts";
import { RawYaml } from "./raw.ts";
import { isBlockSafe, printNonString, printPreferred, printQuoted } from "./scalars.ts";
import { asWritten, blockLines, joinYaml, yaml, yamlComment } from "./text.ts";
import type { YamlStyle } from "./types.ts";

/** A value ready to be placed: comments for above its key or dash, what follows on that line, and lines below. */
export interface Printed {
  comments: readonly Yaml[];
  inline: Yaml;
  /** Lines below, without the indent they get from where they are placed. */
  lines: readonly Yaml[];
  /** `seq` lines may stand at their key's own indent; `text` lines are the body of a scalar. */
  kind: "inline" | "map" | "seq" | "text";
}

/** Prints a value at indent 0, `\n` line breaks, for the two ways of placing it. */
export function printValue(value: unknown, style: YamlStyle): Printed {
  if (value instanceof RawYaml) return printRaw(value);
  if (typeof value === "string" && isBlockSafe(value)) {
    const closed = value.endsWith("\n");
    const lines = blockLines(closed ? value.slice(0, -1) : value);
    return { comments: [], inline: closed ? yaml`|` : yaml`|-`, lines, kind: "text" };
  }
  if (Array.isArray(value) && value.length > 0) {
    return { comments: [], inline: yaml``, lines: value.flatMap((item) => printItem(item, style)), kind: "seq" };
  }
  const entries = isPlainMap(value) ? entriesOf(value) : [];
  if (entries.length > 0) {
    const lines = entries.flatMap(([key, child]) => printEntry(key, child, style));
    return { comments: [], inline: yaml``, lines, kind: "map" };
  }
  return { comments: [], inline: printFlow(value, style), lines: [], kind: "inline" };
}

/** Lines of a map entry at indent 0. */
export function printEntry(key: string, value: unknown, style: YamlStyle): Yaml[] {
  const printed = printValue(value, style);
  const name = printPreferred(key, style.quote);
  const step = printed.kind === "seq" && !style.indentSequences ? 0 : style.indent;
  const body = indentLines(printed.lines, value instanceof RawYaml && printed.kind === "text" ? 0 : step);
  if (printed.kind === "inline" || printed.kind === "text") {
    return [...printed.comments, yaml`${name}: ${printed.inline}`, ...body];
  }
  return [yaml`${name}:`, ...indentLines(printed.comments, step), ...body];
}

/** Lines of a sequence item at indent 0. */
export function printItem(value: unknown, style: YamlStyle): Yaml[] {
  const printed = printValue(value, style);
  if (printed.kind === "inline" || printed.kind === "text") {
    const step = value instanceof RawYaml ? 0 : 2;
    return [...printed.comments, yaml`- ${printed.inline}`, ...indentLines(printed.lines, step)];
  }
  const [first = yaml``, ...rest] = printed.lines;
  return [...printed.comments, yaml`- ${first}`, ...indentLines(rest, 2)];
}

/** A value on one line; `json` quotes every string and key. */
export function printFlow(value: unknown, style: Pick<YamlStyle, "quote">, json = false): Yaml {
  if (value instanceof RawYaml) return joinYaml(value.lines, " ");
  const text = (string: string) => (json ? printQuoted(string, "double") : printPreferred(string, style.quote, true));
  if (typeof value === "string") return text(value);
  if (Array.isArray(value)) {
    const items = value.map((item) => printFlow(item, style, json));
    return yaml`[${joinYaml(items, ", ")}]`;
  }
  if (isPlainMap(value)) {
    const pairs = entriesOf(value).map(([key, child]) => yaml`${text(key)}: ${printFlow(child, style, json)}`);
    const inner = joinYaml(pairs, ", ");
    return pairs.length === 0 ? yaml`{}` : json ? yaml`{${inner}}` : yaml`{ ${inner} }`;
  }
  return printNonString(value) ?? text(String(value));
}

/** YAML text of a value in a given style, ending in a line break. Keys whose value is `undefined` are left out. */
export function printYaml(value: unknown, style: YamlStyle): Yaml {
  const printed = printValue(value, style);
  const body = printed.kind === "text" ? indentLines(printed.lines, style.indent) : printed.lines;
  const lines = printed.inline ? [printed.inline, ...body] : body;
  return closeLines(lines, style);
}

/**
 * A new document: `---` if siblings start with it, the schema hint for editors, comments, then the value.
 * `schema` is the URL of a JSON schema; comment lines may be given with or without `#`.
 */
export function printDocument(
  value: unknown,
  style: YamlStyle,
  options: { schema?: string | undefined; leadingComments?: readonly string[] | undefined } = {},
): Yaml {
  const head = style.documentStart ? [yaml`---`] : [];
  if (options.schema) head.push(yamlComment(`yaml-language-server: $schema=${options.schema}`));
  for (const comment of options.leadingComments ?? []) head.push(comment === "" ? yaml`` : yamlComment(comment));
  return joinYaml([closeLines(head, style), printYaml(value, style)], "");
}

/** Each line with its break. */
export function closeLines(lines: readonly Yaml[], { eol }: Pick<YamlStyle, "eol">): Yaml {
  return joinYaml(
    lines.flatMap((line) => [line, eol === "\n" ? yaml`\n` : yaml`\r\n`]),
    "",
  );
}

/** Adds `step` spaces to each line, but leaves empty lines empty. */
export function indentLines(lines: readonly Yaml[], step: number): Yaml[] {
  const lead = asWritten(" ".repeat(step));
  return lines.map((line) => (line === "" ? line : yaml`${lead}${line}`));
}

function printRaw(raw: RawYaml): Printed {
  const { comments, lines, shape } = raw;
  if (shape !== "inline") return { comments, inline: yaml``, lines, kind: shape === "block-seq" ? "seq" : "map" };
  const [inline = yaml``, ...rest] = lines;
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
