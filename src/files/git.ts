import { join } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { ask, askReal, GIT_HINT, hugeFilesOf, openRepository, type Repository } from "./git-repository.ts";
import { splitNul } from "./git-run.ts";
import { type Remote, remotesIn } from "./git-settings.ts";

/** What git knows about the tree; the functions ask git when they are first used. */
export interface GitFacts {
  /** Absolute path of the top folder of the work tree; `root` itself or a folder above it. */
  readonly topLevel: string;
  /** Path from `topLevel` to the root, `''` or with a trailing slash. */
  readonly prefix: string;
  /** Commit that is checked out; undefined in a repository without commits. */
  readonly head: string | undefined;
  /** Short name of the branch; undefined when HEAD is detached. */
  readonly branch: string | undefined;
  readonly detached: boolean;
  /** Absolute folder in git's own where fluxlift keeps its journals; right in worktrees and submodules too. */
  readonly stateDir: string;
  /**
   * Uncommitted changes below the root as `XY path` (git status --porcelain, path relative to the root); untracked = `??`.
   * Filters do not run, so a file that git would have to filter to know counts as changed once its timestamps are.
   */
  dirty(): readonly string[];
  /** Remotes with their fetch URL, credentials removed, `origin` first; see `remotesIn`. */
  remotes(): readonly Remote[];
}

/**
 * Facts about the git work tree around a folder.
 * @returns null when there is no repository.
 * @throws RepoError as `openRepository` does.
 */
export function openGit(root: string): GitFacts | null {
  const repository = openRepository(root);
  return repository ? factsOf(repository) : null;
}

export function factsOf(repository: Repository): GitFacts {
  const { top, gitDir, prefix, head, symbolicHead, root } = repository;
  return {
    topLevel: top,
    prefix,
    head,
    get branch() {
      return shortBranch(symbolicHead ?? askReal(repository, ["symbolic-ref", "-q", "HEAD"]).stdout.toString().trim());
    },
    detached: symbolicHead === "HEAD",
    stateDir: join(gitDir, "fluxlift"),
    dirty() {
      const status = ask(repository, STATUS_ARGS, { head, huge: hugeFilesOf(repository) });
      if (status.code !== 0) throw new RepoError("git-failed", `git cannot read ${root}: ${status.stderr}`, GIT_HINT);
      return splitNul(status.stdout).map((entry) => entry.slice(0, 3) + entry.slice(3 + prefix.length));
    },
    remotes: () => remotesIn(repository.settings),
  };
}

/** Submodules count by the commit that is checked out in them; to know more, git would have to run in there. */
const STATUS_ARGS: readonly string[] = [
  ...["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--ignore-submodules=dirty", "--", "."],
];

function shortBranch(symbolic: string): string | undefined {
  return symbolic.startsWith("refs/heads/") ? symbolic.slice("refs/heads/".length) : undefined;
}
