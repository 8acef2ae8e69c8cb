import { join } from "node:path";
import type { FileChange } from "../contract/edit.ts";
import { InternalError, RepoError } from "../contract/errors.ts";
import { anchorDisk } from "./anchored-disk.ts";
import { foldersOf, parentOf } from "./disk-tree.ts";
import { sha256 } from "./hash.ts";
import { findBadName, isInside, isUnicode } from "./inside.ts";
import { openJournals, underWay } from "./journal.ts";
import type { Journal, JournalFile, JournalFolder } from "./journal-shape.ts";
import { type Site, siteOf } from "./site.ts";
import type { Workspace } from "./snapshot.ts";
import { completeOrRollBack } from "./undo.ts";
import { type Disk, realDisk } from "./write-disk.ts";
import { standingOf } from "./write-run.ts";
import { thisWriter } from "./writer.ts";

export interface WriteOptions {
  /** What the write is, for undo: `migrate --phase install`. */
  label: string;
  /** Says why a new text must not be written, such as a YAML error; undefined when it is fine. */
  validate?: (path: string, text: string) => string | undefined;
  disk?: Disk;
}

/**
 * Writes all changes or none: compares every base with the disk, validates every new text, stages, journals, renames;
 * folders that the change empties are removed. A failure on the way puts everything back.
 * @returns the id of the write; undefined when there was nothing to write.
 * @throws RepoError when a file changed since it was read, cannot be written, or an earlier write is unfinished;
 * InternalError when a new text is invalid. Nothing is written then.
 */
export function writeChanges(
  workspace: Workspace,
  changes: readonly FileChange[],
  options: WriteOptions,
): string | undefined {
  const wanted = changes.filter((change) => change.before !== change.after);
  if (wanted.length === 0) return undefined;
  checkTexts(wanted, options.validate);
  const site = siteOf(workspace.root, workspace.git);
  const disk = anchorDisk(options.disk ?? realDisk, site.base);
  const journals = openJournals(site, disk);
  const open = journals.open();
  if (open) throw underWay(open);
  const journal = planJournal(site, wanted, journals.nextId(), options.label, disk);
  journals.begin(journal);
  // Another fluxlift may have written and ended between the look at the files and the begin, which keeps out others.
  const late = journal.files.find((file) => standingOf(site, file, disk) !== "before");
  if (late) {
    journals.abandon();
    throw moved(late.path, "another fluxlift wrote it");
  }
  completeOrRollBack(site, journal, disk);
  return journal.id;
}

function checkTexts(changes: readonly FileChange[], validate: WriteOptions["validate"]): void {
  const seen = new Set<string>();
  for (const { path, after, mode } of changes) {
    if (!isInside(path)) throw defect(path, "the path leaves the repository or is not in its plain form");
    const bad = findBadName(path);
    if (bad !== undefined) throw unnamed(path, bad);
    if (seen.has(path)) throw defect(path, "there are two changes for the file");
    if (mode !== undefined && mode !== 0o644 && mode !== 0o755) throw defect(path, "git knows no such mode");
    seen.add(path);
    if (after === undefined) continue;
    if (!isUnicode(after)) throw defect(path, "the new text is no valid Unicode");
    const reason = validate?.(path, after);
    if (reason !== undefined) throw defect(path, `the new text would be invalid: ${reason}`);
  }
}

