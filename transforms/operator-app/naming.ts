import { builderOf } from "../../src/cluster/graph.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { listDelivered, reachOf } from "../../src/delivery/flux-build.ts";
import type { Tree } from "../../src/files/tree.ts";

/** What the cluster has from those of its Kustomizations that read a file with some word in it. */
export function listNaming(tree: Tree, cluster: Cluster, word: string): ReturnType<typeof listDelivered>[number][] {
  const files = new Set(tree.grep(word));
  if (files.size === 0) return [];
  return cluster.local.flatMap((item) => {
    const { by, dir } = builderOf(item, cluster.artifactRoot);
    return reachOf(tree, by.spec, dir).resources.some((file) => files.has(file)) ? listDelivered(tree, by, dir) : [];
  });
}
