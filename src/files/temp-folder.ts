import { createHash } from "node:crypto";
import { lstatSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { isRunning, thisWriter } from "./writer.ts";

/** What folders are for. */
type Use = "git" | "helm" | "preflight" | "fleet" | "branch" | "shell";

const NAME = /^fluxlift-[a-z]+-([0-9a-f]{8})-(\d{1,10})-\w+$/;
const folders = new Set<string>();
const swept = new Set<string>();

/**
 * Makes a folder for files of this process, which goes when the process ends. A process that is killed leaves its own: the
 * name says whose it was, and the next one takes it away.
 * @param parent folder for temporary files; that of the system unless told
 * @throws what node throws where it cannot be made
 */
export function makeTempFolder(use: Use, parent = tmpdir()): string {
  const folder = mkdtempSync(join(parent, `fluxlift-${use}-${placeOfProcesses()}-${process.pid}-`));
  if (folders.size === 0) process.once("exit", removeFolders);
  folders.add(folder);
  if (!swept.has(parent)) sweep(parent);
  swept.add(parent);
  return folder;
}

/** Whether a folder was made by a process of this machine that has ended since. */
export function isLeftOver(folder: string): boolean {
  const [, place, pid] = NAME.exec(basename(folder)) ?? [];
  return place === placeOfProcesses() && Number(pid) !== process.pid && !isRunning(Number(pid));
}

function removeFolders(): void {
  for (const folder of folders) remove(folder);
}

/** Where everybody can make folders, only real ones of this user count: others may give theirs any name, or make links. */
function sweep(parent: string): void {
  try {
    const { mode } = statSync(parent);
    // Others could give any folder of this user such a name.
    if (process.getuid && (mode & 0o022) !== 0 && (mode & 0o1000) === 0) return;
    for (const name of readdirSync(parent)) {
      const folder = join(parent, name);
      if (isLeftOver(folder) && isOwn(folder)) remove(folder);
    }
  } catch {
    // What lies there does no harm.
  }
}

function isOwn(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false });
  return stat?.isDirectory() === true && (process.getuid === undefined || stat.uid === process.getuid());
}

function remove(folder: string): void {
  try {
    rmSync(folder, { recursive: true, force: true });
  } catch {
    // A file that somebody holds open, on Windows.
  }
}

/** A number of a process means nothing in another container or on another machine, and several may share a folder. */
function placeOfProcesses(): string {
  const { host, space = "" } = thisWriter();
  return createHash("sha256").update(`${host}\0${space}`).digest("hex").slice(0, 8);
}
