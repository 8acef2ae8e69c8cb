import { builderOf, buildFilesOf } from "../../src/cluster/graph.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { indexBy } from "../../src/contract/group-by.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec, type YamlData } from "../../src/contract/objects.ts";
import { findDelivered } from "../../src/delivery/flux-build.ts";
import { remember } from "../../src/files/remember.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { TransformContext } from "../contract.ts";

/** An object as one FluxKustomization of one cluster applies it. */
export interface Reading {
  cluster: Cluster;
  namespace: string;
  name: string;
  body: YamlData;
}

/**
 * An object as every FluxKustomization of every cluster applies it on a tree: a base is often built by several, each with
 * patches of its own. Undefined when one of the builds cannot be followed here.
 */
export function readingsOf(
  { before, model }: Pick<TransformContext, "before" | "model">,
  tree: Tree,
  object: KubeObject,
): Reading[] | undefined {
  const readings: Reading[] = [];
  for (const cluster of model.clusters.filter(({ files }) => files.has(object.file))) {
    for (const parent of parentsIn(before, cluster).get(object.file) ?? []) {
      const { by, dir } = builderOf(parent, cluster.artifactRoot);
      const answer = findDelivered(tree, by, dir, object);
      const built = answer.known ? answer.value : undefined;
      if (!parent.effective.known || !built || built.uncertain) return undefined;
      readings.push({ cluster, namespace: built.namespace, name: built.name, body: built.body });
    }
  }
  return readings;
}

/** The FluxKustomizations of a cluster that build each file. */
function parentsIn(tree: Tree, cluster: Cluster): ReadonlyMap<string, DeliveredFluxObject[]> {
  return remember(tree, "builders of files", cluster, () =>
    indexBy(cluster.local, (parent) => buildFilesOf(tree, readableSpec(parent), cluster.artifactRoot).resources),
  );
}
