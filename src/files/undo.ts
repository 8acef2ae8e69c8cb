import { RepoError } from "../contract/errors.ts";
import { invertJournal, type Journal, openJournals } from "./journal.ts";
import { findSite, type Site } from "./site.ts";
import { type Disk, messageOf, realDisk } from "./write-disk.ts";
import { refuseForeign, runJournal } from "./write-run.ts";

/** What `fluxlift undo` would take back. */
export interface UndoTarget {
  /** What the write was: `migrate --phase install`. */
  label: string;
  /** Files concerned, relative to the top of the repository, sorted. */
  files: readonly string[];
  /** Whether the write was interrupted: neither finished nor taken back. */
  interrupted: boolean;
  /**
   * Restores every byte and mode, brings back what the write removed and removes what it made.
   * @throws RepoError when somebody changed one of the files since; nothing is touched then.
   */
  undo(): void;
  /** Finishes an interrupted write. @throws RepoError as `undo` does. */
  resume?(): void;
}

/**
 * What can be taken back in the repository around `dir`: an interrupted write, else the last one.
 * @throws RepoError when the journal of a write is damaged.
 */
export function findUndo(dir: string, disk: Disk = realDisk): UndoTarget | undefined {
  const site = findSite(dir);
  const journals = openJournals(site, disk);
  const open = journals.open();
  if (open) {
    return {
      ...describe(open, true),
      undo() {
        refuseForeign(site, open, disk, "take the interrupted write back");
        runJournal(site, invertJournal(open), disk);
        journals.abandon();
      },
      resume() {
        refuseForeign(site, open, disk, "finish the interrupted write");
        runJournal(site, open, disk);
        journals.finish(open);
      },
    };
  }
  const last = journals.last();
  if (!last) return undefined;
  return {
    ...describe(last, false),
    undo() {
      const journal = makeUndo(last);
      refuseForeign(site, journal, disk, "undo");
      journals.begin(journal);
      completeOrRollBack(site, journal, disk);
    },
  };
}

function describe(journal: Journal, interrupted: boolean) {
  return { label: journal.label, files: journal.files.map((file) => file.path).sort(), interrupted };
}

function makeUndo(last: Journal): Journal {
  const id = `${last.id}-undo`;
  const inverse = invertJournal(last);
  const files = inverse.files.map((file, i) => {
    return { ...file, temp: file.temp.replace(/[^/]*$/, `.fluxlift-${id}-${i}`) };
  });
  return { ...inverse, files, id, undoes: last.id, label: `undo: ${last.label}` };
}

/** Runs a journal that has begun; if a step fails, puts everything back and says so. */
export function completeOrRollBack(site: Site, journal: Journal, disk: Disk): void {
  const journals = openJournals(site, disk);
  try {
    runJournal(site, journal, disk);
    journals.finish(journal);
  } catch (cause) {
    const reason = messageOf(cause);
    try {
      runJournal(site, invertJournal(journal), disk);
      journals.abandon();
    } catch (error) {
      throw new RepoError(
        "unfinished-write",
        `writing failed (${reason}), and so did putting the files back (${messageOf(error)})`,
        "Free the disk or the permissions, then run `fluxlift undo`.",
        { cause },
      );
    }
    const message = `writing failed: ${reason}; every file is as it was`;
    throw new RepoError("write-failed", message, "Solve that and repeat.", { cause });
  }
}
