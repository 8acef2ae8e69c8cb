import type { Yaml } from "../contract/media.ts";
import { yamlLines } from "./text.ts";

const KEY =
  /^(?:\?\s|(?:[&!][^\s]*\s+)*(?:(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|\*[^\s]+)\s*|[^\s"'[{|>#&*!%@`][^#]*?):(?:\s|$))/;

/** YAML text written for indent 0, spliced in as it is. A value of a repository is never one, whatever it looks like. */
export class RawYaml {
  readonly source: Yaml;
  /** Own-line comments before the value. */
  readonly comments: readonly Yaml[];
  /** The value's lines. */
  readonly lines: readonly Yaml[];

  constructor(source: Yaml) {
    this.source = source;
    const lines = yamlLines(source);
    let first = 0;
    while (first < lines.length && /^\s*(?:#|$)/.test(lines[first]!)) first++;
    this.comments = lines.slice(0, first).filter((line) => line.trim() !== "");
    this.lines = lines.slice(first);
  }

  /** `block`: a map or sequence that needs lines of its own; otherwise the value starts on the line of its key. */
  get shape(): "block-map" | "block-seq" | "inline" {
    const first = this.lines[0] ?? "";
    if (/^-(?:\s|$)/.test(first)) return "block-seq";
    return KEY.test(first) || /^[&!][^\s]*\s*$/.test(first) ? "block-map" : "inline";
  }
}
