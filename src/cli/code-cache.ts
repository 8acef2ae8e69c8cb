import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from "node:fs";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { makeFolder } from "../files/make-folder.ts";

/**
 * What V8 compiled in an earlier run of the same command, of the same build, in the same version of node: one file in the
 * user's cache folder, which saves a sixth of a run. V8 itself refuses data of another version or with other flags; the name
 * says the rest, as V8 compares nothing else of the source but its length.
 * @param build hash of the source
 * @returns undefined where there is no such folder, or the user turned it off as for node's own (`NODE_DISABLE_COMPILE_CACHE`)
 */
export function openCodeCache(build: string, command: string) {
  const base = process.env.NODE_DISABLE_COMPILE_CACHE ? undefined : cacheFolder();
  if (base === undefined) return undefined;
  const dir = join(base, "fluxlift");
  const prefix = `${build}-`;
  const name = `${prefix}${process.version}-${process.arch}-${/^[a-z]+$/.test(command) ? command : "other"}.code`;
  const file = join(dir, name);
  return {
    /** Undefined when there is none yet, or somebody else may have made it. */
    read(): Buffer | undefined {
      try {
        return isPrivate(dir) ? readOwn(file) : undefined;
      } catch {
        return undefined;
      }
    },
    /** Keeps compiled code for the next run, in place of what older builds left. Never throws. */
    write(data: Buffer): void {
      const temp = `${file}.${process.pid}`;
      try {
        makeFolder(dir, 0o700);
        if (!isPrivate(dir)) return;
        for (const old of readdirSync(dir)) {
          if (OURS.test(old) && !old.startsWith(prefix)) rmSync(join(dir, old));
        }
        writeFileSync(temp, data, { mode: 0o600 });
        renameSync(temp, file);
      } catch {
        // A folder that cannot be written costs time, nothing else. A full disk leaves an empty file.
        if (existsSync(temp)) rmSync(temp);
      }
    },
  };
}

/** What a run keeps, or was killed while it did. */
const OURS = /^[\da-z]+-v\d[\w.-]*\.code(?:\.\d+)?$/;

/** A plain file that only this user can have written: what is asked and what is read is the same file. */
function readOwn(path: string): Buffer | undefined {
  // A pipe would wait for a writer.
  const file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  try {
    const stat = fstatSync(file);
    return stat.isFile() && isOwn(stat) ? readFileSync(file) : undefined;
  } finally {
    closeSync(file);
  }
}

/** Whether only this user can have written it. */
function isOwn({ uid, mode }: Stats): boolean {
  return process.getuid === undefined || (uid === process.getuid() && (mode & 0o022) === 0);
}

/**
 * Whether nobody can have put code there: no other user, and no commit, where a job keeps its caches in the checkout. Not where the
 * folder is a link: in a folder for all, such as /tmp, another user would choose where files go, and which ones.
 */
function isPrivate(dir: string): boolean {
  const stat = lstatSync(dir);
  if (!stat.isDirectory() || !isOwn(stat)) return false;
  for (let at = realpathSync(dir); ; at = dirname(at)) {
    if (existsSync(join(at, ".git"))) return false;
    if (dirname(at) === at) return true;
  }
}

function cacheFolder(): string | undefined {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  // A relative one would lie in whatever folder one stands in, and a checkout could bring compiled code along.
  if (XDG_CACHE_HOME && isAbsolute(XDG_CACHE_HOME)) return XDG_CACHE_HOME;
  if (process.platform === "win32") return LOCALAPPDATA;
  const home = homedir();
  if (!isAbsolute(home)) return undefined;
  return join(home, process.platform === "darwin" ? "Library/Caches" : ".cache");
}
