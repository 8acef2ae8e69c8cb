import { lstatSync, readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { cutEnd } from "../contract/cut.ts";
import { RepoError } from "../contract/errors.ts";

/** A repository as it lies on the disk. Paths are absolute, and only `top` may have symlinks left in it. */
export interface RepositoryPlace {
  /** Top folder of the work tree: the one that holds `.git`. */
  top: string;
  /** Folder with HEAD and index; a linked worktree and a submodule have one of their own. */
  gitDir: string;
  /** Folder with the objects, refs and settings; `gitDir` itself except in a linked worktree. */
  commonDir: string;
  /** Whether there is no work tree: `top` is `gitDir` then. */
  isBare?: true;
}

/**
 * The repository around a folder: the nearest folder at or above it with a `.git`. Unlike git itself this takes no folder
 * with HEAD, objects, refs and config for a bare repository if it lies in a checkout: any commit can hold such a folder. Like
 * git it stays on one file system.
 */
export function findRepository(root: string): RepositoryPlace | undefined {
  const place = findWorkTree(root);
  if (!place && !isGitFolder(root)) return undefined;
  const found = place ?? { top: root, gitDir: root, commonDir: commonDirOf(root), isBare: true };
  refusePipes(found, root);
  return found;
}

/** Git would wait for ever for what a named pipe in place of one of its files says. */
function refusePipes({ top, gitDir, commonDir }: RepositoryPlace, root: string): void {
  const own = ["HEAD", "index", "commondir", "config.worktree"].map((name) => join(gitDir, name));
  const halves = (unlessGone(() => readdirSync(gitDir)) ?? []).filter((name) => name.startsWith("sharedindex."));
  const common = ["config", "packed-refs", "shallow", "objects/info/alternates"].map((name) => join(commonDir, name));
  const files = [...own, ...common, ...halves.map((name) => join(gitDir, name))];
  // Of what is to be ignored, and of attributes, git follows no link.
  const rules = [top, root].flatMap((dir) => [join(dir, ".gitignore"), join(dir, ".gitattributes")]);
  const pipe = files.find((path) => isPipe(path)) ?? rules.find((path) => isPipe(path, lstatSync));
  if (pipe !== undefined) throw notAFile(pipe);
}

/** Whether something neither is a plain file nor a folder. The null device is empty; sandboxes put it in the place of files. */
function isPipe(path: string, look: typeof statSync = statSync): boolean {
  const kind = unlessGone(() => look(path, { throwIfNoEntry: false }));
  if (kind === undefined || kind.isFile() || kind.isDirectory() || kind.isSymbolicLink()) return false;
  return !kind.isCharacterDevice() || kind.rdev !== statSync("/dev/null", { throwIfNoEntry: false })?.rdev;
}

function notAFile(path: string): RepoError {
  const what = `${path} is a named pipe or a device, and git would wait for what it says`;
  return new RepoError("git-failed", what, "Put the file back that belongs there, or delete it, then repeat.");
}

function findWorkTree(root: string): RepositoryPlace | undefined {
  const device = statSync(root).dev;
  for (let dir = root; ; dir = dirname(dir)) {
    if (dir !== root && statSync(dir).dev !== device) return undefined;
    const place = readDotGit(dir);
    if (place) return place;
    if (dirname(dir) === dir) return undefined;
  }
}

function readDotGit(top: string): RepositoryPlace | undefined {
  const path = join(top, ".git");
  const kind = unlessGone(() => statSync(path));
  if (!kind) return undefined;
  if (isPipe(path)) throw notAFile(path);
  // A file names the folder; git, asked next, says what is wrong with one that does not.
  const named = kind.isFile() ? unlessGone(() => resolve(top, readLine(path).replace(/^gitdir: /, ""))) : path;
  const gitDir = named === undefined ? undefined : unlessGone(() => realpathSync(named));
  if (kind.isFile() && named !== undefined && gitDir === undefined) throw leadsNowhere(path, named);
  if (gitDir === undefined || (kind.isDirectory() && !isGitFolder(gitDir))) return undefined;
  return { top, gitDir, commonDir: commonDirOf(gitDir) };
}

function unlessGone<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "EACCES" || code === "ELOOP" || code === "ENAMETOOLONG")
      return undefined;
    throw error;
  }
}

/** As in a container that holds a linked work tree and not the repository it belongs to. */
function leadsNowhere(path: string, named: string): RepoError {
  return new RepoError(
    "git-failed",
    `${path} says that the repository lies in ${named}, where there is none`,
    "Bring that folder along, or clone the repository anew.",
  );
}

function commonDirOf(gitDir: string): string {
  try {
    const file = join(gitDir, "commondir");
    return isPipe(file) ? gitDir : realpathSync(resolve(gitDir, readLine(file)));
  } catch {
    return gitDir;
  }
}

/** Whether a folder is one of git's own: what git itself looks for. */
function isGitFolder(dir: string): boolean {
  const isThere = (name: string) => statSync(join(dir, name), { throwIfNoEntry: false }) !== undefined;
  return isThere("HEAD") && (isThere("commondir") || (isThere("objects") && isThere("refs")));
}

/** A path may hold line breaks; only those at the end are not its own. */
function readLine(path: string): string {
  return cutEnd(readFileSync(path, "utf8"), "\r\n");
}
