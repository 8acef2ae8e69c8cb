import { repositoryPath } from "../../../src/cluster/graph.ts";
import { pathWithin } from "../../../src/cluster/overlay-roots.ts";
import { readersOf } from "../../../src/cluster/territory.ts";
import { findKustomization, kustomizationOf } from "../../../src/delivery/kustomize/index.ts";
import type { TransformContext } from "../../contract.ts";

/**
 * Whether other clusters build a path and this one does not, or only as the base that it changes. What several clusters share
 * goes with the first of them, and with it the folder of each: applied by hand, that folder starts its own cluster, never this one.
 */
export function isOfOthers(context: TransformContext, path: string): boolean {
  const { before, model, cluster } = context;
  const file = before.has(path) ? path : kustomizationOf(before, path)?.path;
  if (file === undefined) return false;
  return cluster.files.has(file) ? startsAnother(context, path) : readersOf(file, model.clusters).length > 0;
}

/** Whether the root that a folder makes of this cluster's leads to the folder of another, whose own folder it is then. */
export function startsAnother({ before, model, cluster }: TransformContext, dir: string): boolean {
  if (model.clusters.length < 2 || !findKustomization(before, dir)) return false;
  const path = pathWithin(before, cluster.root, dir);
  if (path === undefined) return false;
  const led = repositoryPath({ path }, cluster.artifactRoot);
  if (led === repositoryPath(cluster.root.data.spec, cluster.artifactRoot)) return false;
  return model.clusters.some(({ root, artifactRoot }) => repositoryPath(root.data.spec, artifactRoot) === led);
}
