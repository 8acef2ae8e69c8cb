import { selectionOf } from "../../../src/cluster/artifact-tree.ts";
import { repositoryPath } from "../../../src/cluster/graph.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { readable } from "../../../src/contract/answer.ts";
import { cutEnd } from "../../../src/contract/cut.ts";
import { type DeliveredFluxObject, itemsOf, readableSpec } from "../../../src/contract/objects.ts";
import type { AppNames } from "../../../src/contract/options.ts";
import { readKeeps } from "../../../src/delivery/artifact-files.ts";
import { findKustomization, kustomizationOf, reach } from "../../../src/delivery/kustomize/index.ts";
import { basename, dirname, isWithin, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";

/** Where a cluster lies. */
export interface Site {
  tree: Tree;
  cluster: Cluster;
  /** All clusters of the repository: none of them may build the folders of the apps by walking. */
  clusters: readonly Cluster[];
  /** What the owner wants the FluxKustomizations of the apps to be called. */
  names?: AppNames | undefined;
}

/**
 * The closest folder that no FluxKustomization builds recursively, because a FluxInstance found there would be applied
 * before its CRD exists and stall the whole build (trap 12). Below the root where its own kustomization lists what it
 * delivers, else above it.
 */
export function findOutsideFolder(site: Site, rootPath: string): string | undefined {
  const { tree, cluster } = site;
  const isListed = findKustomization(tree, rootPath) !== undefined;
  // The folder of the sync is the cluster's own, also where its root does not list it.
  const isOpen = (dir: string) => !tree.isDir(dir) || dir === dirname(cluster.root.file) || overlaysSync(site, dir);
  const isNew = (dir: string) => isListed && isOpen(dir) && isFree(site, dir);
  const below = basename(rootPath) === cluster.namespace ? rootPath : join(rootPath, cluster.namespace);
  if (isNew(below)) return below;
  // The owner's folder of that name stays what it is; where the root lists each app's, those of these stand among them.
  if (isListed && hasAppFolders(site, rootPath)) return rootPath;
  let likeCluster: string | undefined;
  for (let dir = dirname(rootPath); isWithin(dir, cluster.artifactRoot); dir = dirname(dir)) {
    // Below a root that walks, only the kustomization of the old install could hide the folder, and that one goes.
    if (isWithin(dir, rootPath) && !findKustomization(tree, rootPath)) return likeCluster;
    const folder = join(dir, cluster.namespace, isOwn(site, dir) ? "" : cluster.name);
    if (isFree(site, folder)) {
      if (!holdsClusters(site, dir)) return folder;
      likeCluster ??= folder;
    }
    if (dir === "") break;
  }
  if (likeCluster !== undefined) return likeCluster;
  const inside = wallIn(rootPath, cluster);
  return isNew(inside) ? inside : undefined;
}

/** Whether what a root lists are folders, one an app, among which two more read like the others. */
function hasAppFolders(site: Site, rootPath: string): boolean {
  const { tree, cluster, clusters } = site;
  const own = kustomizationOf(tree, rootPath);
  const listed = itemsOf(own?.data.resources).map((item) => join(rootPath, String(item)));
  const isShared = clusters.some((other) => other !== cluster && own !== undefined && other.files.has(own.path));
  const isOpen = (name: string) => !tree.isDir(join(rootPath, name)) && isFree(site, join(rootPath, name));
  const folders = listed.filter((dir) => tree.isDir(dir) && dirname(dir) === rootPath);
  return (
    folders.length > 1 &&
    folders.length === listed.length &&
    !isShared &&
    isOpen("flux-operator") &&
    isOpen("flux-instance")
  );
}

/** Whether a folder of this cluster alone brings the sync from a base that clusters share. */
function overlaysSync({ tree, cluster, clusters }: Site, dir: string): boolean {
  const path = kustomizationOf(tree, dir)?.path;
  const readers = clusters.filter(({ files }) => path !== undefined && files.has(path));
  return readers.length === 1 && readers[0] === cluster && reach(tree, dir).resources.includes(cluster.root.file);
}

/** Whether no other cluster starts in a folder, so that what lies there needs no name of a cluster. */
function isOwn({ cluster, clusters }: Site, dir: string): boolean {
  const startsIn = ({ root, artifactRoot }: Cluster) =>
    isWithin(repositoryPath(root.data.spec, artifactRoot) ?? dir, dir);
  return !clusters.some((other) => other !== cluster && startsIn(other));
}

/** Whether no FluxKustomization builds a folder by walking, and the source keeps it. */
export function isFree({ tree, cluster, clusters }: Site, folder: string): boolean {
  return !clusters.some((each) => isBuilt(tree, each, folder)) && !isIgnored(tree, cluster, folder);
}

/** Whether the folders below are one a cluster: `clusters/flux-system` would read like one more. */
function holdsClusters({ cluster, clusters }: Site, dir: string): boolean {
  const roots = clusters.flatMap(({ root, artifactRoot }) => repositoryPath(root.data.spec, artifactRoot) ?? []);
  const start = dir === "" ? 0 : dir.length + 1;
  const inside = roots.filter((path) => path !== dir && isWithin(path, dir));
  // `clusters/dev` and `clusters/prod` are one folder of the top, not two.
  const below = new Set(inside.map((path) => path.slice(start).split("/")[0]));
  // Of `cluster/flux`, `cluster/apps` and `cluster/core` none is a cluster.
  const isOneCluster = partsBeside(cluster, dir) > 1;
  return (
    below.size > 1 ||
    (below.size > 0 && !isOneCluster && /^(?:clusters?|environments?|envs?|stages?)$/i.test(basename(dir)))
  );
}

/** How many of the folders right below are what a cluster delivers, its root apart. */
function partsBeside({ local: [, ...children], artifactRoot }: Cluster, dir: string): number {
  const paths = children.map((item) => repositoryPath(readableSpec(item), artifactRoot));
  return new Set(paths.filter((path) => path !== undefined && path !== "" && dirname(path) === dir)).size;
}

function isBuilt(tree: Tree, cluster: Cluster, folder: string): boolean {
  return cluster.local.some((item) => isWalkedBy(tree, cluster, item, folder));
}

/** Whether a FluxKustomization would find the files of a folder by walking. */
function isWalkedBy(tree: Tree, { artifactRoot }: Cluster, { effective }: DeliveredFluxObject, folder: string) {
  const path = repositoryPath(readable(effective).spec, artifactRoot);
  if (path === undefined || !tree.isDir(path) || !isWithin(folder, path)) return false;
  for (let dir = folder; isWithin(dir, path); dir = dirname(dir)) {
    if (findKustomization(tree, dir)) return false;
    if (dir === path || dir === "") return true;
  }
  return true;
}

/** Whether the source leaves the folder out of its artifact. */
function isIgnored(tree: Tree, cluster: Cluster, folder: string): boolean {
  return isLeftOut(tree, cluster, join(folder, "flux-instance", "kustomization.yaml"));
}

/** Whether the source leaves a file out of its artifact. */
export function isLeftOut(tree: Tree, { artifactRoot, runningSource }: Cluster, file: string): boolean {
  const { ignore, sparse } = selectionOf(runningSource);
  // What only begins with the letters of a listed folder is fetched today; nothing new is to rest on that.
  const inside = sparse.map((listed) => (listed === "" ? "" : `${cutEnd(listed, "/")}/`));
  const keeps = readKeeps(tree, { ignore, sparse: inside }, artifactRoot);
  return !keeps(file);
}

/**
 * A folder of its own beside the one of the sync, where the root alone walks: with a kustomization in it, it hides what
 * lies below from that walk. Undefined where another cluster would walk it too and get this one's apps, where a child
 * walks it and may move them or act for a tenant, where the source leaves it out, or where it holds something else.
 */
export function findWalledFolder({ tree, cluster, clusters }: Site, rootPath: string): string | undefined {
  const beside = dirname(dirname(cluster.root.file));
  const parents = [...new Set([beside, rootPath])].filter((dir) => isWithin(dir, rootPath));
  const isUsable = (parent: string) => {
    const dir = wallIn(parent, cluster);
    const walkers = clusters.flatMap((each) => each.local.filter((item) => isWalkedBy(tree, each, item, parent)));
    const isOnlyRoot = walkers.length === 1 && walkers[0] === cluster.local[0];
    const isOurs = !tree.isDir(dir) || tree.isDir(join(dir, "flux-operator"));
    return isOnlyRoot && isOurs && !isIgnored(tree, cluster, dir);
  };
  const parent = parents.find(isUsable);
  return parent === undefined ? undefined : wallIn(parent, cluster);
}

function wallIn(parent: string, { namespace }: Cluster): string {
  return join(parent, `${namespace}-apps`);
}