function planJournal(site: Site, changes: readonly FileChange[], id: string, label: string, disk: Disk): Journal {
  const at = (path: string) => join(site.base, path);
  const umask = process.umask();
  const drop = listDropped(site, changes, disk);
  const files: JournalFile[] = [];
  const make = new Map<string, JournalFolder>();
  changes.forEach((change, i) => {
    const path = site.prefix + change.path;
    const above = foldersOf(path);
    for (const dir of above) checkAncestor(site, change.path, dir, changes, disk);
    const mode = checkBase(change, at(path), drop.has(path), disk);
    const missing = above.filter((dir) => disk.look(at(dir)).kind !== "folder");
    if (change.after !== undefined) {
      for (const dir of missing) make.set(dir, { path: dir, mode: 0o777 & ~umask });
    }
    let folder = above[missing.length] ?? "";
    if (!disk.canWrite(at(folder))) throw readOnly(change.path, `the folder ${folder || "."} is read-only`);
    while (drop.has(folder)) folder = parentOf(folder);
    const temp = `${folder === "" ? "" : `${folder}/`}.fluxlift-${id}-${i}`;
    const afterMode = change.before === undefined ? (change.mode ?? 0o666) & ~umask : mode;
    files.push({ path, before: change.before ?? null, after: change.after ?? null, beforeMode: mode, afterMode, temp });
  });
  return {
    version: 1,
    id,
    label,
    at: new Date().toISOString(),
    writer: thisWriter(),
    ...(site.readHead ? { head: site.readHead() ?? null } : {}),
    files,
    make: [...make.values()].sort((a, b) => a.path.length - b.path.length),
    drop: [...drop.values()].sort((a, b) => b.path.length - a.path.length),
  };
}

/** Compares a file with what the change was made against. @returns its mode, 0 for a new file. */
function checkBase({ path, before }: FileChange, absolute: string, isDroppedFolder: boolean, disk: Disk): number {
  const { kind, mode } = disk.look(absolute);
  if (before === undefined) {
    if (kind === "none" || (kind === "folder" && isDroppedFolder)) return 0;
    throw kind === "other" ? blocked(path) : moved(path, "it exists now");
  }
  if (kind === "other") throw blocked(path);
  if (kind !== "file") throw moved(path, kind === "none" ? "it is gone" : `it is a ${kind} now`);
  let bytes: Buffer;
  try {
    bytes = disk.read(absolute);
  } catch (error) {
    const hint = "Make it readable, then repeat.";
    throw new RepoError("unreadable", `${path}: the file cannot be read`, hint, { cause: error });
  }
  if (sha256(bytes) !== sha256(before)) throw moved(path, "its content is another one");
  if (!disk.canWrite(absolute)) throw readOnly(path, "the file is read-only");
  return mode;
}

/** A symlink on the way could lead out of the repository; a file there must be one that the change removes. */
function checkAncestor(site: Site, path: string, dir: string, changes: readonly FileChange[], disk: Disk): void {
  const { kind } = disk.look(join(site.base, dir));
  if (kind === "folder" || kind === "none") return;
  const isRemoved = changes.some((change) => site.prefix + change.path === dir && change.after === undefined);
  if (kind === "file" && isRemoved) return;
  if (kind === "other") throw blocked(dir);
  throw moved(path, `${dir} on the way to it is a ${kind}`);
}

/** Folders inside the root that may be empty afterwards: those of removed files that hold no file of the new state. */
function listDropped(site: Site, changes: readonly FileChange[], disk: Disk): Map<string, JournalFolder> {
  const needed = new Set(changes.flatMap(({ path, after }) => (after === undefined ? [] : foldersOf(path))));
  const dropped = new Map<string, JournalFolder>();
  for (const { path, after } of changes) {
    if (after !== undefined) continue;
    for (const dir of foldersOf(path).filter((folder) => !needed.has(folder))) {
      const full = site.prefix + dir;
      dropped.set(full, { path: full, mode: disk.look(join(site.base, full)).mode });
    }
  }
  return dropped;
}

function moved(path: string, how: string): RepoError {
  return new RepoError(
    "changed-since",
    `${path}: the file changed since it was read: ${how}`,
    "Nothing was written. Run the same command again: it reads the files anew.",
  );
}

/** Reading the files anew would not help: what is no plain file is none of the tree. */
function blocked(path: string): RepoError {
  const hint = "Nothing was written. Take it away, then repeat.";
  return new RepoError("no-file", `${path}: a pipe, a socket or a device lies there`, hint);
}

function unnamed(path: string, why: string): RepoError {
  return new RepoError(
    "bad-name",
    `${path}: ${why}`,
    "Nothing was written. Rename what the name comes from, then repeat.",
  );
}

function readOnly(path: string, why: string): RepoError {
  return new RepoError("read-only", `${path}: ${why}`, "Nothing was written. Make it writable, then repeat.");
}

function defect(path: string, why: string): InternalError {
  return new InternalError("invalid-write", `${path}: ${why}`, "Nothing was written. Please report this defect.");
}
