import { realpathSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { RepoError } from "../../contract/errors.ts";
import type { FleetResult } from "../../contract/fleet.ts";
import { openGit } from "../../files/git.ts";
import { keepAsBranch, openSideTree, readCommit } from "../../files/side-tree.ts";
import { refuseDirty } from "../dirty-tree.ts";
import { GLYPH } from "../io.ts";
import { runCommand } from "./run-command.ts";
import type { Task } from "./task.ts";

/** A repository whose files are those of its commit. */
export interface Clean {
  /** Top folder of the repository, absolute. */
  top: string;
  /** Path from there to the folder that was listed, `''` or with a trailing slash. */
  prefix: string;
  head: string;
}

/**
 * A repository that a branch can be made in: a plan is made from files, a branch from a commit, so both have to be the same.
 * @throws RepoError where they are not
 */
export function findClean(folder: string): Clean {
  const git = openGit(realpathSync(folder));
  if (!git?.head) {
    throw new RepoError("no-git", `${folder} is no git repository with a commit.`, "A branch needs one.");
  }
  refuseDirty(git.dirty(), "Commit or stash them.");
  return { top: git.topLevel, prefix: git.prefix, head: git.head };
}

/**
 * Prepares the branch of a task with what a plan holds, in a second work tree: files, index and branch of the owner stay as
 * they are, and the branch is there when it is whole. Their hooks, filters and signing do what they do for `git commit`.
 * @param plan what `plan --format json` printed
 * @returns undefined where the plan writes nothing
 * @throws RepoError where git or a hook refuses
 */
export function prepareBranch(clean: Clean, plan: string, task: Task): Promise<FleetResult["branch"]> {
  const before = turns.get(clean.top) ?? Promise.resolve();
  const turn = before.catch(() => {}).then(() => makeBranch(clean, plan, task));
  turns.set(clean.top, turn);
  return turn;
}

/** The last branch of each repository: of one that is listed twice, one is made after the other. */
const turns = new Map<string, Promise<unknown>>();

async function makeBranch(
  { top, prefix, head }: Clean,
  plan: string,
  { branch = "", timeout }: Task,
): Promise<FleetResult["branch"]> {
  const { phases } = JSON.parse(plan) as { phases: { files: unknown[] }[] };
  if (phases.every(({ files }) => files.length === 0)) return undefined;
  const side = await openSideTree(top, head);
  const saved = join(side.folder, "..", "plan.json");
  try {
    await writeFile(saved, plan);
    const flags = ["--yes", "--commit", "--detached"];
    const { code, err } = await runCommand(["apply", saved, ...flags, "--", join(side.folder, prefix)], timeout);
    const commit = await readCommit(side.folder, "HEAD");
    if (code !== 0 && code !== 1) throw notMade(err);
    // It has written nothing: a blocker of the whole plan, which the results name.
    if (commit === undefined || commit === head) return undefined;
    return { name: branch, commit: await keepAsBranch(top, branch, commit, head) };
  } finally {
    await rm(saved, { force: true });
    await side.close();
  }
}

/** @param said what `apply` told people: the plan, and at last what was wrong */
function notMade(said: string): RepoError {
  const [what = "", ...details] = said
    .slice(said.lastIndexOf(GLYPH.fail) + GLYPH.fail.length)
    .trim()
    .split("\n");
  // The tree that was written is gone.
  const kept = details.map((line) => line.trim()).filter((line) => !line.startsWith("The files are written."));
  return new RepoError("not-applied", `No branch was made: ${what}`, "Solve that, then repeat.", { details: kept });
}
