import type { Cluster } from "../cluster/types.ts";
import type { Edit } from "../contract/edit.ts";
import type { DraftFinding } from "../contract/finding.ts";
import type { ClusterPlan } from "../contract/plan.ts";

/**
 * Clusters whose edits touch a file that a cluster builds from which this run leaves as it is, because something stops it
 * or nobody chose it: they wait for it, since both read the same bytes.
 * @param counts whether an edit matters to who else reads the file
 * @param say the blocker for a cluster, the one that stays and their file
 */
export function holdSharers(
  plans: readonly ClusterPlan[],
  staying: readonly Cluster[],
  counts: (edit: Edit) => boolean,
  say: (cluster: string, other: string, file: string) => DraftFinding,
): ReadonlyMap<string, DraftFinding> {
  const held = new Map<string, DraftFinding>();
  for (const plan of plans) {
    for (const { name, files } of staying) {
      const edit = plan.edits.find((item) => name !== plan.cluster && counts(item) && files.has(item.path));
      if (edit) held.set(plan.cluster, say(plan.cluster, name, edit.path));
    }
  }
  return held;
}
