import { compareText } from "../contract/compare-text.ts";
import type { FileChange } from "../contract/edit.ts";
import { given } from "../contract/given.ts";
import type { Plan } from "../contract/plan.ts";

/** The net effect of all phases of a plan on each file, sorted by path; files that end as they began are left out. */
export function composeChanges(plan: Pick<Plan, "phases">): FileChange[] {
  const byPath = new Map<string, FileChange>();
  for (const phase of plan.phases) {
    for (const change of phase.files) {
      const earlier = byPath.get(change.path);
      byPath.set(change.path, earlier ? follow(earlier, change) : change);
    }
  }
  return [...byPath.values()]
    .filter((change) => change.before !== change.after)
    .sort((a, b) => compareText(a.path, b.path));
}

function follow(earlier: FileChange, later: FileChange): FileChange {
  const { path, before } = earlier;
  return { path, ...given({ before, after: later.after, mode: later.mode ?? earlier.mode }) };
}
