import { RepoError } from "../contract/errors.ts";
import { splitNul } from "./git-run.ts";
import type { RunGit } from "./scratch.ts";

/** A path that differs between two trees; `mode` is undefined where it goes. */
export interface ChangedPath {
  path: string;
  mode: string | undefined;
  /** In the first tree; zeros where it was not there. */
  oldMode: string;
  /** Object of the second tree; zeros where git does not know it, as for a file that was edited on disk. */
  id: string;
}

/** A submodule in a tree. */
export const GITLINK = "160000";

/**
 * Paths that differ between two commits, a renamed file under both names, sorted.
 * @param prefix only below this folder, with a trailing slash, and relative to it
 */
export function diffCommits(run: RunGit, from: string, to: string, prefix: string): ChangedPath[] {
  const output = run(["diff-tree", "-r", "--raw", "-z", "--no-renames", `--relative=${prefix}`, from, to]);
  if (output.code !== 0) {
    throw new RepoError("git-failed", `git cannot compare ${from} with ${to}: ${output.stderr}`, "Run `git fsck`.");
  }
  return readRawDiff(output.stdout);
}

/** Interprets the output of `--raw -z --no-renames`. */
export function readRawDiff(stdout: Buffer): ChangedPath[] {
  const parts = splitNul(stdout);
  const found: ChangedPath[] = [];
  for (let i = 0; i + 1 < parts.length; i += 2) {
    const [oldMode = "", mode = "", , id = "", status = ""] = parts[i]!.slice(1).split(" ");
    const now = status === "D" ? undefined : mode;
    found.push({ path: parts[i + 1]!, mode: now, oldMode, id });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}
