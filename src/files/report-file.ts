import { randomBytes } from "node:crypto";
import {
  closeSync,
  fchmodSync,
  fstatSync,
  lstatSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join, sep } from "node:path";
import { UsageError } from "../contract/errors.ts";
import type { Made } from "../contract/media.ts";
import { ask, openRepository } from "./git-repository.ts";
import { isGitFolder } from "./inside.ts";
import { realDisk } from "./write-disk.ts";

/**
 * Writes a report where its path says.
 * @param path absolute
 * @throws UsageError where a committed link would lead it elsewhere, or into git's own folder
 */
export function writeReport(path: string, text: Made, mode = 0o666): void {
  refusePlace(path);
  replaceFile(path, text, mode);
}

/** A file for its owner alone, also where it was there before. @throws as `writeReport` does */
export function writePrivate(path: string, text: string): void {
  refusePlace(path);
  replaceFile(path, text, 0o600, true);
}

/**
 * Writes a file whole or, on a disk that is full, not at all: what it held stays until then. Links, pipes, terminals and files with
 * several names are written into as they are, and so is a file in a folder that takes no other, one that may not be written, and
 * one of another owner.
 * @param isExact the mode counts for a file that is there, too
 */
function replaceFile(path: string, text: string, mode: number, isExact = false): void {
  const old = lstatSync(path, { throwIfNoEntry: false });
  const isPlain = !old || (old.isFile() && old.nlink === 1 && realDisk.canWrite(path));
  const draft = isPlain ? openDraft(path, mode, old) : undefined;
  try {
    if (draft) fill(draft.file, text, isExact ? mode : old && old.mode & 0o777);
    if (draft && takesPlace(draft.path, path)) return;
  } finally {
    if (draft) rmSync(draft.path, { force: true });
  }
  const file = openSync(path, "w", mode);
  fill(file, text, isExact && fstatSync(file).isFile() ? mode : undefined);
}

/** A file that is mounted by itself, as in a container, cannot be replaced. */
function takesPlace(draft: string, path: string): boolean {
  try {
    renameSync(draft, path);
    return true;
  } catch {
    return false;
  }
}

function openDraft(path: string, mode: number, old: Stats | undefined): { path: string; file: number } | undefined {
  const draft = join(dirname(path), `.fluxlift-${process.pid}-${randomBytes(4).toString("hex")}.new`);
  try {
    const file = openSync(draft, "wx", mode);
    const { uid, gid } = fstatSync(file);
    if (!old || (uid === old.uid && gid === old.gid)) return { path: draft, file };
    closeSync(file);
    rmSync(draft);
    return undefined;
  } catch {
    return undefined;
  }
}

function fill(file: number, text: string, mode: number | undefined): void {
  try {
    if (mode !== undefined) fchmodSync(file, mode);
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}

/**
 * Stops where nothing that a person names for writing belongs: behind a link that is part of a repository, and in git's own
 * folder, whose `config` or `HEAD` a mistyped name would take away.
 * @param path absolute
 * @throws UsageError
 */
export function refusePlace(path: string): void {
  if (path.split(sep).some(isGitFolder)) {
    const hint = "Name a file outside of it.";
    throw new UsageError("output-in-git", `${path} lies in git's own folder, where only git writes.`, hint);
  }
  refuseCommittedLinks(path);
}

/**
 * Stops where a link that is part of a repository lies on the way: `report.md` as a link to a file of the home folder lets
 * whoever can commit choose what a report overwrites, or what is read as a list and shown. Links that git does not track,
 * such as `/dev/stdout`, are the owner's.
 * @param path absolute
 * @throws UsageError
 */
export function refuseCommittedLinks(path: string): void {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    if (!lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() || !isTracked(at)) continue;
    throw new UsageError(
      "output-link",
      `${at} is a link that the repository brings along, and leads elsewhere.`,
      "Name a file that no such link is on the way to.",
    );
  }
}

function isTracked(path: string): boolean {
  const repository = openRepository(realpathSync(dirname(path)));
  if (!repository) return false;
  const { code, stdout } = ask(repository, ["ls-files", "-z", "--", `:(literal)${basename(path)}`]);
  return code !== 0 || stdout.length > 0;
}
