import type { FileChange } from "../contract/edit.ts";
import type { Plan } from "../contract/plan.ts";
import { composeChanges } from "../plan/changes.ts";

/** What happens to one path over the whole plan. */
export interface NetChange extends FileChange {
  /** Old path of a file that was moved here; `before` is then the text it had there. */
  movedFrom?: string;
}

/** The net change of every file, with a moved file as one entry, so that a diff shows it as a rename. */
export function composeRenames(plan: Pick<Plan, "phases">): NetChange[] {
  const changes = new Map<string, NetChange>(composeChanges(plan).map((change) => [change.path, change]));
  for (const [to, from] of collectMoves(plan)) {
    const gone = changes.get(from);
    const made = changes.get(to);
    if (gone?.before === undefined || gone.after !== undefined) continue;
    if (made?.after === undefined || made.before !== undefined) continue;
    changes.delete(from);
    changes.set(to, { ...made, before: gone.before, movedFrom: from });
  }
  return [...changes.values()];
}

/** New path to original path, following files that several phases move on. */
function collectMoves(plan: Pick<Plan, "phases">): Map<string, string> {
  const origins = new Map<string, string>();
  for (const edit of plan.phases.flatMap((phase) => phase.clusters.flatMap((cluster) => cluster.edits))) {
    if (edit.kind !== "move") continue;
    const origin = origins.get(edit.path) ?? edit.path;
    origins.delete(edit.path);
    if (origin !== edit.to) origins.set(edit.to, origin);
  }
  return origins;
}
