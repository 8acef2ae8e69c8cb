import { RepoError } from "../contract/errors.ts";

const MOST_NAMED = 10;

/**
 * @param entries lines of `git status --porcelain`
 * @param hint what the owner does about it
 * @throws RepoError `dirty-tree` naming the first of them, where there are any
 */
export function refuseDirty(entries: readonly string[], hint: string): void {
  if (entries.length === 0) return;
  const more = entries.length > MOST_NAMED ? [`and ${entries.length - MOST_NAMED} more`] : [];
  const details = [...entries.slice(0, MOST_NAMED), ...more];
  throw new RepoError("dirty-tree", "The git tree has uncommitted changes:", hint, { details });
}
