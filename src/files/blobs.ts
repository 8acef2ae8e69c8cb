import { RepoError } from "../contract/errors.ts";
import { classify, type FileContent, HUGE_BYTES } from "./file-text.ts";
import type { RunGit } from "./scratch.ts";

/**
 * Reads objects in two processes, the second only for those that are worth reading. What git does not have, as in a
 * partial clone, is unreadable.
 */
export function readBlobs(run: RunGit, ids: readonly string[]): Map<string, FileContent> {
  const found = new Map<string, FileContent>(ids.map((id) => [id, { status: "unreadable" }]));
  const unique = [...found.keys()];
  if (unique.length === 0) return found;
  const wanted: string[] = [];
  const sizes = ask(run, ["cat-file", "--batch-check=%(objecttype) %(objectsize)"], unique)
    .toString("latin1")
    .split("\n");
  for (const [i, id] of unique.entries()) {
    const [type, size] = (sizes[i] ?? "").split(" ");
    if (type !== "blob") continue;
    if (Number(size) > HUGE_BYTES) found.set(id, { status: "huge" });
    else wanted.push(id);
  }
  const stdout = ask(run, ["cat-file", "--batch"], wanted);
  let at = 0;
  for (const id of wanted) {
    const end = stdout.indexOf(10, at);
    const size = Number(stdout.toString("latin1", at, end).split(" ")[2]);
    found.set(id, classify(stdout.subarray(end + 1, end + 1 + size)));
    at = end + size + 2;
  }
  return found;
}

function ask(run: RunGit, args: readonly string[], ids: readonly string[]): Buffer {
  if (ids.length === 0) return Buffer.alloc(0);
  const { code, stdout, stderr } = run(args, `${ids.join("\n")}\n`);
  if (code === 0) return stdout;
  throw new RepoError("git-failed", `git cannot read its objects: ${stderr}`, "Run `git fsck`, then repeat.");
}
