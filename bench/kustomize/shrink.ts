import type { Case } from "./case.ts";

/**
 * The smallest case, found by leaving out files and blocks of lines, of which `fails` is still true; it is asked of many
 * candidates at once and answers in their order.
 */
export async function shrink(one: Case, fails: (candidates: Case[]) => Promise<boolean[]>): Promise<Case> {
  let smallest = one;
  let start = 0;
  for (;;) {
    const all = [...smaller(smallest)];
    // From where the last one was found, around: what could not be left out before seldom can now.
    const candidates = [...all.slice(start), ...all.slice(0, start)];
    const found = await findFirst(candidates, fails);
    if (found === undefined) break;
    smallest = candidates[found]!;
    start = (start + found) % all.length;
  }
  return smallest;
}

const batch = 24;

async function findFirst(
  candidates: readonly Case[],
  fails: (candidates: Case[]) => Promise<boolean[]>,
): Promise<number | undefined> {
  for (let at = 0; at < candidates.length; at += batch) {
    const found = (await fails(candidates.slice(at, at + batch))).indexOf(true);
    if (found >= 0) return at + found;
  }
  return undefined;
}

/** The case without one file, or without one line and what is indented below it. */
function* smaller({ files, folder }: Case): Generator<Case> {
  for (const path of Object.keys(files)) {
    const { [path]: text, ...others } = files;
    yield { files: others, folder };
    const lines = text!.split("\n");
    for (let start = 0; start < lines.length; start++) {
      const depth = indent(lines[start]!);
      let end = start + 1;
      while (end < lines.length && (indent(lines[end]!) > depth || isItemOf(lines[start]!, lines[end]!))) end++;
      if (end - start < lines.length) yield { files: { ...files, [path]: without(lines, start, end) }, folder };
    }
  }
}

function without(lines: readonly string[], start: number, end: number): string {
  return lines.toSpliced(start, end - start).join("\n");
}

function indent(line: string): number {
  return line.search(/\S|$/);
}

/** Whether the second line is an item of the list below the first, which may be as little indented. */
function isItemOf(key: string, line: string): boolean {
  return !key.trimStart().startsWith("-") && indent(line) === indent(key) && line.trimStart().startsWith("- ");
}
