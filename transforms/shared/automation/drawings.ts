import { cutEnd } from "../../../src/contract/cut.ts";

/** A line that a page draws a folder or file with: `│  ├─📁 flux   # what it is`. */
const BRANCH = /^[\s\p{P}\p{S}]*[├└╰┣┗]/u;
const NAME = /[\w.@-][\w.@/-]*/;

/**
 * The paths that a page draws as a tree, by line: `│  ├─📁 flux` below `├─📁 kubernetes` is `kubernetes/flux`. What stands
 * above the first branch, `📁 kubernetes`, is the folder that the drawing begins at; `.` is the repository.
 */
export function drawnPaths(text: string): Map<number, string> {
  const drawn = new Map<number, string>();
  if (!/[├└╰┣┗]/.test(text)) return drawn;
  let above: { column: number; name: string }[] = [];
  for (const [index, line] of text.split("\n").entries()) {
    const branch = BRANCH.exec(line)?.[0];
    const rest = line.slice(branch?.length ?? 0);
    const name = cutEnd((NAME.exec(rest)?.[0] ?? "").replace(/^(?:\.\/)+/, ""), "/");
    // A line without a branch begins another drawing, if it is a name alone.
    const isHead = branch === undefined && /^[^\w.@-]*[\w.@-][\w.@/-]*\s*(?:#.*)?$/.test(line);
    if (branch === undefined) above = isHead && name && name !== "." ? [{ column: -1, name }] : [];
    if (branch === undefined || !name) continue;
    const column = branch.length;
    above = [...above.filter((each) => each.column < column), { column, name }];
    drawn.set(index + 1, above.map((each) => each.name).join("/"));
  }
  return drawn;
}

/**
 * The lines that draw one of the paths, at least with the folder above it: a name alone may be any folder's. The drawing may
 * begin further up, at the name of the repository.
 */
export function drawnAs(text: string, paths: readonly string[]): { line: number; text: string }[] {
  return [...drawnPaths(text)].flatMap(([line, drawn]) => {
    const isEnd = (whole: string, end: string) => end.includes("/") && `/${whole}`.endsWith(`/${end}`);
    const path = paths.find((each) => isEnd(each, drawn) || isEnd(drawn, each));
    return path === undefined ? [] : [{ line, text: path }];
  });
}
