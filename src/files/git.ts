import { resolve } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { type GitOutput, runGit, splitNul } from "./git-run.ts";

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
  /** Uncommitted changes below the root as `XY path` (git status --porcelain, path relative to the root); untracked = `??`. */
  dirty(): readonly string[];
  /** Remotes with their fetch URL, credentials removed. */
  remotes(): readonly { name: string; url: string }[];
}

/** The one call that says whether a folder is in a git work tree, and the basic facts. */
export const FACTS_ARGS: readonly string[] = [
  ...["rev-parse", "--show-toplevel", "--show-prefix"],
  ...["--git-path", "fluxlift", "HEAD", "--symbolic-full-name", "HEAD"],
];

/**
 * Facts about the git work tree around a folder.
 * @returns null when there is no git executable or no repository.
 * @throws RepoError when git refuses the repository (foreign owner, bare repository, damaged).
 */
export function openGit(root: string): GitFacts | null {
  return readFacts(root, runGit(root, FACTS_ARGS));
}

/** What lists the remotes. */
export const REMOTES_ARGS: readonly string[] = ["remote", "-v"];

/** Interprets the output of `FACTS_ARGS`, and of `REMOTES_ARGS` where that was asked already; see `openGit`. */
export function readFacts(root: string, output: GitOutput, remotes?: GitOutput): GitFacts | null {
  if (output.missing || /not a git repository/i.test(output.stderr)) return null;
  const [topLevel, prefix, statePath, head, symbolic] = output.stdout.toString().split("\n");
  if (!topLevel || prefix === undefined || !statePath) throw refused(root, output);
  const born = output.code === 0;
  return {
    topLevel: resolve(topLevel),
    prefix,
    head: born ? head : undefined,
    get branch() {
      return shortBranch(born ? symbolic : runGit(root, ["symbolic-ref", "-q", "HEAD"]).stdout.toString().trim());
    },
    detached: born && symbolic === "HEAD",
    stateDir: resolve(root, statePath),
    dirty() {
      const args = ["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", "."];
      const status = runGit(root, args);
      if (status.code !== 0) throw refused(root, status);
      return splitNul(status.stdout).map((entry) => entry.slice(0, 3) + entry.slice(3 + prefix.length));
    },
    remotes() {
      remotes ??= runGit(root, REMOTES_ARGS);
      const lines = remotes.stdout.toString().matchAll(/^([^\t\n]+)\t(.*) \(fetch\)/gm);
      return [...lines].map((match) => ({ name: match[1]!, url: hideCredentials(match[2]!) }));
    },
  };
}

function shortBranch(symbolic: string | undefined): string | undefined {
  return symbolic?.startsWith("refs/heads/") ? symbolic.slice("refs/heads/".length) : undefined;
}

/** A URL without the user and password in it; the user of an SSH URL stays. */
export function hideCredentials(url: string): string {
  return url.replace(/^(https?:\/\/)[^/@]*@/i, "$1");
}

function refused(root: string, output: GitOutput): RepoError {
  if (/dubious ownership/.test(output.stderr)) {
    return new RepoError(
      "git-foreign-owner",
      `git refuses ${root} because it belongs to another user`,
      `Trust it with \`git config --global --add safe.directory ${root}\`, or run as its owner.`,
    );
  }
  if (/work tree/.test(output.stderr)) {
    return new RepoError(
      "git-no-work-tree",
      `${root} is a git repository without checked-out files`,
      "Clone it, and name the folder of the clone.",
    );
  }
  const reason = output.stderr.split("\n")[0]!.replace(/^fatal: /, "");
  return new RepoError("git-failed", `git cannot read ${root}: ${reason}`, GIT_HINT);
}

/** What to do where git fails for a reason that only it knows. */
export const GIT_HINT = "Make `git status` work there, then repeat.";
