import { type ChangedFile, changeTree } from "../../src/files/changed-tree.ts";
import { classify } from "../../src/files/file-text.ts";
import { judgeMerge, type VerifyInput, type VerifyReport } from "../../src/safety/verify.ts";
import { memoryTree } from "../support/memory.ts";
import { homeTree } from "./home-tree.ts";
import type { Edits, Files } from "./judge.ts";

const BEFORE = "0".repeat(40);
const AFTER = "1".repeat(40);

/**
 * What `verify` says of a commit with these edits (`undefined` removes) on top of one with the tree, without git: both are
 * in memory. `edited.test.ts` holds it to what it says of two commits.
 */
export function verifyEdits(
  edits: Edits,
  tree: Files = homeTree(),
  accept: readonly string[] = [],
  more: Partial<VerifyInput> = {},
): VerifyReport {
  const before = committed(tree);
  const differing = Object.keys(edits).filter((path) => edits[path] !== tree[path]);
  const changes = new Map(differing.map((path) => [path, contentOf(edits[path])]));
  const merge = {
    ...{ method: "fast-forward" as const, conflicts: [], base: BEFORE, head: AFTER },
    ...{ before, after: changeTree(before, changes), changed: differing.sort(), submodules: [] },
  };
  const input = { dir: "/nowhere", base: "HEAD~1", head: "HEAD", remotes: [], accept, ...more };
  return judgeMerge(merge, input, () => []).report;
}

function committed(files: Files) {
  const contents = Object.entries(files).map(([path, text]) => [path, contentOf(text)!] as const);
  const others = contents.flatMap(([path, { status }]) => (status === "text" ? [] : [[path, status] as const]));
  return memoryTree(files, { statuses: Object.fromEntries(others) });
}

function contentOf(text: string | undefined): ChangedFile {
  return text === undefined ? undefined : { ...classify(Buffer.from(text)), executable: false };
}
