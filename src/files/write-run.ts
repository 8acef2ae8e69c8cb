import { join } from "node:path";
import { RepoError } from "../contract/errors.ts";
import type { Journal, JournalFile } from "./journal.ts";
import type { Site } from "./site.ts";
import { codeOf, type Disk } from "./write-disk.ts";

/** What a path holds now, compared with a journal. */
type Standing = "before" | "after" | "foreign";

/**
 * Brings the disk to the journal's `after` state from any mix of `before` and `after`: stages all new texts first, then
 * removes, then renames. Running it again after an interruption finishes the work; a foreign file is left alone.
 * @throws what the disk throws; the caller decides between rolling back and giving up.
 */
export function runJournal(site: Site, journal: Journal, disk: Disk): void {
  const at = (path: string) => join(site.base, path);
  const open = journal.files.filter((file) => standingOf(site, file, disk) === "before");
  clearTemps(site, journal, disk);
  const staged = open.filter((file) => file.after !== null);
  for (const file of staged) disk.create(at(file.temp), Buffer.from(file.after as string), file.afterMode);
  for (const file of open) if (file.after === null) disk.unlink(at(file.path));
  for (const folder of journal.drop) removeIfEmpty(disk, at(folder.path));
  for (const folder of journal.make) {
    if (disk.look(at(folder.path)).kind !== "folder") disk.makeFolder(at(folder.path), folder.mode);
  }
  for (const file of staged) disk.rename(at(file.temp), at(file.path));
  for (const dir of new Set(journal.files.map((file) => parentFolder(file.path)))) disk.syncFolder(at(dir));
}

/** Files that are neither as the journal found them nor as it leaves them: someone changed them since. */
export function findForeign(site: Site, journal: Journal, disk: Disk): string[] {
  return journal.files.filter((file) => standingOf(site, file, disk) === "foreign").map((file) => file.path);
}

/** Removes what an interrupted run left in the tree. */
function clearTemps(site: Site, journal: Journal, disk: Disk): void {
  for (const { temp } of journal.files) {
    const path = join(site.base, temp);
    if (disk.look(path).kind === "file") disk.unlink(path);
  }
}

/** Raised when a file changed under the journal; nothing has been touched. */
export function refuseForeign(paths: readonly string[], doing: string): void {
  if (paths.length === 0) return;
  const rest = paths.length > 5 ? ` and ${paths.length - 5} more` : "";
  throw new RepoError(
    "changed-since",
    `cannot ${doing}: ${paths.slice(0, 5).join(", ")}${rest} changed since fluxlift wrote`,
    "Move your changes aside (git stash) or restore these files by hand with git, then repeat.",
  );
}

function standingOf(site: Site, file: JournalFile, disk: Disk): Standing {
  const path = join(site.base, file.path);
  const { kind } = disk.look(path);
  if (kind === "symlink" || kind === "other") return "foreign";
  const bytes = kind === "file" ? disk.read(path) : null;
  if (equals(bytes, file.after)) return "after";
  return equals(bytes, file.before) ? "before" : "foreign";
}

/** A folder in a file's place counts as no file: one journal may turn a file into a folder, or back. */
function equals(bytes: Buffer | null, text: string | null): boolean {
  if (bytes === null || text === null) return bytes === null && text === null;
  return bytes.equals(Buffer.from(text));
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

function parentFolder(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
