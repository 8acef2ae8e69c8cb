import { isEditable } from "../../src/cluster/automation-files.ts";
import type { TextRange } from "../../src/contract/edit.ts";
import type { Mention } from "../shared/automation/applies.ts";
import { depthOf, linesOf } from "../shared/automation/lines.ts";
import { type Bootstrap, expressPath, wholeLine } from "./rewrite.ts";

/**
 * A check that something removed is there, and nothing else, now looks for what takes its place: `test -f <file>`,
 * `test -d <folder>`, and `kustomize build <folder>` among the preconditions of a task. It goes where the list has that
 * check already.
 * @param planned what earlier lines have become; what this one becomes is added
 * @param isForAll whether a line that means several clusters may be rewritten for all of them
 */
export function toCheckRange(
  mention: Mention,
  bootstrap: Bootstrap,
  planned: Set<string>,
  isForAll: () => boolean,
): TextRange | undefined {
  const { line, word, match } = mention;
  const lead = readCheck(mention);
  if (lead === undefined || !isEditable(line.file.kind) || !(match.certain || isForAll())) return undefined;
  const [file] = "path" in bootstrap ? [bootstrap.path] : bootstrap[match.target.roles.at(-1) ?? "instance"].files;
  const text = file && expressPath(mention, file);
  if (text === undefined) return undefined;
  const said = `${lead}${text}${line.text.slice(word.end)}`;
  return isSaid(line, said, planned)
    ? { ...wholeLine(line), text: "" }
    : { start: line.start, end: line.start + line.text.length, text: said };
}

const TEST = /(?:\btest|\[) -[fed] /;
/** A check in a line of its own, as an item of a list, and in the short forms of a Taskfile. */
const CHECK =
  /^\s*(?:(?:preconditions|status):\s*\[\s*|-\s+)?(?:\{\s*)?(?:msg:[^,]*,\s*)?(?:sh:\s*)?["']?(?:test|\[\[?) -([fed]) [^|&;]+$/;

/** What stands before the path in the check that takes this one's place; undefined where the line is more than a check. */
function readCheck({ line, word, match }: Mention): string | undefined {
  const isOnly = line.text.split(TEST).length === 2;
  const test = isOnly ? CHECK.exec(line.text)?.[1] : undefined;
  if (test !== undefined) {
    const isOfKind = match.target.isFile ? test !== "d" : test !== "f";
    return isOfKind ? line.text.slice(0, word.start).replace(/-d (["']?)$/, "-f $1") : undefined;
  }
  const build = /^(\s*-\s+(?:sh:\s*)?["']?)kustomize build [^\s|&;"']+["']?\s*$/.exec(withoutBraces(line.text));
  const isListed = build && line.file.kind === "task" && isPrecondition(line);
  return isListed ? `${build[1]}test -f ` : undefined;
}

/** Spaces inside of `{{ … }}` part no words. */
function withoutBraces(text: string): string {
  return text.replace(/\{\{.*?\}\}/g, (whole) => "x".repeat(whole.length));
}

/** Longest list of checks that is looked at as a whole, to each side of a line: files of nothing else take no more than their length. */
const FURTHEST = 100;

/** Whether the list that the line stands in is a task's `preconditions`. */
function isPrecondition(line: Mention["line"]): boolean {
  const above = linesOf(line.file).slice(Math.max(0, line.number - 1 - FURTHEST), line.number - 1);
  const own = depthOf(line.text);
  const isKey = (text: string) => text.trim() !== "" && depthOf(text) <= own && !/^\s*[-#]/.test(text);
  return /^\s*preconditions:\s*$/.test(above.findLast(isKey) ?? "");
}

/** Whether the list that the line stands in has an item of these words, or gets one by another line of it. */
function isSaid(line: Mention["line"], said: string, planned: Set<string>): boolean {
  if (!/^\s*-\s/.test(said)) return false;
  const lines = linesOf(line.file);
  const own = depthOf(line.text);
  const isItem = (text: string | undefined) => text !== undefined && text.trim() !== "" && depthOf(text) >= own;
  let first = line.number - 1;
  let last = first;
  while (line.number - first <= FURTHEST && isItem(lines[first - 1])) first--;
  while (last - line.number <= FURTHEST && isItem(lines[last + 1])) last++;
  const key = `${line.file.path}:${first} ${said.trim()}`;
  const isThere = planned.has(key) || lines.slice(first, last + 1).some((text) => text.trim() === said.trim());
  planned.add(key);
  return isThere;
}
