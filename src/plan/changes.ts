import type { FileChange } from "../contract/edit.ts";
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
    .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

function follow(earlier: FileChange, later: FileChange): FileChange {
  const mode = later.mode ?? earlier.mode;
  return {
    path: earlier.path,
    ...(earlier.before === undefined ? {} : { before: earlier.before }),
    ...(later.after === undefined ? {} : { after: later.after }),
    ...(mode === undefined ? {} : { mode }),
  };
}
