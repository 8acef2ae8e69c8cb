import { compareText } from "../contract/compare-text.ts";
import type { AppliedEdit, FileChange, TextRange } from "../contract/edit.ts";
import { InternalError } from "../contract/errors.ts";
import { foldersOf } from "./disk-tree.ts";
import { isInside } from "./inside.ts";
import type { Tree } from "./tree.ts";

const HINT = "This is a defect of fluxlift; please report it with the command you ran.";

/** What a list of edits does to each file of `base`; see `applyEdits`, which is what callers want. */
export function resolveEdits(base: Tree, edits: readonly AppliedEdit[]): FileChange[] {
  const state = new EditState(base);
  for (const edit of edits) state.apply(edit);
  return state.changes();
}

/** Splices ranges into a text. @throws InternalError when ranges overlap or lie outside the text. */
export function spliceRanges(text: string, ranges: readonly TextRange[], label: string): string {
  const ordered = [...ranges].sort((a, b) => a.start - b.start || a.end - b.end);
  let result = "";
  let from = 0;
  for (const { start, end, text: inserted } of ordered) {
    if (start < 0 || start > end || end > text.length || !Number.isInteger(start) || !Number.isInteger(end)) {
      fail(`${label}: the range ${start}-${end} lies outside the ${text.length} characters of the file`);
    }
    if (start < from) fail(`${label}: the range ${start}-${end} overlaps the one before it, which ends at ${from}`);
    result += text.slice(from, start) + inserted;
    from = end;
  }
  return result + text.slice(from);
}

/** A file as the edits so far left it; no text where they deleted it. */
interface Pending {
  text: string | undefined;
  mode?: number | undefined;
}

class EditState {
  readonly base: Tree;
  readonly pending = new Map<string, Pending>();

  constructor(base: Tree) {
    this.base = base;
  }

  apply(edit: AppliedEdit): void {
    const { path } = edit;
    const label = `${edit.transform ?? "this step"}: ${path}`;
    if (edit.kind === "create") {
      this.create(path, label, edit);
      return;
    }
    const text = this.read(path, label);
    if (edit.kind === "replace") {
      this.pending.set(path, { ...this.pending.get(path), text: spliceRanges(text, edit.ranges, label) });
      return;
    }
    const mode = this.pending.get(path)?.mode ?? this.baseMode(path);
    this.pending.set(path, { text: undefined });
    if (edit.kind === "move") this.create(edit.to, `${label} -> ${edit.to}`, { text, mode });
  }

  exists(path: string): boolean {
    const entry = this.pending.get(path);
    return entry ? entry.text !== undefined : this.base.has(path);
  }

  read(path: string, label: string): string {
    if (!this.exists(path)) fail(`${label}: there is no such file to edit`);
    const entry = this.pending.get(path);
    const text = entry ? entry.text : this.base.read(path);
    if (text === undefined) fail(`${label}: the file is ${this.base.status(path)}, not text, and cannot be edited`);
    return text;
  }

  create(path: string, label: string, { text, mode }: Pending): void {
    if (!isInside(path)) fail(`${label}: the path leaves the repository or is not in its plain form`);
    if (this.exists(path)) fail(`${label}: the file exists already`);
    if (this.hasFilesBelow(path)) fail(`${label}: there is a folder of that name`);
    const file = foldersOf(path).findLast((folder) => this.exists(folder));
    if (file !== undefined) fail(`${label}: ${file} is a file, not a folder`);
    this.pending.set(path, { text, mode });
  }

  hasFilesBelow(dir: string): boolean {
    const isBelow = (path: string) => path.startsWith(`${dir}/`) && this.exists(path);
    return [...this.pending.keys()].some(isBelow) || (this.base.isDir(dir) && this.base.paths.some(isBelow));
  }

  baseMode(path: string): number | undefined {
    return this.base.executable(path) ? 0o755 : undefined;
  }

  changes(): FileChange[] {
    const changes: FileChange[] = [];
    for (const [path, { text: after, mode: created }] of this.pending) {
      const before = this.base.read(path);
      if (before === after) continue;
      const mode = before === undefined ? created : after === undefined ? this.baseMode(path) : undefined;
      changes.push({
        path,
        ...(before === undefined ? {} : { before }),
        ...(after === undefined ? {} : { after }),
        ...(mode === undefined ? {} : { mode }),
      });
    }
    return changes.sort((a, b) => compareText(a.path, b.path));
  }
}

function fail(message: string): never {
  throw new InternalError("edit-conflict", message, HINT);
}
