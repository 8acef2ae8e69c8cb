import type { TransformContext } from "../../contract.ts";

/** Whether the cluster is the first of those a run works on, which reports what concerns the whole repository. */
export function isReporter({ model, cluster, agreed }: TransformContext): boolean {
  const first = model.clusters.find((other) => agreed.takesPart(other)) ?? model.clusters[0];
  return first?.name === cluster.name;
}
