import { runGit, splitNul } from "./git-run.ts";
import { resolveRoot } from "./site.ts";

/** The commit where two histories part; undefined when they share none, as in a shallow clone. */
export function mergeBase(dir: string, a: string, b: string): string | undefined {
  const output = runGit(resolveRoot(dir), ["merge-base", a, b]);
  return output.code === 0 ? output.stdout.toString().trim() || undefined : undefined;
}

/** Files below `dir` that differ between two commits, relative to it, sorted; a renamed file counts under both names. */
export function listChangedPaths(dir: string, from: string, to: string): string[] {
  const args = ["diff", "--name-only", "--no-renames", "--no-ext-diff", "--relative", "-z", from, to];
  return splitNul(runGit(resolveRoot(dir), args).stdout).sort();
}

/** Clone URLs of the remotes; empty outside git. */
export function readRemotes(dir: string): string[] {
  const output = runGit(resolveRoot(dir), ["config", "--get-regexp", "^remote\\..*\\.url$"]);
  if (output.code !== 0) return [];
  return output.stdout
    .toString()
    .split("\n")
    .flatMap((line) => line.split(" ").slice(1, 2))
    .filter((url) => url !== "");
}
