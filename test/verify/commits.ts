import { type VerifyInput, type VerifyReport, verifyChange } from "../../src/safety/verify.ts";
import { commitAll, git, makeRepo, writeFiles } from "../support/repo.ts";
import { homeTree } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

/** Commits the tree, then the edits (`undefined` removes), and verifies the second commit against the first. */
export function verifyCommits(
  edits: Edits,
  tree: Files = homeTree(),
  accept: readonly string[] = [],
  more: Partial<VerifyInput> = {},
): VerifyReport {
  const root = makeRepo(tree);
  const removed = Object.keys(edits).filter((path) => edits[path] === undefined);
  if (removed.length > 0) git(root, "rm", "-q", ...removed);
  const written = Object.entries(edits).filter((entry): entry is [string, string] => entry[1] !== undefined);
  writeFiles(root, Object.fromEntries(written));
  commitAll(root, "Change");
  return verifyChange({ dir: root, base: "HEAD~1", head: "HEAD", remotes: [], accept, ...more }).report;
}
