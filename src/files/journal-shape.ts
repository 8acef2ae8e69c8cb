import { isCommitId } from "../contract/names.ts";
import { isInside } from "./inside.ts";
import type { Writer } from "./writer.ts";

/** What is to happen to one file; a text of null means that there is no file. Modes are exact permission bits. */
export interface JournalFile {
  path: string;
  before: string | null;
  after: string | null;
  beforeMode: number;
  afterMode: number;
  /** Where the new text waits; in an existing folder at or above the file's own. */
  temp: string;
}

export interface JournalFolder {
  path: string;
  mode: number;
}

/**
 * A write, complete enough to be finished or taken back from any point. Paths are relative to the site's base. While
 * `journal.json` exists the write is under way; when it is done the file moves to `writes/<id>.json`, for undo.
 */
export interface Journal {
  version: 1;
  id: string;
  label: string;
  /** ISO 8601. */
  at: string;
  /** Who writes; absent in the records of older versions. */
  writer?: Writer;
  /** Commit that was checked out, null where there was none; absent outside git and in the records of older versions. */
  head?: string | null;
  /** Id of the write that this one takes back. */
  undoes?: string;
  files: JournalFile[];
  /** Folders to make, outermost first. */
  make: JournalFolder[];
  /** Folders to remove if they are empty, innermost first. */
  drop: JournalFolder[];
}

/** What `nextId` makes, and the undo of such a write. */
const ID = /^\d{6,}-[0-9a-f]+(-undo)?$/;
const TEMP = /^\.fluxlift-[\w-]+$/;

/**
 * Whether a value is the record of a write as fluxlift makes them. It lies in git's own folder, which comes along where a
 * repository is copied whole: a record that somebody else made must lead nowhere but to files of the tree.
 */
export function isJournal(value: unknown): value is Journal {
  if (!isRecord(value)) return false;
  const { version, id, label, at, writer, head, undoes, files, make, drop } = value;
  return (
    version === 1 &&
    isId(id) &&
    isText(label) &&
    isText(at) &&
    (writer === undefined || isWriter(writer)) &&
    (head === undefined || head === null || (isText(head) && isCommitId(head))) &&
    (undoes === undefined || isId(undoes)) &&
    isListOf(files, isFile) &&
    isListOf(make, isFolder) &&
    isListOf(drop, isFolder)
  );
}

function isFile(value: unknown): value is JournalFile {
  if (!isRecord(value)) return false;
  const { path, before, after, beforeMode, afterMode, temp } = value;
  const areTexts = [before, after].every((text) => text === null || isText(text));
  return isPath(path) && areTexts && isMode(beforeMode) && isMode(afterMode) && isTemp(temp);
}

function isFolder(value: unknown): value is JournalFolder {
  return isRecord(value) && isPath(value.path) && isMode(value.mode);
}

function isWriter(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const { host, pid, started, space } = value;
  const areTexts = [started, space].every((text) => text === undefined || isText(text));
  return isText(host) && Number.isSafeInteger(pid) && areTexts;
}

/** The folder that was looked at may have a backslash in its name; on Windows that leads on to another folder. */
function isPath(value: unknown): value is string {
  return isText(value) && isInside(process.platform === "win32" ? value : value.replaceAll("\\", "_"));
}

function isTemp(value: unknown): boolean {
  return isPath(value) && TEMP.test(value.slice(value.lastIndexOf("/") + 1));
}

function isMode(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0o7777;
}

function isId(value: unknown): value is string {
  return isText(value) && ID.test(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isListOf<T>(value: unknown, is: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(is);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
