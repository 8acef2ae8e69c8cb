import { RepoError } from "../contract/errors.ts";
import type { Plan } from "../contract/plan.ts";
import { sha256 } from "../files/hash.ts";
import type { FileStatus, Tree } from "../files/tree.ts";

const LISTED = 10;

/**
 * Checks that a plan still fits the tree: every file an edit was derived from is as it was, every file it changes or
 * deletes reads as the plan says, and no file it creates exists.
 * @throws RepoError `base-moved` naming the files that moved.
 */
export function verifyBase(workspace: { tree: Tree }, plan: Plan): void {
  const moved = new Map<string, string>();
  for (const [path, hash] of Object.entries(plan.base)) {
    const text = workspace.tree.read(path);
    if (text === undefined || sha256(text) !== hash) moved.set(path, sayMoved(workspace.tree, path));
  }
  const seen = new Set(moved.keys());
  for (const { path, before, withheld } of plan.phases.flatMap(({ files }) => files)) {
    // A later phase begins with what an earlier one made.
    if (seen.has(path)) continue;
    seen.add(path);
    const isThere = workspace.tree.has(path);
    if (before !== undefined) {
      if (workspace.tree.read(path) !== before) moved.set(path, sayMoved(workspace.tree, path));
    } else if (withheld?.includes("before")) {
      if (!isThere) moved.set(path, sayMoved(workspace.tree, path));
    } else if (isThere) moved.set(path, "exists now");
  }
  if (moved.size === 0) return;
  const lines = [...moved].slice(0, LISTED).map(([path, how]) => `${path} ${how}`);
  if (moved.size > LISTED) lines.push(`and ${moved.size - LISTED} more`);
  throw new RepoError(
    "base-moved",
    "The plan does not fit this tree any more:",
    "Nothing was written. Make the plan again with 'fluxlift plan -o FILE', and review it.",
    { details: lines },
  );
}

const NOW: Readonly<Record<FileStatus, string>> = {
  text: "has changed",
  binary: "is no text any more",
  encrypted: "is encrypted now",
  huge: "is too large to be read now",
  symlink: "is a link now, or lies behind one",
  unreadable: "cannot be read now",
};

function sayMoved(tree: Tree, path: string): string {
  if (tree.isDir(path)) return "is a folder now";
  const status = tree.status(path);
  return status === undefined ? "is gone" : NOW[status];
}
