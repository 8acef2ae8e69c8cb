import { join } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { listSome } from "../contract/list-some.ts";
import { parentOf } from "./disk-tree.ts";
import type { Journal, JournalFile } from "./journal-shape.ts";
import type { Site } from "./site.ts";
import { codeOf, type Disk } from "./write-disk.ts";

/**
 * Brings the disk to the journal's `after` state from any mix of `before` and `after`: stages all new texts first, then
 * removes, then renames. Running it again after an interruption finishes the work; a foreign file is left alone.
 * @throws what the disk throws; the caller decides between rolling back and giving up.
 */
export function runJournal(site: Site, journal: Journal, disk: Disk): void {
  const at = (path: string) => join(site.base, path);
  const open = journal.files.filter((file) => standingOf(site, file, disk) === "before");
  // What an interrupted run left in the tree.
  for (const { temp } of journal.files) if (disk.look(at(temp)).kind === "file") disk.unlink(at(temp));
  const staged = open.filter((file) => file.after !== null);
  for (const file of staged) disk.create(at(file.temp), Buffer.from(file.after as string), file.afterMode);
  for (const file of open) if (file.after === null) disk.unlink(at(file.path));
  for (const folder of journal.drop) removeIfEmpty(disk, at(folder.path));
  for (const folder of journal.make) {
    if (disk.look(at(folder.path)).kind !== "folder") disk.makeFolder(at(folder.path), folder.mode);
  }
  for (const file of staged) disk.rename(at(file.temp), at(file.path));
  for (const dir of new Set(journal.files.map((file) => parentOf(file.path)))) disk.syncFolder(at(dir));
}

/**
 * Refuses to go on where a file is neither as the journal found it nor as it leaves it; nothing has been touched.
 * @param doing what cannot be done: `undo`
 * @throws RepoError `changed-since` naming the files
 */
export function refuseForeign(site: Site, journal: Journal, disk: Disk, doing: string): void {
  const foreign = journal.files.filter((file) => standingOf(site, file, disk) === "foreign");
  if (foreign.length === 0) return;
  const paths = foreign.map((file) => file.path);
  throw new RepoError(
    "changed-since",
    `cannot ${doing}: ${listSome(paths, 5)} changed since fluxlift wrote`,
    "Put your changes to these files aside (git stash push -u -- FILE), or restore them by hand with git, then repeat.",
  );
}

/** What a path holds now, compared with a journal. */
export function standingOf(site: Site, file: JournalFile, disk: Disk): "before" | "after" | "foreign" {
  const path = join(site.base, file.path);
  const { kind } = disk.look(path);
  if (kind === "symlink" || kind === "other") return "foreign";
  // A folder in a file's place counts as no file: one journal may turn a file into a folder, or back.
  const bytes = kind === "file" ? disk.read(path) : null;
  const isNow = (text: string | null) => (bytes && text !== null ? bytes.equals(Buffer.from(text)) : bytes === text);
  if (isNow(file.after)) return "after";
  return isNow(file.before) ? "before" : "foreign";
}

function removeIfEmpty(disk: Disk, path: string): void {
  if (disk.look(path).kind !== "folder") return;
  try {
    disk.removeFolder(path);
  } catch (error) {
    const code = codeOf(error);
    if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
  }
}
