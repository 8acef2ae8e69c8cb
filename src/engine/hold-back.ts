import type { RepoModel } from "../flux/types.ts";
import type { DraftFinding } from "./transform.ts";
import type { ClusterPlan, Edit } from "./types.ts";

/**
 * Clusters whose edits touch a file that a blocked cluster of the same run builds from: they wait for it, since both read
 * the same bytes.
 * @param counts whether an edit matters to who else reads the file
 * @param say the blocker for a cluster, the blocked one and their file
 */
export function holdSharers(
  plans: readonly ClusterPlan[],
  { clusters }: RepoModel,
  counts: (edit: Edit) => boolean,
  say: (cluster: string, blocked: string, file: string) => DraftFinding,
): ReadonlyMap<string, DraftFinding> {
  const held = new Map<string, DraftFinding>();
  const blocked = plans.filter(({ findings }) => findings.some(({ level }) => level === "blocker"));
  for (const plan of plans) {
    for (const other of blocked) {
      const theirs = clusters.find(({ name }) => name === other.cluster)?.files;
      const edit = plan.edits.find((item) => counts(item) && theirs?.has(item.path));
      if (edit) held.set(plan.cluster, say(plan.cluster, other.cluster, edit.path));
    }
  }
  return held;
}
