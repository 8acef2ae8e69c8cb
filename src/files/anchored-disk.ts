import { closeSync, constants, existsSync, lstatSync, openSync } from "node:fs";
import { basename, dirname, join, relative, sep } from "node:path";
import { codeOf, type Disk, isNoSuchName } from "./write-disk.ts";

/**
 * A disk on which no path below `base` leads through a link, even if a folder is swapped for one at the worst moment. On Linux
 * every step goes through an open folder, so that what was looked at is what is written to. Elsewhere node has no such way: the
 * folders are looked at before and after each step, and a swap is found when it has happened.
 * @param base absolute, without links in it
 */
export function anchorDisk(disk: Disk, base: string): Disk {
  const within = process.platform === "linux" && existsSync(HANDLES) ? throughHandles : lookingTwice;
  const at = <T>(path: string, run: (safe: string) => T): T => {
    const below = relative(base, path);
    return below === "" || below.split(sep)[0] === ".." ? run(path) : within(base, path, run);
  };
  return {
    look(path) {
      try {
        return at(path, disk.look);
      } catch (error) {
        if (codeOf(error) === "ELOOP") return { kind: "symlink", mode: 0 };
        if (isNoSuchName(error)) return { kind: "none", mode: 0 };
        throw error;
      }
    },
    read: (path) => at(path, disk.read),
    list: (path) => at(path, disk.list),
    canWrite: (path) => quietly(() => at(path, disk.canWrite)) ?? false,
    create: (path, bytes, mode) => at(path, (safe) => disk.create(safe, bytes, mode)),
    rename: (from, to) => at(from, (safeFrom) => at(to, (safeTo) => disk.rename(safeFrom, safeTo))),
    link: (from, to) => at(from, (safeFrom) => at(to, (safeTo) => disk.link(safeFrom, safeTo))),
    unlink: (path) => at(path, disk.unlink),
    makeFolder: (path, mode) => at(path, (safe) => disk.makeFolder(safe, mode)),
    removeFolder: (path) => at(path, disk.removeFolder),
    // A folder that a write has removed needs no sync.
    syncFolder: (path) => quietly(() => at(path, disk.syncFolder)),
  };
}

function quietly<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}

const HANDLES = "/proc/self/fd";
/** To go on from a folder needs no right to read it; node has no name for that flag of Linux. */
const O_PATH = 0o10000000;
const FOLDER = O_PATH | (constants.O_DIRECTORY ?? 0) | (constants.O_NOFOLLOW ?? 0);

function throughHandles<T>(base: string, path: string, run: (safe: string) => T): T {
  let here = base;
  let handle = openSync(base, FOLDER);
  try {
    for (const name of namesBetween(base, path)) {
      const next = openFolder(`${HANDLES}/${handle}/${name}`, join(here, name));
      closeSync(handle);
      handle = next;
      here = join(here, name);
    }
    return run(`${HANDLES}/${handle}/${basename(path)}`);
  } catch (error) {
    // People know the folder by its name.
    throw renamed(error, `${HANDLES}/${handle}`, here);
  } finally {
    closeSync(handle);
  }
}

function renamed(error: unknown, handle: string, folder: string): unknown {
  if (!(error instanceof Error)) return error;
  error.message = error.message.replaceAll(handle, folder);
  const failed = error as NodeJS.ErrnoException;
  if (failed.path !== undefined) failed.path = failed.path.replace(handle, folder);
  return error;
}

function openFolder(path: string, name: string): number {
  try {
    return openSync(path, FOLDER);
  } catch (error) {
    if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) throw linkOnTheWay(name);
    throw error;
  }
}

function lookingTwice<T>(base: string, path: string, run: (safe: string) => T): T {
  const check = () => {
    let here = base;
    for (const name of namesBetween(base, path)) {
      here = join(here, name);
      if (lstatSync(here, { throwIfNoEntry: false })?.isSymbolicLink()) throw linkOnTheWay(here);
    }
  };
  check();
  const result = run(path);
  check();
  return result;
}

/** Names of the folders that lead from one path to another below it. */
function namesBetween(base: string, path: string): string[] {
  return relative(base, dirname(path))
    .split(sep)
    .filter((name) => name !== "");
}

function linkOnTheWay(folder: string): Error {
  return Object.assign(new Error(`the folder ${folder} is a link now`), { code: "ELOOP" });
}
