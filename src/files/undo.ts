import { RepoError } from "../contract/errors.ts";
import { invertJournal, type Journal, openJournals } from "./journal.ts";
import { findSite, type Site } from "./site.ts";
import { type Disk, realDisk } from "./write-disk.ts";
import { findForeign, refuseForeign, runJournal } from "./write-run.ts";

/** What was put back. */
export interface UndoResult {
  /** The label of the write that was undone. */
  label: string;
  /** Files concerned, relative to the top of the repository, sorted. */
  files: string[];
}

/** A write that was interrupted, and the two ways on. */
export interface Recovery extends UndoResult {
  /** Whether the interrupted write was itself an undo. */
  isUndo: boolean;
  /** Finishes the write. @throws RepoError when one of its files was changed by someone else. */
  resume(): void;
  /** Takes it back. @throws RepoError when one of its files was changed by someone else. */
  revert(): void;
}

/** What `fluxlift undo` would take back. */
export interface UndoTarget extends UndoResult {
  /** Whether the write was interrupted: neither finished nor taken back. */
  interrupted: boolean;
  /** Restores the files. @throws RepoError when somebody changed one of them since; nothing is touched then. */
  undo(): void;
  /** Finishes an interrupted write. @throws RepoError as `undo` does. */
  resume?(): void;
}

/** What can be taken back in the repository around `dir`: an interrupted write, else the last one. */
export function findUndo(dir: string): UndoTarget | undefined {
  const open = recover(dir);
  if (open) return { ...open, interrupted: true, undo: open.revert };
  const last = openJournals(findSite(dir), realDisk).last();
  return last && { ...describe(last), interrupted: false, undo: () => void undo(dir) };
}

/**
 * Looks for a write that a crash interrupted in the repository around `dir`.
 * @returns null when there is none. @throws RepoError when its journal is damaged.
 */
export function recover(dir: string, disk: Disk = realDisk): Recovery | null {
  return recoverAt(findSite(dir), disk);
}

function recoverAt(site: Site, disk: Disk): Recovery | null {
  const journals = openJournals(site, disk);
  const journal = journals.open();
  if (!journal) return null;
  return {
    ...describe(journal),
    isUndo: journal.undoes !== undefined,
    resume() {
      refuseForeign(findForeign(site, journal, disk), "finish the interrupted write");
      runJournal(site, journal, disk);
      journals.finish(journal);
    },
    revert() {
      refuseForeign(findForeign(site, journal, disk), "take the interrupted write back");
      runJournal(site, invertJournal(journal), disk);
      journals.abandon();
    },
  };
}

/**
 * Restores every byte and mode that the last write in the repository around `dir` changed, brings back what it removed
 * and removes what it made; may be repeated for the writes before it. An interrupted write is taken back instead, an
 * interrupted undo is finished.
 * @throws RepoError when there is nothing to undo, or a file was changed since by someone else (nothing is touched).
 */
export function undo(dir: string, disk: Disk = realDisk): UndoResult {
  const site = findSite(dir);
  const interrupted = recoverAt(site, disk);
  if (interrupted) {
    if (interrupted.isUndo) interrupted.resume();
    else interrupted.revert();
    return { label: interrupted.label, files: interrupted.files };
  }
  const journals = openJournals(site, disk);
  const last = journals.last();
  if (!last) {
    throw new RepoError(
      "nothing-to-undo",
      "fluxlift has written nothing here that it could undo",
      "Use git to restore older states.",
    );
  }
  const id = `${last.id}-undo`;
  const journal: Journal = { ...retarget(invertJournal(last), id), id, undoes: last.id, label: `undo: ${last.label}` };
  refuseForeign(findForeign(site, journal, disk), "undo");
  journals.begin(journal);
  completeOrRollBack(site, journal, disk);
  return describe(last);
}

/** Runs a journal that has begun; if a step fails, puts everything back and says so. */
export function completeOrRollBack(site: Site, journal: Journal, disk: Disk): void {
  const journals = openJournals(site, disk);
  try {
    runJournal(site, journal, disk);
    journals.finish(journal);
  } catch (error) {
    rollBack(site, journal, disk, error);
  }
}

function rollBack(site: Site, journal: Journal, disk: Disk, cause: unknown): never {
  const reason = cause instanceof Error ? cause.message : String(cause);
  try {
    runJournal(site, invertJournal(journal), disk);
    openJournals(site, disk).abandon();
  } catch (error) {
    throw new RepoError(
      "unfinished-write",
      `writing failed (${reason}), and so did putting the files back (${error instanceof Error ? error.message : error})`,
      "Free the disk or the permissions, then run `fluxlift undo`.",
      { cause },
    );
  }
  throw new RepoError("write-failed", `writing failed: ${reason}; every file is as it was`, "Solve that and repeat.", {
    cause,
  });
}

function retarget(journal: Journal, id: string): Journal {
  const files = journal.files.map((file, i) => ({
    ...file,
    temp: file.temp.replace(/[^/]*$/, `.fluxlift-${id}-${i}`),
  }));
  return { ...journal, files };
}

function describe(journal: Journal): UndoResult {
  return { label: journal.label, files: journal.files.map((file) => file.path).sort() };
}
