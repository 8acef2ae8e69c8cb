import { keyOf } from "../cluster/graph.ts";
import { runningSource } from "../cluster/running-source.ts";
import type { Cluster } from "../cluster/types.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";

/** The objects of a tree, the source of the cluster as Flux reads it. */
export function patchSource(tree: Tree, cluster: Cluster, objects: readonly KubeObject[]): KubeObject[] {
  const { source } = cluster;
  if (!source) return [...objects];
  const isSource = (one: KubeObject) =>
    keyOf(one) === keyOf(source) && one.kind === source.kind && one.name === source.name;
  return objects.map((object) => {
    if (!isSource(object)) return object;
    return runningSource(tree, cluster, object) ?? object;
  });
}
