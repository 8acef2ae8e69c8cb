import { RepoError } from "../contract/errors.ts";
import type { Plan } from "../contract/plan.ts";
import { sha256 } from "../files/hash.ts";
import type { Tree } from "../files/tree.ts";
import { composeChanges } from "./changes.ts";

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
    if (text === undefined) moved.set(path, "is gone");
    else if (sha256(text) !== hash) moved.set(path, "has changed");
  }
  for (const { path, before } of composeChanges(plan)) {
    if (moved.has(path)) continue;
    if (before === undefined) {
      if (workspace.tree.has(path)) moved.set(path, "exists now");
    } else if (workspace.tree.read(path) !== before) {
      moved.set(path, workspace.tree.has(path) ? "has changed" : "is gone");
    }
  }
  if (moved.size === 0) return;
  const lines = [...moved].slice(0, LISTED).map(([path, how]) => `  ${path} ${how}`);
  if (moved.size > LISTED) lines.push(`  and ${moved.size - LISTED} more`);
  throw new RepoError(
    "base-moved",
    `The plan does not fit this tree any more:\n${lines.join("\n")}`,
    "Nothing was written. Make the plan again with 'fluxlift plan -o FILE', and review it.",
  );
}
