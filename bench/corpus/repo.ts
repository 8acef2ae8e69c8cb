import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import type { RootSight } from "./gate/sights.ts";

const GIT_ENV = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_SYSTEM: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "corpus",
  GIT_AUTHOR_EMAIL: "corpus@example.invalid",
  GIT_COMMITTER_NAME: "corpus",
  GIT_COMMITTER_EMAIL: "corpus@example.invalid",
  GIT_TERMINAL_PROMPT: "0",
};

/** Environment for git and for the tool: no configuration of the person who runs the corpus takes part. */
export const cleanEnv = (): NodeJS.ProcessEnv => ({ ...process.env, ...GIT_ENV, NO_COLOR: "1", CI: "1" });

/** Runs git in a folder and returns stdout; throws with stderr when it fails. */
export function git(dir: string, ...args: string[]): string {
  return execFileSync("git", args, {
    cwd: dir,
    env: cleanEnv(),
    encoding: "utf8",
    maxBuffer: 256 << 20,
    stdio: ["ignore", "pipe", "pipe"],
  });
}

/** Unpacks `<state>.tar.gz` to `<cache>/<state>/origin` once. */
export function unpackState(archive: string, cache: string): string {
  const state = basename(archive, ".tar.gz");
  const origin = join(cache, state, "origin");
  if (!existsSync(origin)) {
    const staging = join(cache, state, `unpack-${process.pid}`);
    mkdirSync(staging, { recursive: true });
    execFileSync("tar", ["xzf", archive, "-C", staging]);
    renameSync(join(staging, state), origin);
    rmSync(staging, { recursive: true, force: true });
  }
  return origin;
}

/** Copies a tree without `.git`; the copy must not exist. */
export function copyTree(from: string, to: string): string {
  rmSync(to, { recursive: true, force: true });
  mkdirSync(to, { recursive: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true, filter: (path) => basename(path) !== ".git" });
  return to;
}

function branchOf(root: RootSight): string {
  const ref = root.source.spec?.ref ?? {};
  return String(ref.branch ?? /^refs\/heads\/(.+)$/.exec(ref.name ?? "")?.[1] ?? "main");
}

export interface RepoFacts {
  /** Branch that is checked out. */
  branch: string;
  /** Every branch a cluster reads, the checked-out one first. */
  branches: string[];
  url: string | undefined;
}

/** What branch and remote the syncs of a tree name; `main` or `master` is checked out where one of them is read. */
export function repoFacts(roots: RootSight[]): RepoFacts {
  const gitRoots = roots.filter((root) => root.source.kind === "GitRepository");
  const branches = [...new Set(gitRoots.map(branchOf))];
  const branch = branches.find((name) => name === "main" || name === "master") ?? branches[0] ?? "main";
  const url = gitRoots[0]?.source.spec?.url;
  return {
    branch,
    branches: [branch, ...branches.filter((name) => name !== branch)],
    url: url ? String(url) : undefined,
  };
}

/** Puts every branch a cluster reads, local and remote-tracking, on the current commit. */
function alignBranches(dir: string, facts: RepoFacts): void {
  for (const name of facts.branches) {
    if (name !== facts.branch) git(dir, "branch", "-f", name);
    if (facts.url) git(dir, "update-ref", `refs/remotes/origin/${name}`, "HEAD");
  }
}

/** Makes a committed git repository out of a tree, with the branches and the remote its syncs name. */
export function makeRepo(origin: string, dir: string, facts: RepoFacts): void {
  copyTree(origin, dir);
  git(dir, "init", "-q", "-b", facts.branch);
  git(dir, "config", "core.autocrlf", "false");
  if (facts.url) git(dir, "remote", "add", "origin", facts.url);
  git(dir, "add", "-A", "-f");
  git(dir, "commit", "-q", "-m", "The tree as it was");
  alignBranches(dir, facts);
}

/** Commits everything and keeps the other branches in step. */
export function commitAll(dir: string, facts: RepoFacts, message: string): void {
  git(dir, "add", "-A");
  if (git(dir, "status", "--porcelain").trim() !== "") git(dir, "commit", "-q", "-m", message);
  alignBranches(dir, facts);
}

/** Whether `git apply` accepts a patch in a folder; the reason when not. */
export function applyPatch(dir: string, patchFile: string, ...flags: string[]): string | undefined {
  try {
    git(dir, "apply", ...flags, patchFile);
    return undefined;
  } catch (error) {
    return (error as { stderr?: string }).stderr?.split("\n")[0] ?? String(error);
  }
}
