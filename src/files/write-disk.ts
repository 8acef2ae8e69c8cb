import {
  accessSync,
  chmodSync,
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";

interface DiskEntry {
  kind: "file" | "folder" | "symlink" | "other" | "none";
  /** Permission bits; 0 when there is nothing. */
  mode: number;
}

/** Everything a write does to a disk, so that tests can make each step fail. Paths are absolute; errors are node's. */
export type Disk = typeof realDisk;

/** The disk of this machine. */
export const realDisk = {
  look(path: string): DiskEntry {
    let stat: ReturnType<typeof lstatSync> | undefined;
    try {
      stat = lstatSync(path, { throwIfNoEntry: false });
    } catch (error) {
      if (!isNoSuchName(error)) throw error;
    }
    if (!stat) return { kind: "none", mode: 0 };
    const mode = Number(stat.mode) & 0o7777;
    if (stat.isFile()) return { kind: "file", mode };
    if (stat.isDirectory()) return { kind: "folder", mode };
    return { kind: stat.isSymbolicLink() ? "symlink" : "other", mode };
  },
  read: (path: string): Buffer => readFileSync(path),
  list: (dir: string): string[] => readdirSync(dir),
  canWrite(path: string): boolean {
    try {
      accessSync(path, constants.W_OK);
      return true;
    } catch {
      return false;
    }
  },
  /** Creates a file that must not exist, with exactly this mode, and waits until it is on the medium. */
  create(path: string, bytes: Uint8Array, mode: number): void {
    const fd = openSync(path, "wx", mode);
    try {
      writeFileSync(fd, bytes);
      fchmodSync(fd, mode);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    adoptOwner(path);
  },
  rename: (from: string, to: string): void => renameSync(from, to),
  /** Gives a file a second name; fails when that name is taken. */
  link: (from: string, to: string): void => linkSync(from, to),
  unlink: (path: string): void => unlinkSync(path),
  makeFolder(path: string, mode: number): void {
    mkdirSync(path, { mode });
    adoptOwner(path);
    const made = lstatSync(path).mode;
    if ((made & 0o777) !== (mode & 0o777)) chmodSync(path, (made & 0o7000) | (mode & 0o777));
  },
  removeFolder: (path: string): void => rmdirSync(path),
  /** Waits until the names in a folder are on the medium, where the system can. */
  syncFolder(path: string): void {
    let fd: number | undefined;
    try {
      fd = openSync(path, "r");
      fsyncSync(fd);
    } catch {
      // Windows and some network file systems cannot sync a folder.
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  },
};

/** Root in a container must not leave files in a mounted repository that its owner cannot edit. */
function adoptOwner(path: string): void {
  if (process.geteuid?.() !== 0) return;
  const parent = statSync(dirname(path));
  if (parent.uid === 0 && parent.gid === 0) return;
  try {
    chownSync(path, parent.uid, parent.gid);
  } catch {
    // A file system without owners, or one that maps root away: the file is written all the same.
  }
}

/** Whether an error says that nothing can lie under a name: a file is on the way to it, or no file system takes one so long. */
export function isNoSuchName(error: unknown): boolean {
  return ["ENOENT", "ENOTDIR", "ENAMETOOLONG"].includes(codeOf(error) ?? "");
}

/** The error code of a failed system call, such as `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException | undefined)?.code;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
