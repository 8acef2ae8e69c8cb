import { RepoError } from "../contract/errors.ts";
import { askReal, GIT_HINT, openRepository } from "./git-repository.ts";

/**
 * Makes a branch at the commit that is checked out, and checks it out. No file and no hook is concerned: both branches hold
 * the same commit.
 * @param name a valid name that no branch has
 * @throws RepoError when git refuses
 */
export function createBranch(root: string, name: string): void {
  const repository = openRepository(root);
  const run = (...args: string[]) => {
    const output = repository && askReal(repository, args);
    if (output?.code === 0) return;
    throw new RepoError(
      "git-failed",
      `git made no branch ${name}: ${output?.stderr ?? "not a git repository"}`,
      GIT_HINT,
    );
  };
  run("branch", "--no-track", "--", name);
  run("symbolic-ref", "-m", `checkout: moving to ${name}`, "HEAD", `refs/heads/${name}`);
}
