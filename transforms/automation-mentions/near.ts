import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { Tree } from "../../src/files/tree.ts";
import { type Apply, type Line, matchLine } from "../shared/automation/applies.ts";
import { ROLES, type Role, type Target } from "../shared/automation/targets.ts";
import { isComment, withoutComment } from "../shared/automation/words.ts";
import { type Bootstrap, helmfileIn } from "./rewrite.ts";

/**
 * Whether the lines around one, as far as they are indented like it or deeper (a recipe, a function, a list of commands),
 * install a part already; or those before it run the whole helmfile.
 */
export function isRunNear({ line }: Apply, bootstrap: Bootstrap, role: Role, tree: Tree): boolean {
  const lines = linesOf(line.file);
  const [first, last] = blockOf(line);
  const isRun = testRun(bootstrap, role);
  if (lines.slice(first, last + 1).some((text) => !isComment(text) && isRun.test(text))) return true;
  // Behind the line, what stands between may need what only the line has brought, such as the namespace.
  return runsWhole(line, bootstrap, tree);
}

/** Whether the instance is already installed just before a line that stays: a second run adds nothing. */
export function isDone({ line }: Apply, bootstrap: Bootstrap, tree: Tree): boolean {
  const before = linesOf(line.file).slice(Math.max(0, line.number - 6), line.number - 1);
  const isRun = testRun(bootstrap, "instance");
  return before.some((text) => isRun.test(text)) || runsWhole(line, bootstrap, tree);
}

/** Indices of the first and the last line around one that are indented like it or deeper. */
function blockOf(line: Line): [first: number, last: number] {
  const lines = linesOf(line.file);
  const own = depthOf(line.text);
  const belongs = (text: string | undefined) => text !== undefined && (text.trim() === "" || depthOf(text) >= own);
  let first = line.number - 1;
  let last = first;
  while (line.number - first <= FURTHEST && belongs(lines[first - 1])) first--;
  while (last - line.number <= FURTHEST && belongs(lines[last + 1])) last++;
  return [first, last];
}

/** What a line holds that installs a part in the way of this bootstrap. */
function testRun(bootstrap: Bootstrap, role: Role): RegExp {
  if ("path" in bootstrap) {
    return new RegExp(`\\bhelmfile\\b.*--selector name=${escapeRegExp(bootstrap[role])}(?![\\w-])`);
  }
  return bootstrap[role].runs;
}

/** Whether a line of the block before one installs all that the helmfile lists. */
function runsWhole(line: Line, bootstrap: Bootstrap, tree: Tree): boolean {
  const path = helmfileIn(bootstrap);
  if (path === undefined) return false;
  const target: Target = { path, isFile: true, roles: [...ROLES], stays: true, vanishes: false };
  const [first] = blockOf(line);
  const before = linesOf(line.file).slice(first, line.number - 1);
  return before.some((raw, index) => {
    const text = withoutComment(raw);
    if (isComment(text) || !/\bhelmfile\b[^|;&]*\s(?:apply|sync)\b/.test(text)) return false;
    if (/\s(?:-l|--selector)\b/.test(text)) return false;
    return matchLine({ ...line, text, number: first + index + 1 }, [target], tree)?.match.certain === true;
  });
}

/** Lines to each side that count as near; a task has ten at most. */
const FURTHEST = 50;

/** How far a line is indented. */
export const depthOf = (text: string) => text.length - text.trimStart().length;

const split = new WeakMap<AutomationFile, readonly string[]>();

/** The lines of a file, split once. */
export function linesOf(file: AutomationFile): readonly string[] {
  const lines = split.get(file) ?? file.text.split("\n");
  split.set(file, lines);
  return lines;
}
