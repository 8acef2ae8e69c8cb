import { hugeFilesOf, type Repository } from "./git-repository.ts";
import { type GitOutput, runGit } from "./git-run.ts";
import { standInFor } from "./git-stand-in.ts";

/** Runs git somewhere; never throws. */
export type RunGit = (args: readonly string[], input?: string) => GitOutput;

export interface Scratch {
  /** Runs git where there are no files: attributes of the checkout do not count. */
  run: RunGit;
  /**
   * Runs git in the work tree of the repository.
   * @param index absolute path of another index than its own
   */
  runInTree(args: readonly string[], index?: string): GitOutput;
}

/**
 * A stand-in in which git may make objects for a question: a commit of what is not committed, the tree of a merge. Nothing
 * of it is written to the repository.
 * @throws RepoError `no-temporary-folder`
 */
export function openScratch(repository: Repository): Scratch {
  const { top, settings } = repository;
  const env = standInFor(repository, settings, { makesObjects: true, huge: hugeFilesOf(repository) });
  const own = env.GIT_DIR!;
  return {
    run: (args, input = "") => runGit({ cwd: own, args, env: { ...env, GIT_WORK_TREE: own }, input }),
    runInTree: (args, index = env.GIT_INDEX_FILE) => runGit({ cwd: top, args, env: { ...env, GIT_INDEX_FILE: index } }),
  };
}
