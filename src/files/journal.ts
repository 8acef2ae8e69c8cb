import { randomBytes } from "node:crypto";
import { dirname, join } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { isJournal, type Journal } from "./journal-shape.ts";
import type { Site } from "./site.ts";
import { codeOf, type Disk, messageOf } from "./write-disk.ts";
import { isAtWork } from "./writer.ts";

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
  /** What others left that died before their write began, or that lose the race to it: it holds texts of files. */
  const clearDrafts = () => {
    try {
      for (const name of disk.list(site.stateDir)) {
        if (name.endsWith(".new")) removeQuietly(disk, join(site.stateDir, name));
      }
    } catch {
      // The write counts, and not what lies beside its record.
    }
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
      const draft = join(site.stateDir, `${journal.id}-${randomBytes(4).toString("hex")}.new`);
      try {
        makeFolders(disk, writes);
        disk.create(draft, Buffer.from(JSON.stringify(journal)), 0o600);
        publish(disk, draft, current);
        disk.syncFolder(site.stateDir);
        clearDrafts();
      } catch (error) {
        if (error instanceof RepoError) throw error;
        throw new RepoError(
          "no-state-folder",
          `${site.stateDir}: the record that undo needs cannot be written: ${messageOf(error)}`,
          `Nothing was written. ${codeOf(error) === "ENOSPC" ? "Make room on that disk" : "Make that folder writable"}, then repeat.`,
          { cause: error },
        );
      } finally {
        removeQuietly(disk, draft);
      }
    },
    /** Marks the write as done and keeps it for undo; an undo removes the write that it took back instead. */
    finish(journal: Journal): void {
      clearDrafts();
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
      clearDrafts();
      disk.unlink(current);
      disk.syncFolder(site.stateDir);
    },
    /** Gives up the record of the last finished write, so that undo goes on to the one before; undefined where there is none. */
    forgetLast(): (() => void) | undefined {
      const [id, ...older] = listWrites().reverse();
      return id === undefined || older.length === 0 ? undefined : () => disk.unlink(pathOf(id));
    },
    /** The last finished write that was not undone. */
    last(): Journal | undefined {
      const id = listWrites().at(-1);
      return id === undefined ? undefined : readJournal(disk, pathOf(id));
    },
  };
}

/** What a write was, also of the one that an undo takes back. */
export function labelOf({ undoes, label }: Journal): string {
  return undoes === undefined ? label : label.replace(/^undo: /, "");
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
    // The winner of a race clears away the drafts of the others.
    const isLost = code === "EEXIST" || code === "ENOENT" || disk.look(current).kind !== "none";
    if (isLost) throw underWay(disk.look(current).kind === "none" ? undefined : readJournal(disk, current), error);
    if (!["EPERM", "ENOTSUP", "EOPNOTSUPP", "ENOSYS", "EMLINK"].includes(code ?? "")) throw error;
    disk.rename(draft, current);
  }
}

/**
 * The error for a repository in which a write is under way, or was interrupted. Whoever comes second waits: to undo would take
 * back what the other one is writing.
 * @param journal of that write; undefined when it ended a moment ago
 */
export function underWay(journal: Journal | undefined, cause?: unknown): RepoError {
  const { writer, at } = journal ?? {};
  const working = journal ? isAtWork(writer) : true;
  const isUndo = journal?.undoes !== undefined;
  const what = isUndo ? `undo of a write (${labelOf(journal)})` : `write (${journal?.label})`;
  const then = isUndo ? "to finish it" : "to take it back";
  if (working === false) {
    return new RepoError(
      "unfinished-write",
      `an earlier ${what} was interrupted; some files may be changed and others not`,
      `Run \`fluxlift undo\` ${then}, then repeat.`,
      { cause },
    );
  }
  if (working) {
    return new RepoError(
      "write-under-way",
      `another fluxlift${writer ? ` (process ${writer.pid})` : ""} is writing to this repository`,
      "Nothing was written here. Wait until it has ended, then run the same command again: it reads the files anew.",
      { cause },
    );
  }
  return new RepoError(
    "unfinished-write",
    `${isUndo ? "an" : "a"} ${what} that began at ${at}${writer ? ` on ${writer.host} (process ${writer.pid})` : ""} has not ended`,
    `If it still runs there, wait. If it does not, run \`fluxlift undo\` ${then}, then repeat.`,
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
  const { kind } = disk.look(path);
  if (kind === "none") return undefined;
  let journal: unknown;
  try {
    // A named pipe would hold up whoever opens it.
    journal = kind === "file" ? JSON.parse(disk.read(path).toString()) : undefined;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  if (isJournal(journal)) return journal;
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
