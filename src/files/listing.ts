import { splitNul } from "./git-run.ts";

/** Tracked files with their index flags, files that are not there, and untracked files that are not ignored. */
export const LISTING_ARGS = [
  "ls-files",
  "-z",
  "-v",
  "--stage",
  "--cached",
  "--others",
  "--deleted",
  "--exclude-standard",
] as const;

export interface Listing {
  /** In no order, each path once. */
  paths: string[];
  /** Files `git grep` may not look at on disk: untracked, or flagged in the index. */
  unsearched: string[];
}

/**
 * Interprets the output of `LISTING_ARGS`; submodules and nested repositories are left out.
 * @param isThere asked only for flagged files: git does not say which files a sparse checkout leaves out.
 */
export function parseListing(stdout: Buffer, isThere: (path: string) => boolean): Listing {
  const paths = new Set<string>();
  const unsearched = new Set<string>();
  const absent: string[] = [];
  for (const entry of splitNul(stdout)) {
    const tag = entry.charAt(0);
    if (tag === "?") {
      const path = entry.slice(2);
      if (path.endsWith("/")) continue;
      paths.add(path);
      unsearched.add(path);
      continue;
    }
    const path = entry.slice(entry.indexOf("\t") + 1);
    const isSubmodule = entry.startsWith("160000 ", 2);
    if (isSubmodule) continue;
    if (tag === "R" || tag === "r") {
      absent.push(path);
    } else if (tag === "H" || tag === "M") {
      paths.add(path);
    } else if (isThere(path)) {
      paths.add(path);
      unsearched.add(path);
    }
  }
  for (const path of absent) paths.delete(path);
  return { paths: [...paths], unsearched: [...unsearched].filter((path) => paths.has(path)) };
}
