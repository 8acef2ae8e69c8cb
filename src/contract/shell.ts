import { made, type Script } from "./media.ts";
import { hasHidden, visible } from "./visible.ts";

let make: (line: string) => Command;

/** Text for a POSIX shell. Only `sh` makes one, so that a plain string where a command goes does not compile. */
export class Command {
  readonly line: string;

  private constructor(line: string) {
    this.line = line;
  }

  static {
    make = (line) => new Command(line);
  }
}

export type ShellValue = string | Command | readonly (string | Command)[];

/**
 * A command line. Every value is one word of it, or a part of one, and is quoted where a shell would read it otherwise;
 * a list is one word after the other, a command stands as it is. The text puts no quotes around a value.
 */
export function sh(text: TemplateStringsArray, ...values: ShellValue[]): Command {
  const words = values.map((value) => [value].flat().map(printWord).join(" "));
  return make(String.raw({ raw: text }, ...words));
}

/** A line that a shell skips. */
export function shellComment(text: string): Command {
  return make(`# ${visible(text)}`);
}

/**
 * A file of commands.
 * @param own what stands in this program and is the same for everybody
 */
export function shellScript(lines: readonly Command[], own: string): Script {
  return made([...lines.map(({ line }) => line), own].join("\n"));
}

/** A value in quotes also where no shell would need them. */
export function quoted(text: string): Command {
  return make(PLAIN.test(text) ? `"${text}"` : quoteWord(text));
}

/** A path or a name as an argument, which no program takes for one of its flags; no object has a name that begins so. */
export function operand(word: string): string {
  return word.startsWith("-") ? `./${word}` : word;
}

/** One word that holds these lines. */
export function quotedLines(lines: readonly string[]): Command {
  return make(lines.some(hasHidden) ? lines.map(quoteWord).join("'\n'") : quoteText(lines.join("\n")));
}

function printWord(value: string | Command): string {
  return value instanceof Command ? value.line : quoteWord(value);
}

/** What no shell acts on wherever in a word it stands; zsh looks up what begins with `=`. */
const PLAIN = /^[\w@%+:,./-][\w@%+=:,./-]*$/;

/**
 * Control characters and what would not show are spelt out, since a command is read before it is run and stands on one
 * line. A substitution loses line breaks at its end, so those stay as they are.
 */
export function quoteWord(text: string): string {
  const word = text.replaceAll("\0", "");
  let end = word.length;
  while (word[end - 1] === "\n") end--;
  if (end < word.length) return `${quoteWord(word.slice(0, end))}'${word.slice(end)}'`;
  if (PLAIN.test(word)) return word;
  return hasHidden(word) ? `"$(printf '%b' ${quoteText(spellOut(word))})"` : quoteText(word);
}

/** Azure and GitHub replace `$(…)`, `${{ … }}` and `$[…]` before a shell sees them, in quotes too, so `$` stands apart. */
function quoteText(text: string): string {
  return `'${text.replaceAll("'", "'\\''").replace(/\$(?=[({[])/g, "$&''")}'`;
}

/** As `printf %b` reads it. */
function spellOut(text: string): string {
  return [...text]
    .map((char) => {
      if (char === "\\") return "\\\\";
      if (!hasHidden(char)) return char;
      return [...Buffer.from(char)].map((byte) => `\\0${byte.toString(8).padStart(3, "0")}`).join("");
    })
    .join("");
}
