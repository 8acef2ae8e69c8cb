import { isCommentLine } from "./readable-text.ts";

/** As many lines as a command has at most; a file of nothing but continued lines is not searched as one. */
const MOST_LINES = 50;
/** Characters of a command that has no more lines: patterns of commands take up to the square of its length. */
export const LONGEST_COMMAND = 4096;

/**
 * The lines of the command that begins on one: a backslash at the end of a line makes the next a part of it, and so does a
 * folded text of YAML, where the next begins with a flag.
 */
export function* commandLines(lines: readonly string[], first: number): Generator<string> {
  let length = 0;
  for (const [index, line] of lines.slice(first, first + MOST_LINES).entries()) {
    yield line;
    length += line.length;
    if (length >= LONGEST_COMMAND) return;
    if (!line.trimEnd().endsWith("\\") && !/^\s+--[a-z]/.test(lines[first + index + 1] ?? "")) return;
  }
}

/** `"$HOME/bin/flux"`, `"{{ .BIN }}/flux"`: a path to the flux CLI in quotes, which a shell takes off. */
const QUOTED_CLI = /(["'])((?:[^"'\s{}]|\{[^"'\s{}]*\}|\{\{[^"'\n{}]*\}\})*\/flux)\1(?=\s)/g;

export interface CommandLine {
  line: string;
  number: number;
  /** The last line that it goes on to. */
  last: number;
}

/**
 * The lines of a file by their numbers; one that a `\\` at its end continues together with what follows, as a shell reads it. The
 * flux CLI stands without quotes.
 */
export function readCommands(text: string): CommandLine[] {
  const commands: CommandLine[] = [];
  let isOpen = false;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.replace(/\r$/, "");
    const goesOn = line.endsWith("\\") && !isCommentLine(line);
    const own = goesOn ? line.slice(0, -1) : line;
    const open = commands.at(-1);
    if (isOpen && open && index - open.number < MOST_LINES && open.line.length < LONGEST_COMMAND) {
      open.line += ` ${own.trimStart()}`;
      open.last = index + 1;
    } else commands.push({ line: own, number: index + 1, last: index + 1 });
    isOpen = goesOn;
  }
  for (const command of commands) command.line = command.line.replace(QUOTED_CLI, "$2");
  return commands;
}
