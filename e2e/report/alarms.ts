import type { StepCluster } from "../record/result.ts";

/** Why an object that was called deleted or re-created was not, as far as the record tells. */
export function explainAlarm({ object, said }: { object: string; said: string }, cluster: StepCluster): string {
  const moves = cluster.observations.filter((one) => one.object === object && one.change === "relabelled");
  if (moves.some(({ detail }) => detail && !detail.endsWith("-> none"))) {
    return "its new owner applied it before the old one pruned; the other order deletes it";
  }
  if (
    cluster.settled.notReady.some(
      (one) =>
        one.object.startsWith("Kustomization") &&
        /DependencyNotReady|BuildFailed|ArtifactFailed|Failed/.test(one.reason),
    )
  ) {
    return "a FluxKustomization stopped with an error before it came to prune";
  }
  if (cluster.settled.timedOut) return "the controllers were gone before they came to it";
  return said === "recreated" ? "possible in another order of reconciling" : "not deleted in this run";
}
