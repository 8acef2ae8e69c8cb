import { type Repository, workOnObjects } from "./git-repository.ts";
import { splitNul } from "./git-run.ts";
import { check, namedTwice, refuseCrowd } from "./revision-blobs.ts";

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

/** Paths below the root that differ between two commits, relative to it, a renamed file under both names, sorted. */
export function diffCommits(repository: Repository, from: string, to: string): ChangedPath[] {
  const args = ["diff-tree", "-r", "--raw", "-z", "--no-renames", `--relative=${repository.prefix}`, from, to];
  const output = check(repository, workOnObjects(repository, args), `compare ${from} with ${to}`);
  refuseCrowd(output.stdout, to, 2);
  const found = readRawDiff(output.stdout);
  for (const [i, { path }] of found.entries()) if (path === found[i + 1]?.path) throw namedTwice(path, to);
  return found;
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
