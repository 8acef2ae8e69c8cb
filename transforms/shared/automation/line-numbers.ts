import type { DraftEdit } from "../../../src/contract/edit.ts";
import { groupBy } from "../../../src/contract/group-by.ts";
import type { Tree } from "../../../src/files/tree.ts";

/** Lines that a replacement took and gave, counted from 1 in the text before it. */
interface Step {
  line: number;
  taken: number;
  given: number;
}

/**
 * Finds the line of a text that one of its edited text comes from: what is told of a file is told of it as it lies there.
 * @param tree as it was before the edits
 */
export function makeOldLines(tree: Tree, edits: readonly DraftEdit[]): (path: string, line: number) => number {
  const replaced = edits.filter((edit) => edit.kind === "replace");
  const steps = new Map(
    [...groupBy(replaced, ({ path }) => path)].map(([path, own]) => [
      path,
      stepsOf(
        tree.read(path) ?? "",
        own.flatMap(({ ranges }) => ranges),
      ),
    ]),
  );
  return (path, line) => {
    let shift = 0;
    for (const { line: first, taken, given } of steps.get(path) ?? []) {
      if (line <= first + shift) break;
      if (line === first + shift + given) return first + taken;
      if (line < first + shift + given) return Math.min(line - shift, first + taken);
      shift += given - taken;
    }
    return line - shift;
  };
}

function stepsOf(text: string, ranges: readonly { start: number; end: number; text: string }[]): Step[] {
  let line = 1;
  let done = 0;
  return [...ranges]
    .sort((a, b) => a.start - b.start)
    .map(({ start, end, text: given }) => {
      line += breaksIn(text.slice(done, start));
      done = start;
      return { line, taken: breaksIn(text.slice(start, end)), given: breaksIn(given) };
    });
}

function breaksIn(text: string): number {
  return text.split("\n").length - 1;
}

/**
 * Finds the same for a text whose edits are not at hand, such as those for another cluster: the line that says the same in
 * the text before them. A line that came with them keeps its number.
 */
export function matchOldLines(before: string | undefined, now: string): (line: number) => number {
  const [old, lines] = [(before ?? "").split("\n"), now.split("\n")];
  if (before === undefined || old.length === lines.length) return (line) => line;
  const places = numbersByText(old);
  const told = new Map<number, number>();
  for (const [text, since] of numbersByText(lines)) {
    const then = places.get(text);
    if (then?.length === since.length) for (const [index, line] of since.entries()) told.set(line, then[index]!);
  }
  return (line) => told.get(line) ?? line;
}

function numbersByText(lines: readonly string[]): Map<string, number[]> {
  const numbers = lines.map((_, index) => index + 1);
  return groupBy(numbers, (number) => lines[number - 1]!);
}
