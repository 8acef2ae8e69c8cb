import { resolve } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { type GitOutput, runGit, splitNul } from "./git-run.ts";

/** What git knows about the tree; everything but the first four fields asks git when it is first used. */
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
  /** Uncommitted changes below the root as `XY path` (git status --porcelain, path relative to the root); untracked = `??`. */
  dirty(): readonly string[];
  /** Remotes with their fetch URL, credentials removed. */
  remotes(): readonly { name: string; url: string }[];
  /** Absolute path of a name in git's own folder; right in worktrees and submodules too. */
  gitPath(name: string): string;
  /** The branch the remote `origin` calls its default, else a local `main` or `master`. */
  defaultBranch(): string | undefined;
  /** Which of these root-relative paths `.gitignore` would keep out of git. */
  ignored(paths: readonly string[]): readonly string[];
}

/** The one call that says whether a folder is in a git work tree, and the basic facts. */
export const FACTS_ARGS = [
  "rev-parse",
  "--show-toplevel",
  "--show-prefix",
  "--git-path",
  "fluxlift",
  "HEAD",
  "--symbolic-full-name",
  "HEAD",
] as const;

/**
 * Facts about the git work tree around a folder.
 * @returns null when there is no git executable or no repository.
 * @throws RepoError when git refuses the repository (foreign owner, bare repository, damaged).
 */
export function openGit(root: string): GitFacts | null {
  return readFacts(root, runGit(root, FACTS_ARGS));
}

/** What lists the remotes. */
export const REMOTES_ARGS = ["remote", "-v"] as const;

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
      return born ? shortBranch(symbolic) : readUnbornBranch(root);
    },
    get detached() {
      return born && symbolic === "HEAD";
    },
    dirty: once(() => readDirty(root, prefix)),
    remotes: once(() => readRemotes(remotes ?? runGit(root, REMOTES_ARGS))),
    gitPath: (name) => (name === "fluxlift" ? resolve(root, statePath) : readGitPath(root, name)),
    defaultBranch: once(() => readDefaultBranch(root)),
    ignored: (paths) => readIgnored(root, paths),
  };
}

function once<T>(compute: () => T): () => T {
  let result: { value: T } | undefined;
  return () => {
    result ??= { value: compute() };
    return result.value;
  };
}

function shortBranch(symbolic: string | undefined): string | undefined {
  return symbolic?.startsWith("refs/heads/") ? symbolic.slice("refs/heads/".length) : undefined;
}

function readUnbornBranch(root: string): string | undefined {
  return shortBranch(runGit(root, ["symbolic-ref", "-q", "HEAD"]).stdout.toString().trim());
}

function readDirty(root: string, prefix: string): string[] {
  const output = runGit(root, ["status", "--porcelain", "-z", "--untracked-files=all", "--no-renames", "--", "."]);
  if (output.code !== 0) throw refused(root, output);
  return splitNul(output.stdout).map((entry) => entry.slice(0, 3) + entry.slice(3 + prefix.length));
}

function readRemotes(output: GitOutput): { name: string; url: string }[] {
  const remotes: { name: string; url: string }[] = [];
  for (const line of output.stdout.toString().split("\n")) {
    const match = /^([^\t]+)\t(.*) \(fetch\)/.exec(line);
    if (match) remotes.push({ name: match[1] as string, url: hideCredentials(match[2] as string) });
  }
  return remotes;
}

/** A URL without the user and password in it; the user of an SSH URL stays. */
export function hideCredentials(url: string): string {
  return url.replace(/^(https?:\/\/)[^/@]*@/i, "$1");
}

function readGitPath(root: string, name: string): string {
  return resolve(root, runGit(root, ["rev-parse", "--git-path", name]).stdout.toString().replace(/\n$/, ""));
}

function readDefaultBranch(root: string): string | undefined {
  const origin = runGit(root, ["symbolic-ref", "-q", "--short", "refs/remotes/origin/HEAD"]).stdout.toString().trim();
  if (origin.startsWith("origin/")) return origin.slice("origin/".length);
  const local = runGit(root, ["for-each-ref", "--format=%(refname:short)", "refs/heads/main", "refs/heads/master"]);
  return local.stdout.toString().split("\n")[0] || undefined;
}

function readIgnored(root: string, paths: readonly string[]): string[] {
  if (paths.length === 0) return [];
  return splitNul(runGit(root, ["check-ignore", "-z", "--stdin"], paths.map((path) => `${path}\0`).join("")).stdout);
}

function refused(root: string, output: GitOutput): RepoError {
  const reason = output.stderr.split("\n")[0]?.replace(/^fatal: /, "") ?? "";
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
  return new RepoError(
    "git-failed",
    `git cannot read ${root}: ${reason}`,
    "Make `git status` work there, then repeat.",
  );
}
