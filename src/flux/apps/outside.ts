import ignore from "ignore";
import { findKustomization } from "../../kustomize/index.ts";
import type { Tree } from "../../workspace/tree.ts";
import { repositoryPath } from "../graph.ts";
import { dirname, isWithin, join } from "../paths.ts";
import type { Cluster, DeliveredFluxObject } from "../types.ts";

/**
 * The closest folder above the root that no FluxKustomization builds recursively, because a FluxInstance found there
 * would be applied before its CRD exists and stall the whole build (trap 12).
 */
export function findOutsideFolder(
  tree: Tree,
  cluster: Cluster,
  clusters: readonly Cluster[],
  rootPath: string,
): string | undefined {
  for (let dir = dirname(rootPath); isWithin(dir, cluster.artifactRoot); dir = dirname(dir)) {
    // Below a root that walks, only the kustomization of the old install could hide the folder, and that one goes.
    if (isWithin(dir, rootPath) && !findKustomization(tree, rootPath)) return undefined;
    const folder = join(dir, cluster.namespace, cluster.name === "default" ? "" : cluster.name);
    if (!clusters.some((each) => isBuilt(tree, each, folder)) && !isIgnored(tree, cluster, folder)) return folder;
    if (dir === "") return undefined;
  }
  return undefined;
}

function isBuilt(tree: Tree, cluster: Cluster, folder: string): boolean {
  return cluster.local.some((item) => isWalkedBy(tree, cluster, item, folder));
}

/** Whether a FluxKustomization would find the files of a folder by walking. */
function isWalkedBy(tree: Tree, { artifactRoot }: Cluster, { effective }: DeliveredFluxObject, folder: string) {
  const path = repositoryPath(effective?.spec, artifactRoot);
  if (path === undefined || !tree.isDir(path) || !isWithin(folder, path)) return false;
  for (let dir = folder; isWithin(dir, path); dir = dirname(dir)) {
    if (findKustomization(tree, dir)) return false;
    if (dir === path || dir === "") return true;
  }
  return true;
}

/** Whether the source leaves the folder out of its artifact (`spec.ignore` and the `.sourceignore` at its root). */
function isIgnored(tree: Tree, cluster: Cluster, folder: string): boolean {
  const rules = [tree.read(join(cluster.artifactRoot, ".sourceignore")), cluster.source?.data?.spec?.ignore];
  const matcher = ignore();
  for (const rule of rules) if (typeof rule === "string") matcher.add(rule);
  return matcher.ignores(join(folder, "flux-instance", "kustomization.yaml"));
}

/**
 * A folder of its own beside the one of the sync, where the root alone walks: with a kustomization in it, it hides what
 * lies below from that walk. Undefined where another cluster would walk it too and get this one's apps, where a child
 * walks it and may move them or act for a tenant, where the source leaves it out, or where it holds something else.
 */
export function findWalledFolder(
  tree: Tree,
  cluster: Cluster,
  clusters: readonly Cluster[],
  rootPath: string,
): string | undefined {
  const beside = dirname(dirname(cluster.root.file));
  const parents = [...new Set([beside, rootPath])].filter((dir) => isWithin(dir, rootPath));
  const isFree = (parent: string) => {
    const dir = wallIn(parent, cluster);
    const walkers = clusters.flatMap((each) => each.local.filter((item) => isWalkedBy(tree, each, item, parent)));
    const isOnlyRoot = walkers.length === 1 && walkers[0] === cluster.local[0];
    const isOurs = !tree.isDir(dir) || tree.isDir(join(dir, "flux-operator"));
    return isOnlyRoot && isOurs && !isIgnored(tree, cluster, dir);
  };
  const parent = parents.find(isFree);
  return parent === undefined ? undefined : wallIn(parent, cluster);
}

function wallIn(parent: string, { namespace }: Cluster): string {
  return join(parent, `${namespace}-apps`);
}
