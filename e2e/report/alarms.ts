import type { Alarm } from "../record/compare.ts";
import type { StepCluster } from "../record/result.ts";

/** Why an object that was called deleted or re-created was not, as far as the record tells. */
export function explainAlarm({ object, said, owner }: Alarm, cluster: StepCluster): string {
  const gone = new Set(cluster.losses.map((one) => one.object));
  const moves = cluster.observations.filter((one) => one.object === object && one.change === "relabelled");
  if (moves.some(({ detail }) => detail && !detail.endsWith("-> none"))) {
    return "its new owner applied it before the old one pruned; the other order deletes it";
  }
  if (cluster.settled.timedOut && gone.size > 0) return "the controllers were gone before they came to it";
  if (owner && !gone.has(`Kustomization ${owner}`)) {
    return `its owner labels named ${owner}, which stayed and still applies it, or skipped it; with another last applier it goes`;
  }
  if (/^(PersistentVolumeClaim|Namespace) /.test(object)) return "its owner stopped before it came to it";
  return said === "recreated" ? "possible in another order of reconciling" : "not deleted in this run";
}
