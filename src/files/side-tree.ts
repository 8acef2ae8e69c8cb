import { realpathSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { RepoError } from "../contract/errors.ts";
import { ownerEnv, REAL_SETTINGS } from "./git-env.ts";
import { type GitOutput, startGit } from "./git-run.ts";
import { isLeftOver, makeTempFolder } from "./temp-folder.ts";

/** A second work tree of a repository, in a temporary folder, at one commit and on no branch. */
export interface SideTree {
  /** Absolute. */
  folder: string;
  close(): Promise<void>;
}

/**
 * Checks a commit out beside the work tree of its owner, whose files, branch and index stay as they are. Files come out as
 * their filters make them, as for `git switch`; no hook runs.
 * @param top top folder of the repository, absolute
 * @throws RepoError where git cannot
 */
export async function openSideTree(top: string, commit: string): Promise<SideTree> {
  await removeLeft(top);
  const own = realpathSync(makeTempFolder("branch"));
  const folder = join(own, "tree");
  const close = async () => {
    await git(top, ["worktree", "remove", "--force", folder]);
    await rm(own, { recursive: true, force: true });
  };
  const made = await git(top, ["worktree", "add", "--quiet", "--detach", folder, commit]);
  if (made.code === 0) return { folder, close };
  await close();
  throw new RepoError("git-failed", `git checks out no second tree: ${lastLine(made)}`, HINT);
}

/** Takes away what runs that were killed have left of theirs. */
async function removeLeft(top: string): Promise<void> {
  const { stdout } = await git(top, ["worktree", "list", "--porcelain"]);
  for (const [, folder = ""] of stdout.toString().matchAll(/^worktree (.*)$/gm)) {
    const own = dirname(folder);
    if (dirname(own) !== realpathSync(tmpdir()) || !isLeftOver(own)) continue;
    await git(top, ["worktree", "remove", "--force", folder]);
    await rm(own, { recursive: true, force: true });
  }
}

/**
 * Gives a commit a branch, which nothing checks out. A branch that holds the same tree already stays as it is.
 * @param base what the commit was made from
 * @returns the commit of the branch
 * @throws RepoError where the branch holds something else
 */
export async function keepAsBranch(top: string, name: string, commit: string, base: string): Promise<string> {
  const ref = `refs/heads/${name}`;
  // All zeros: only where there is none.
  const made = await git(top, ["update-ref", "-m", "fluxlift fleet", ref, commit, "0".repeat(commit.length)]);
  if (made.code === 0) return commit;
  const there = await readCommit(top, ref);
  if (there === undefined) throw new RepoError("git-failed", `git makes no branch ${name}: ${lastLine(made)}`, HINT);
  const isBehind = (await git(top, ["merge-base", "--is-ancestor", base, there])).code === 0;
  const same = isBehind && (await git(top, ["diff-tree", "--quiet", there, commit])).code === 0;
  if (same) return there;
  throw new RepoError("branch-there", `There is a branch ${name} already, and it holds something else.`, OTHER);
}

/** The commit that a name stands for. */
export async function readCommit(top: string, name: string): Promise<string | undefined> {
  const { code, stdout } = await git(top, ["rev-parse", "--verify", "--quiet", `${name}^{commit}`]);
  return code === 0 ? stdout.toString().trim() : undefined;
}

const HINT = "Make `git worktree add` work there, then repeat.";
const OTHER = "Delete or rename it, or name another one with --branch.";

function git(cwd: string, args: readonly string[]): Promise<GitOutput> {
  const all = [...REAL_SETTINGS, "-c", "gc.auto=0", "-c", "maintenance.auto=false", ...args];
  // Objects that a partial clone lacks are not fetched.
  const quiet = { LC_ALL: "C", GIT_TERMINAL_PROMPT: "0", GIT_NO_LAZY_FETCH: "1", GIT_ALLOW_PROTOCOL: "none" };
  return startGit({ cwd, args: all, env: { ...ownerEnv(), ...quiet } });
}

function lastLine({ stderr }: GitOutput): string {
  return stderr.split("\n").at(-1) || "it says no reason";
}
