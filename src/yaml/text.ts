import { made, type Yaml } from "../contract/media.ts";
import type { Command } from "../contract/shell.ts";
import { visible } from "../contract/visible.ts";

/**
 * YAML as it is written out, with values that are YAML already: `printPreferred` and what prints whole values make them, or
 * this.
 */
export function yaml(text: TemplateStringsArray, ...values: readonly (Yaml | number)[]): Yaml {
  return made(String.raw({ raw: text }, ...values));
}

export function joinYaml(parts: readonly Yaml[], between: "" | "\n" | "\r\n" | " " | ", "): Yaml {
  return made(parts.join(between));
}

/** A file of these lines. */
export function yamlFile(lines: readonly Yaml[]): Yaml {
  return made(lines.map((line) => `${line}\n`).join(""));
}

export function yamlLines(text: Yaml): Yaml[] {
  const lines = text.replace(/\r\n/g, "\n").replace(/\n$/, "").split("\n");
  return lines.map((line) => made(line));
}

/**
 * What is YAML already: taken from a file of the repository as its owner wrote it, or printed by a library. Never a value: a
 * test lists the files that may say so.
 */
export function asWritten(text: string): Yaml {
  return made(text);
}

/** What ends a line for one reader of YAML or another, Go's among them, and what none of them takes. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const BREAKS = /[\x00-\x08\n-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A comment on one line, whatever the text holds. */
export function yamlComment(text: string): Yaml {
  const line = text.replace(BREAKS, visible);
  return made(line.startsWith("#") ? line : `# ${line}`);
}

/** The lines of a block scalar (`|`), each to be indented below its key, of a text that `isBlockSafe` takes. */
export function blockLines(text: string): Yaml[] {
  return text.split("\n").map((line) => made(line));
}

/** The same of commands, in which `sh` has spelt out what would not show. */
export function commandLines(commands: readonly Command[]): Yaml[] {
  return commands.flatMap(({ line }) => blockLines(line));
}
