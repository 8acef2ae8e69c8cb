import type { AppliedEdit, FileChange, TextRange } from "../contract/edit.ts";
import { InternalError } from "../contract/errors.ts";
import type { Tree } from "./tree.ts";

const HINT = "This is a defect of fluxlift; please report it with the command you ran.";

interface Pending {
  text: string | undefined;
  mode?: number;
}

/** What a list of edits does to each file of `base`; see `applyEdits`, which is what callers want. */
export function resolveEdits(base: Tree, edits: readonly AppliedEdit[]): FileChange[] {
  const state = new EditState(base);
  for (const edit of edits) applyEdit(state, edit);
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

function applyEdit(state: EditState, edit: AppliedEdit): void {
  const label = `${edit.transform ?? "this step"}: ${edit.path}`;
  switch (edit.kind) {
    case "create":
      state.create(
        edit.path,
        label,
        edit.mode === undefined ? { text: edit.text } : { text: edit.text, mode: edit.mode },
      );
      return;
    case "replace":
      state.replace(edit.path, spliceRanges(state.read(edit.path, label), edit.ranges, label));
      return;
    case "delete":
      state.remove(edit.path, label);
      return;
    case "move": {
      const text = state.read(edit.path, label);
      const mode = state.mode(edit.path);
      state.remove(edit.path, label);
      state.create(edit.to, `${label} -> ${edit.to}`, mode === undefined ? { text } : { text, mode });
    }
  }
}

class EditState {
  readonly base: Tree;
  readonly pending = new Map<string, Pending>();

  constructor(base: Tree) {
    this.base = base;
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

  mode(path: string): number | undefined {
    return this.pending.get(path)?.mode ?? (this.base.executable(path) ? 0o755 : undefined);
  }

  create(path: string, label: string, entry: Pending): void {
    if (!isInside(path)) fail(`${label}: the path leaves the repository or is not in its plain form`);
    if (this.exists(path)) fail(`${label}: the file exists already`);
    if (this.hasFilesBelow(path)) fail(`${label}: there is a folder of that name`);
    for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
      if (this.exists(path.slice(0, slash))) fail(`${label}: ${path.slice(0, slash)} is a file, not a folder`);
    }
    this.pending.set(path, entry);
  }

  replace(path: string, text: string): void {
    this.pending.set(path, { ...this.pending.get(path), text });
  }

  remove(path: string, label: string): void {
    this.read(path, label);
    this.pending.set(path, { text: undefined });
  }

  hasFilesBelow(dir: string): boolean {
    for (const [path, entry] of this.pending) {
      if (entry.text !== undefined && path.startsWith(`${dir}/`)) return true;
    }
    if (!this.base.isDir(dir)) return false;
    return this.base.paths.some((path) => path.startsWith(`${dir}/`) && this.exists(path));
  }

  changes(): FileChange[] {
    const changes: FileChange[] = [];
    for (const [path, { text, mode }] of this.pending) {
      const before = this.base.read(path);
      if (before === text) continue;
      const change: FileChange = { path };
      if (before !== undefined) change.before = before;
      if (text !== undefined) change.after = text;
      const bits = before === undefined ? mode : text === undefined ? this.executableMode(path) : undefined;
      if (bits !== undefined) change.mode = bits;
      changes.push(change);
    }
    return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  executableMode(path: string): number | undefined {
    return this.base.executable(path) ? 0o755 : undefined;
  }
}

/** Whether a path is relative, in its plain form, and outside git's own folder. */
export function isInside(path: string): boolean {
  if (path === "" || path.includes("\0") || path.includes("\\")) return false;
  return path.split("/").every((part) => part !== "" && part !== "." && part !== ".." && part.toLowerCase() !== ".git");
}

function fail(message: string): never {
  throw new InternalError("edit-conflict", message, HINT);
}
