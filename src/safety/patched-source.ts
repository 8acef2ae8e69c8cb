import { keyOf } from "../cluster/graph.ts";
import type { Cluster } from "../cluster/types.ts";
import { readable } from "../contract/answer.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";
import { findSource } from "../instance/effective.ts";

/**
 * The objects of a tree, the source of the cluster as it is delivered: patches beside the sync of `flux bootstrap` may give
 * it another URL, another ref, or an `ignore`. Where that cannot be read, as its file has it.
 */
export function patchSource(tree: Tree, cluster: Cluster, objects: readonly KubeObject[]): KubeObject[] {
  const { source } = cluster;
  if (!source) return [...objects];
  const isSource = (one: KubeObject) =>
    keyOf(one) === keyOf(source) && one.kind === source.kind && one.name === source.name;
  return objects.map((object) => {
    if (!isSource(object)) return object;
    const delivered = findSource(tree, cluster, object);
    const data = delivered && readable(delivered.effective);
    return data ? { ...object, data } : object;
  });
}
