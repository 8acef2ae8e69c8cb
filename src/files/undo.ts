import { join } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { anchorDisk } from "./anchored-disk.ts";
import { forgetIntent } from "./commit.ts";
import { type Committed, findCommitted } from "./committed-since.ts";
import { factsOf, type GitFacts } from "./git.ts";
import { repositoryAt } from "./git-repository.ts";
import { invertJournal, labelOf, openJournals, underWay } from "./journal.ts";
import type { Journal } from "./journal-shape.ts";
import { findSite, resolveRoot, type Site, siteOf } from "./site.ts";
import { type Disk, messageOf, realDisk } from "./write-disk.ts";
import { refuseForeign, runJournal, standingOf } from "./write-run.ts";
import { isAtWork, thisWriter } from "./writer.ts";

/** What `fluxlift undo` would take back. */
export interface UndoTarget {
  /** What the write was: `migrate --phase install`. */
  label: string;
  /** Files concerned, relative to the top of the repository, sorted. */
  files: readonly string[];
  /** What was interrupted, neither finished nor taken back: the write, or the undo of one. */
  interrupted: "write" | "undo" | false;
  /** What of the write is committed since; undefined when nothing is. */
  committed(): Committed | undefined;
  /**
   * Restores every byte and mode, brings back what the write removed and removes what it made. An interrupted undo is
   * finished.
   * @returns what is left to do by hand, where git does not let its index be written
   * @throws RepoError when somebody changed one of the files since; nothing is touched then.
   */
  undo(): string | undefined;
  /** Set where every file is as before the write already, by git or by hand: what brings them back can still be undone. */
  isBack?: boolean;
  /** Goes on to the write before it; only where `isBack`, and there is one. */
  forget?(): void;
  /** Makes an interrupted write whole, or one whose undo was interrupted. @throws RepoError as `undo` does. */
  resume?(): void;
}

/**
 * What can be taken back in the repository around `dir`: an interrupted write, else the last one.
 * @throws RepoError when the journal of a write is damaged, or its writer is still at work.
 */
export function findUndo(dir: string, plainDisk: Disk = realDisk): UndoTarget | undefined {
  const site = findSite(dir);
  const disk = anchorDisk(plainDisk, site.base);
  const journals = openJournals(site, disk);
  const open = journals.open();
  if (open) {
    if (isAtWork(open.writer)) throw underWay(open);
    return { ...describe(open), ...recoverFrom(open, site, disk) };
  }
  const last = journals.last();
  if (!last) return undefined;
  const isBack = last.files.every((file) => standingOf(site, file, disk) === "before");
  const forget = isBack ? journals.forgetLast() : undefined;
  return {
    ...describe(last),
    interrupted: false,
    isBack,
    ...(forget && { forget }),
    committed: () => findCommitted(dir, last),
    undo() {
      const journal = makeUndo(last, (path) => disk.look(join(site.base, path)));
      refuseForeign(site, journal, disk, "undo");
      journals.begin(journal);
      try {
        refuseForeign(site, journal, disk, "undo");
      } catch (error) {
        journals.abandon();
        throw error;
      }
      completeOrRollBack(site, journal, disk);
      return forgetRemoved(site, journal);
    },
  };
}

/**
 * What a write that has not ended says to those who read the files: they may be half of one state and half of another.
 * @returns undefined when there is none; an error also where that cannot be known
 */
export function findOpenWrite({ root, git }: { root: string; git: GitFacts | null }): RepoError | undefined {
  try {
    const site = siteOf(root, git);
    const open = openJournals(site, anchorDisk(realDisk, site.base)).open();
    return open && underWay(open);
  } catch (cause) {
    if (cause instanceof RepoError) return cause;
    const message = `whether an earlier write was interrupted cannot be read: ${messageOf(cause)}`;
    return new RepoError("unread-journal", message, "Make that readable, or check the tree with `git status`.", {
      cause,
    });
  }
}

/** `findOpenWrite` for the repository around a folder that was not opened. */
export function findOpenWriteAround(dir: string): RepoError | undefined {
  const root = resolveRoot(dir);
  const repository = repositoryAt(root);
  return findOpenWrite({ root, git: repository ? factsOf(repository) : null });
}

function recoverFrom(open: Journal, site: Site, disk: Disk): Omit<UndoTarget, "label" | "files"> {
  const journals = openJournals(site, disk);
  const finish = (doing: string) => {
    refuseForeign(site, open, disk, doing);
    runJournal(site, open, disk);
    journals.finish(open);
  };
  const committed = () => undefined;
  const turnBack = (doing: string) => {
    refuseForeign(site, open, disk, doing);
    runJournal(site, invertJournal(open), disk);
    journals.abandon();
  };
  const undo = () => {
    turnBack("take the interrupted write back");
    return undefined;
  };
  const resume = () => finish("finish the interrupted write");
  if (open.undoes === undefined) return { interrupted: "write", committed, undo, resume };
  // The way back of an undo leads to what somebody wanted gone.
  return {
    interrupted: "undo",
    committed,
    undo() {
      finish("finish the undo");
      return forgetRemoved(site, open);
    },
    resume: () => turnBack("write again"),
  };
}

/** A commit that was killed on its way leaves the names of its new files in the index. */
function forgetRemoved({ base, readHead }: Site, { files }: Journal): string | undefined {
  const removed = files.filter(({ after }) => after === null).map(({ path }) => path);
  return readHead ? forgetIntent(base, removed) : undefined;
}

function describe(journal: Journal) {
  return { label: labelOf(journal), files: journal.files.map((file) => file.path).sort() };
}

function makeUndo(last: Journal, look: (path: string) => ReturnType<Disk["look"]>): Journal {
  const id = `${last.id}-undo`;
  const inverse = invertJournal(last);
  const files = inverse.files.map((file, i) => {
    const { kind, mode } = look(file.path);
    // What somebody made executable since stays so.
    const modes = kind === "file" && mode !== file.beforeMode ? { beforeMode: mode, afterMode: mode } : {};
    return { ...file, ...modes, temp: file.temp.replace(/[^/]*$/, `.fluxlift-${id}-${i}`) };
  });
  return { ...inverse, files, id, undoes: last.id, label: `undo: ${last.label}`, writer: thisWriter() };
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
