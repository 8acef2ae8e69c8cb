import { realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { factsOf, type GitFacts } from "./git.ts";
import { ask, openRepository, type Repository, readHead } from "./git-repository.ts";
import { sha256 } from "./hash.ts";
import { userFolder } from "./user-folder.ts";

/** Where a tree is written to, and where fluxlift remembers what it wrote. */
export interface Site {
  /** Absolute top folder: of the git work tree, or the root itself outside git. Journals hold paths relative to it. */
  base: string;
  /** From `base` to the root: `''` or with a trailing slash. */
  prefix: string;
  /** Asks for the commit that is checked out now; only where there is git. */
  readHead?(): string | undefined;
  /** Absolute folder of journals; not made before the first write. */
  stateDir: string;
}

/** The site of an opened workspace. */
export function siteOf(root: string, git: GitFacts | null): Site {
  if (git) {
    const { topLevel, prefix, stateDir } = git;
    return { base: topLevel, prefix, stateDir, readHead: () => readHead(topLevel) };
  }
  return { base: root, prefix: "", stateDir: stateDir(root) };
}

/** The site of a folder that was not opened; the same one that opening it would give. */
export function findSite(dir: string): Site {
  const root = resolveRoot(dir);
  const repository = openRepository(root);
  return siteOf(root, repository && !isOutsideListing(repository) ? factsOf(repository) : null);
}

/**
 * Whether git ignores the whole folder and tracks nothing in it: then it is treated as one outside git, such as a
 * scratch copy below another repository.
 */
export function isOutsideListing(repository: Repository): boolean {
  if (repository.prefix === "" || ask(repository, ["check-ignore", "-q", "."]).code !== 0) return false;
  return ask(repository, ["ls-files", "-z", "--", "."]).stdout.length === 0;
}

/** State folder of a root outside git: below `$XDG_STATE_HOME` or `~/.local/state`, keyed by the root's path. */
export function stateDir(root: string): string {
  return join(userFolder("XDG_STATE_HOME", ".local", "state"), "fluxlift", sha256(root).slice(0, 16));
}

/** The real path of a folder. @throws RepoError when it is none. */
export function resolveRoot(dir: string): string {
  const hint = "Name the folder of the repository.";
  let root: string;
  try {
    root = realpathSync(dir);
  } catch (cause) {
    throw new RepoError("no-such-folder", `${dir} does not exist or cannot be read`, hint, { cause });
  }
  if (statSync(root).isDirectory()) return root;
  throw new RepoError("not-a-folder", `${dir} is a file, not a folder`, hint);
}
