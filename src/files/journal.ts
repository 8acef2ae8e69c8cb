import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { RepoError } from "../contract/errors.ts";
import type { Site } from "./site.ts";
import { codeOf, type Disk, messageOf } from "./write-disk.ts";

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
  /** Id of the write that this one takes back. */
  undoes?: string;
  files: JournalFile[];
  /** Folders to make, outermost first. */
  make: JournalFolder[];
  /** Folders to remove if they are empty, innermost first. */
  drop: JournalFolder[];
}

const KEPT_WRITES = 20;

/** Opens the journals of a site; makes no folder before `begin`. */
export function openJournals(site: Site, disk: Disk) {
  const current = join(site.stateDir, "journal.json");
  const writes = join(site.stateDir, "writes");
  const pathOf = (id: string) => join(writes, `${id}.json`);
  const listWrites = (): string[] => {
    if (disk.look(writes).kind !== "folder") return [];
    const names = disk.list(writes).filter((name) => /^\d{6}-[0-9a-f]+\.json$/.test(name));
    return names.map((name) => name.slice(0, -".json".length)).sort();
  };

  return {
    /** The write that is under way; undefined when none is. @throws RepoError when its journal is damaged. */
    open: () => readJournal(disk, current),
    /** Id for the next write; ids sort by age. */
    nextId() {
      const last = Number(listWrites().at(-1)?.slice(0, 6) ?? 0);
      return `${String(last + 1).padStart(6, "0")}-${randomBytes(4).toString("hex")}`;
    },
    /** Puts a journal on the medium before its write begins. @throws RepoError when another write is under way. */
    begin(journal: Journal): void {
      const draft = join(site.stateDir, `${journal.id}.new`);
      try {
        makeFolders(disk, writes);
        for (const name of disk.list(site.stateDir)) {
          if (name.endsWith(".new")) removeQuietly(disk, join(site.stateDir, name));
        }
        disk.create(draft, Buffer.from(JSON.stringify(journal)), 0o600);
        publish(disk, draft, current);
        disk.syncFolder(site.stateDir);
      } catch (error) {
        if (error instanceof RepoError) throw error;
        throw new RepoError(
          "no-state-folder",
          `${site.stateDir}: the record that undo needs cannot be written: ${messageOf(error)}`,
          "Nothing was written. Make that folder writable, then repeat.",
          { cause: error },
        );
      } finally {
        removeQuietly(disk, draft);
      }
    },
    /** Marks the write as done and keeps it for undo; an undo removes the write that it took back instead. */
    finish(journal: Journal): void {
      if (journal.undoes === undefined) {
        disk.rename(current, pathOf(journal.id));
        for (const id of listWrites().slice(0, -KEPT_WRITES)) removeQuietly(disk, pathOf(id));
      } else {
        disk.unlink(current);
        removeQuietly(disk, pathOf(journal.undoes));
      }
      disk.syncFolder(site.stateDir);
    },
    /** Forgets a write that was taken back. */
    abandon(): void {
      disk.unlink(current);
      disk.syncFolder(site.stateDir);
    },
    /** The last finished write that was not undone. */
    last(): Journal | undefined {
      const id = listWrites().at(-1);
      return id === undefined ? undefined : readJournal(disk, pathOf(id));
    },
  };
}

/** The journal that takes a write back. */
export function invertJournal(journal: Journal): Journal {
  const files = journal.files.map(({ path, before, after, beforeMode, afterMode, temp }) => {
    return { path, before: after, after: before, beforeMode: afterMode, afterMode: beforeMode, temp };
  });
  return { ...journal, files, make: [...journal.drop].reverse(), drop: [...journal.make].reverse() };
}

/** A hard link cannot replace a file, so of two writers at the same time one is told. */
function publish(disk: Disk, draft: string, current: string): void {
  try {
    disk.link(draft, current);
  } catch (error) {
    const code = codeOf(error);
    if (code === "EEXIST" || disk.look(current).kind !== "none") throw underWay(error);
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code ?? "")) throw error;
    disk.rename(draft, current);
  }
}

/** The error for a repository in which a write is under way. */
export function underWay(cause?: unknown): RepoError {
  return new RepoError(
    "unfinished-write",
    "an earlier write was interrupted, or another fluxlift is writing to this repository now",
    "Run `fluxlift undo` to take the interrupted write back; then repeat.",
    { cause },
  );
}

/** For files whose presence does no harm. */
function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.unlink(path);
  } catch {
    // Gone already, or left over.
  }
}

function readJournal(disk: Disk, path: string): Journal | undefined {
  if (disk.look(path).kind === "none") return undefined;
  let journal: Journal | undefined;
  try {
    journal = JSON.parse(disk.read(path).toString()) as Journal;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (journal?.version === 1 && Array.isArray(journal.files)) return journal;
  throw new RepoError(
    "damaged-journal",
    `${path}: the record of a write cannot be read`,
    "Check the tree with `git status`, put right what is wrong, and delete that file.",
  );
}

function makeFolders(disk: Disk, dir: string): void {
  if (disk.look(dir).kind === "folder") return;
  makeFolders(disk, dirname(dir));
  try {
    disk.makeFolder(dir, 0o700);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}
