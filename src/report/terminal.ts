import { stripVTControlCharacters } from "node:util";
import { made, type Shown } from "../contract/media.ts";
import { shown, visible } from "../contract/visible.ts";

export type Style = "bold" | "dim" | "red" | "yellow" | "green" | "cyan";

const CODES: Record<Style, [on: number, off: number]> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
  cyan: [36, 39],
};

/** Styles text when colour is on, and leaves it alone when it is off. */
export type Paint = (style: Style, text: Shown) => Shown;

export function makePaint(colour: boolean): Paint {
  return (style, text) => {
    if (!colour || text === "") return text;
    const [on, off] = CODES[style];
    return shown`\u001b[${on}m${text}\u001b[${off}m`;
  };
}

export interface TextOptions {
  colour: boolean;
  /** Columns to wrap prose to, 100 where there is no terminal to ask; paths and commands are never broken. */
  width?: number;
  /** Every file with its own reason and evidence, and every note in full. */
  verbose: boolean;
  /** Leaves the next step out: the caller is about to take it. */
  writing?: boolean;
  /** A person reads it on a screen: the verdict, one line in a log, which is searched, is wrapped there. */
  onScreen?: boolean;
  /** The folder as it was named on the command line, where it is not the one that the person stands in. */
  folder?: string;
}

/** How much of a plan is told. `full` is everything; the higher a number, the less, so that the report fits one screen. */
export const DETAILS = [0, 1, 2, 3, 4, 5, 6, 7] as const;
type Detail = "full" | (typeof DETAILS)[number];

/** What a report is written on. */
export interface Screen {
  paint: Paint;
  width: number;
  verbose: boolean;
  detail: Detail;
}

export function openScreen({ colour, width = 100, verbose }: TextOptions): Screen {
  return { paint: makePaint(colour), width: Math.max(40, width), verbose, detail: "full" };
}

/** Whether something is left out that goes at this detail and above. */
export function leavesOut({ detail }: Pick<Screen, "detail">, from: number): boolean {
  return detail !== "full" && detail >= from;
}

/** Text on one line: runs of control characters, line breaks among them, become a blank. */
export function flatten(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is removed
  return text.replace(/[\u0000-\u001f\u007f]+/g, " ");
}

export function blanks(count: number): Shown {
  return made(" ".repeat(count));
}

/** Breaks text at blanks to lines of at most `width` characters; a longer word, such as a path, is left whole. */
export function wrapText(text: string, width: number): Shown[] {
  return wrapWords(visible(text).split(" ") as Shown[], width);
}

/** Words that stay whole, whatever blanks they hold. */
export function wrapWords(words: readonly Shown[], width: number): Shown[] {
  const lines: Shown[] = [];
  let line = shown``;
  for (const word of words) {
    if (line !== "" && [...line].length + 1 + [...word].length > width) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : shown`${line} ${word}`;
    }
  }
  return line === "" ? lines : [...lines, line];
}

/** Advice that may go on with lines of code, such as YAML to paste, which stay as they are. */
export function hangAdvice(first: Shown, text: string, width: number): Shown[] {
  const [prose = "", ...code] = text.split("\n");
  return [...hangText(first, prose, width), ...code.map((line) => shown`${blanks(columnsOf(first))}${visible(line)}`)];
}

/** How wide a text is on a screen, where what paints it takes no room. */
function columnsOf(text: Shown): number {
  return [...stripVTControlCharacters(text)].length;
}

/** Wraps text with a first line that begins with `first` and others that are indented under it. */
export function hangText(first: Shown, text: string, width: number, style?: (line: Shown) => Shown): Shown[] {
  const indent = blanks(columnsOf(first));
  const lines = wrapText(text, Math.max(20, width - indent.length));
  return lines.map((line, index) => shown`${index === 0 ? first : indent}${style ? style(line) : line}`);
}

/** Text that is wrapped, indented and dim. */
export function hangDim(indent: Shown, text: string, { paint, width }: Screen): Shown[] {
  return hangText(indent, text, width, (line) => paint("dim", line));
}

/** The first of a list, or all where one more than `most` would be left; the second part says how many more. */
export function shorten<T>(all: readonly T[], most: number): [shown: readonly T[], hidden: number] {
  const shown = all.length > most + 1 ? all.slice(0, most) : all;
  return [shown, all.length - shown.length];
}

/** `1 file`, `1,135 files`. */
export function sayCount(count: number, noun: string, plural = `${noun}s`): Shown {
  return visible(`${count.toString().replace(/\B(?=(\d{3})+$)/g, ",")} ${count === 1 ? noun : plural}`);
}
