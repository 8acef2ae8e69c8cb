import type { AutomationFile } from "../../../src/cluster/automation-files.ts";
import { getOrMake } from "../../../src/contract/group-by.ts";

/** How far a line is indented. */
export const depthOf = (text: string) => text.length - text.trimStart().length;

const split = new WeakMap<AutomationFile, readonly string[]>();

/** The lines of a file, split once. */
export function linesOf(file: AutomationFile): readonly string[] {
  return getOrMake(split, file, () => file.text.split("\n"));
}

const ends = new WeakMap<AutomationFile, "\r\n" | "\n">();

/** How lines of a file end. */
export function lineEndOf(file: AutomationFile): "\r\n" | "\n" {
  return getOrMake(ends, file, () => (file.text.includes("\r\n") ? "\r\n" : "\n"));
}

/** Lines that a command may have to each side of the one that is asked for. */
const LONGEST = 10;

/**
 * The lines of a command that is broken over several, by a backslash or behind a pipe; or as `isJoined` says of a line and
 * the next one.
 */
export function commandAround(
  file: AutomationFile,
  index: number,
  isJoined: (text: string, next: string) => boolean = () => false,
): readonly string[] {
  const lines = linesOf(file);
  const goesOn = (at: number) => {
    const [text = "", next = ""] = [lines[at], lines[at + 1]];
    return isJoined(text, next) || /[\\|]\r?$/.test(text);
  };
  let first = index;
  let last = index;
  while (index - first < LONGEST && goesOn(first - 1)) first--;
  while (last - index < LONGEST && goesOn(last)) last++;
  return lines.slice(first, last + 1);
}

const ARGUMENT = /^\s*-\s+(?![\w-]+:\s)/;
/** How far the program may stand from its arguments. */
const NEAR = 3;

/** The program and the arguments of a hook of helmfile, or of a container, of which a line is one; empty where it is none. */
export function argumentsAround(file: AutomationFile, index: number): readonly string[] {
  const lines = linesOf(file);
  const depth = depthOf(lines[index] ?? "");
  const isOne = (text = "") => ARGUMENT.test(text) && depthOf(text) === depth;
  if (!isOne(lines[index])) return [];
  let first = index;
  let last = index;
  while (index - first < LONGEST && isOne(lines[first - 1])) first--;
  while (last - index < LONGEST && isOne(lines[last + 1])) last++;
  if (!/^\s*(?:-\s+)?args:\s*$/.test(lines[first - 1] ?? "")) return [];
  const near = [...lines.slice(Math.max(0, first - 1 - NEAR), first - 1), ...lines.slice(last + 1, last + 1 + NEAR)];
  const program = near.find((text) => /^\s*(?:-\s+)?command:\s*\S/.test(text));
  return program === undefined ? [] : [program, ...lines.slice(first, last + 1)];
}
