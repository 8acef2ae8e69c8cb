import { builderOf, buildFilesOf } from "../../src/cluster/graph.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec, type YamlData } from "../../src/contract/objects.ts";
import { findDelivered } from "../../src/delivery/flux-build.ts";
import type { Tree } from "../../src/files/tree.ts";

/** An object as one FluxKustomization of one cluster applies it. */
export interface Reading {
  cluster: Cluster;
  namespace: string;
  name: string;
  body: YamlData;
}

/** The FluxKustomizations of a cluster that build a file. */
export type Parents = (cluster: Cluster, file: string) => readonly DeliveredFluxObject[];

/**
 * An object as every FluxKustomization of every cluster applies it on a tree: a base is often built by several, each with
 * patches of its own. Undefined when one of the builds cannot be followed here.
 */
export function readingsOf(
  tree: Tree,
  clusters: readonly Cluster[],
  parentsOf: Parents,
  object: KubeObject,
): Reading[] | undefined {
  const readings: Reading[] = [];
  for (const cluster of clusters) {
    for (const parent of parentsOf(cluster, object.file)) {
      const { by, dir } = builderOf(parent, cluster.artifactRoot);
      const answer = findDelivered(tree, by, dir, object);
      const built = answer.known ? answer.value : undefined;
      if (!parent.effective.known || !built || built.uncertain) return undefined;
      readings.push({ cluster, namespace: built.namespace, name: built.name, body: built.body });
    }
  }
  return readings;
}

/** Looks parents up on a tree; the folders of a cluster are walked once, when a file of it is first asked for. */
export function findParents(tree: Tree): Parents {
  const known = new Map<Cluster, Map<string, DeliveredFluxObject[]>>();
  return (cluster, file) => {
    if (!cluster.files.has(file)) return [];
    const byFile = known.get(cluster) ?? indexParents(tree, cluster);
    known.set(cluster, byFile);
    return byFile.get(file) ?? [];
  };
}

function indexParents(tree: Tree, cluster: Cluster): Map<string, DeliveredFluxObject[]> {
  const byFile = new Map<string, DeliveredFluxObject[]>();
  for (const parent of cluster.local) {
    for (const path of buildFilesOf(tree, readableSpec(parent), cluster.artifactRoot).resources)
      byFile.set(path, [...(byFile.get(path) ?? []), parent]);
  }
  return byFile;
}
