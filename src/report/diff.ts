import { structuredPatch } from "diff";
import type { FileChange } from "../contract/edit.ts";
import { type Diff, made } from "../contract/media.ts";
import type { Plan } from "../contract/plan.ts";
import { pushAll } from "../contract/push-all.ts";
import { composeChanges } from "../plan/changes.ts";

const CONTEXT_LINES = 3;
const DEFAULT_MODE = 0o644;
/** Above this many changed lines a minimal diff costs more time than it is worth; the file is shown as replaced. */
const MAX_EDIT_LENGTH = 1500;

/**
 * Renders the plan as one unified diff in git's format, from the tree as it is to the tree after the last phase.
 * `git apply` accepts it and `git apply --reverse` takes it back. The empty string when nothing changes.
 */
export function renderDiff(plan: Plan): Diff {
  return made(composeRenames(plan).map(renderChange).join(""));
}

/** Renders the diff of one file, header included. */
export function renderChange(change: NetChange): string {
  const { path, before, after } = change;
  const oldPath = change.movedFrom ?? path;
  const lines = [`diff --git ${quotePath(`a/${oldPath}`)} ${quotePath(`b/${path}`)}`, ...headerLines(change)];
  if (before !== after && (before || after)) {
    lines.push(`--- ${before === undefined ? "/dev/null" : fileLine(`a/${oldPath}`)}`);
    lines.push(`+++ ${after === undefined ? "/dev/null" : fileLine(`b/${path}`)}`);
    pushAll(lines, hunkLines(before ?? "", after ?? ""));
  }
  return `${lines.join("\n")}\n`;
}

function headerLines({ path, before, after, movedFrom, mode = DEFAULT_MODE }: NetChange): string[] {
  if (movedFrom !== undefined) {
    const similarity = before === after ? 100 : measureSimilarity(before ?? "", after ?? "");
    return [`similarity index ${similarity}%`, `rename from ${quotePath(movedFrom)}`, `rename to ${quotePath(path)}`];
  }
  const bits = mode & 0o111 ? "100755" : "100644";
  if (before === undefined) return [`new file mode ${bits}`, ...(after ? [] : ["index 0000000..e69de29"])];
  if (after === undefined) return [`deleted file mode ${bits}`, ...(before ? [] : ["index e69de29..0000000"])];
  return [];
}

function hunkLines(before: string, after: string): string[] {
  if (before === "" || after === "") return replaceHunk(before, after);
  const patch = structuredPatch("a", "b", before, after, undefined, undefined, {
    context: CONTEXT_LINES,
    maxEditLength: MAX_EDIT_LENGTH,
  });
  if (!patch) return replaceHunk(before, after);
  return patch.hunks.flatMap((hunk) => [
    `@@ -${formatSpan(hunk.oldStart, hunk.oldLines)} +${formatSpan(hunk.newStart, hunk.newLines)} @@`,
    ...hunk.lines,
  ]);
}

/** One hunk that takes every old line out and puts every new line in. */
function replaceHunk(before: string, after: string): string[] {
  const removed = markLines(before, "-");
  const added = markLines(after, "+");
  const count = (lines: string[]) => lines.filter((line) => !line.startsWith("\\")).length;
  const span = (lines: string[]) => formatSpan(lines.length === 0 ? 0 : 1, count(lines));
  return [`@@ -${span(removed)} +${span(added)} @@`, ...removed, ...added];
}

/** Lines of a text, the last one also where no line break ends it. */
export function countLines(text: string): number {
  return markLines(text, "").filter((line) => !line.startsWith("\\ No newline")).length;
}

function markLines(text: string, mark: string): string[] {
  if (text === "") return [];
  const complete = text.endsWith("\n");
  const lines = (complete ? text.slice(0, -1) : text).split("\n").map((line) => mark + line);
  return complete ? lines : [...lines, "\\ No newline at end of file"];
}

function formatSpan(start: number, count: number): string {
  return count === 1 ? `${start}` : `${start},${count}`;
}

/** Share of the old lines that are still there, in percent; git shows the number and does not check it. */
function measureSimilarity(before: string, after: string): number {
  const kept = new Set(after.split("\n"));
  const lines = before.split("\n");
  return Math.min(99, Math.round((lines.filter((line) => kept.has(line)).length / lines.length) * 100));
}

/** A path on a `---`/`+++` line: git ends a name with blanks in it by a tab, so that what follows is no part of it. */
function fileLine(path: string): string {
  const quoted = quotePath(path);
  return quoted.startsWith('"') || !path.includes(" ") ? quoted : `${quoted}\t`;
}

const ESCAPES: Record<string, string> = {
  ...{ "\u0007": "\\a", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\v", "\f": "\\f", "\r": "\\r" },
  ...{ '"': '\\"', "\\": "\\\\" },
};

/** Quotes a path as git does by default (`core.quotePath`): C escapes, and octal for every byte outside ASCII. */
export function quotePath(path: string): string {
  if (/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(path)) return path;
  let quoted = "";
  for (const char of path) {
    if (ESCAPES[char]) quoted += ESCAPES[char];
    else if (char >= " " && char <= "~") quoted += char;
    else for (const byte of Buffer.from(char)) quoted += `\\${byte.toString(8).padStart(3, "0")}`;
  }
  return `"${quoted}"`;
}

/** What happens to one path over the whole plan. */
export interface NetChange extends FileChange {
  /** Old path of a file that was moved here; `before` is then the text it had there. */
  movedFrom?: string;
}

/** The net change of every file, with a moved file as one entry, so that a diff shows it as a rename. */
export function composeRenames(plan: Plan): NetChange[] {
  const changes = new Map<string, NetChange>(composeChanges(plan).map((change) => [change.path, change]));
  for (const [to, from] of collectMoves(plan)) {
    const gone = changes.get(from);
    const made = changes.get(to);
    if (gone?.before === undefined || gone.after !== undefined) continue;
    if (made?.after === undefined || made.before !== undefined) continue;
    changes.delete(from);
    changes.set(to, { ...made, before: gone.before, movedFrom: from });
  }
  return [...changes.values()];
}

/** New path to original path, following files that several phases move on. */
function collectMoves(plan: Plan): Map<string, string> {
  const origins = new Map<string, string>();
  for (const edit of plan.phases.flatMap((phase) => phase.clusters.flatMap((cluster) => cluster.edits))) {
    if (edit.kind !== "move") continue;
    const origin = origins.get(edit.path) ?? edit.path;
    origins.delete(edit.path);
    if (origin !== edit.to) origins.set(edit.to, origin);
  }
  return origins;
}
