import { getOrMake, indexBy } from "../contract/group-by.ts";
import { dirname, sharedSegments } from "../delivery/paths.ts";
import { isArchived } from "./automation-files.ts";
import { repositoryPath } from "./graph.ts";
import type { Cluster, Install, RepoModel } from "./types.ts";

/** Folders that are the cluster's: where its root stands, what the root builds, where it is bootstrapped. */
function homesOf(cluster: Cluster): string[] {
  const built = repositoryPath(cluster.root.data.spec, cluster.artifactRoot);
  return [
    dirname(cluster.root.file),
    ...(built === undefined ? [] : [built]),
    ...(cluster.layout.appsDir === undefined ? [] : [cluster.layout.appsDir]),
    ...cluster.bootstraps.flatMap(({ dir }) => (dir === undefined ? [] : [dir])),
  ];
}

/** Whether a cluster has a file applied, to itself or to another one through a kubeconfig. */
export function appliesFile({ files, elsewhere }: Pick<Cluster, "files" | "elsewhere">, path: string): boolean {
  return files.has(path) || elsewhere.has(path);
}

/** Whether what goes through a kubeconfig goes to a cluster that is known here: then its root comes along. */
export function bringsRoot({ files }: Cluster["remotes"][number], clusters: readonly Cluster[]): boolean {
  return clusters.some(({ root }) => files.has(root.file));
}

type Places = Pick<RepoModel, "clusters" | "leftOut">;

const known = new WeakMap<readonly Cluster[], ReadonlyMap<string, Cluster[]>>();

/** The clusters that read a file. @param clusters all of a model that is complete: who reads what is listed once for them */
export function readersOf(path: string, clusters: readonly Cluster[]): readonly Cluster[] {
  const index = getOrMake(known, clusters, () => indexBy(clusters, ({ files }) => files));
  return index.get(path) ?? [];
}

/**
 * Whose file it is: of all clusters that read it, else of those whose folders are nearest to it. Nobody's, where a place
 * that is no recognised cluster is nearer: an archived copy keeps its bootstrap. What is near to none is everybody's, and
 * what lies beside a root that is written once more is that cluster's.
 */
export function ownersOf(path: string, places: Places): readonly Cluster[] {
  const { clusters, leftOut } = places;
  const readers = readersOf(path, clusters);
  if (readers.length > 0) return readers;
  const beside = leftOut.filter(({ object }) => dirname(object.file) === dirname(path));
  const copied = clusters.filter(({ name }) => beside.some(({ copyOf }) => copyOf === name));
  return copied.length > 0 ? copied : nearestTo(dirname(path), places).clusters;
}

/** The clusters whose folders are nearest to one, and how many segments of its path they share. */
function nearestTo(dir: string, { clusters, leftOut }: Places): { clusters: Cluster[]; shared: number } {
  const scores = clusters.map((cluster) => Math.max(...homesOf(cluster).map((home) => sharedSegments(home, dir))));
  const shared = Math.max(0, ...scores);
  const isStrange = leftOut.some(({ object }) => sharedSegments(dirname(object.file), dir) > shared);
  return { clusters: isStrange ? [] : clusters.filter((_, index) => scores[index] === shared), shared };
}

/**
 * Which cluster a by-hand bootstrap belongs to: the one whose folders lie nearest in the tree. A tie means it could be
 * any of them, so all of them compare themselves with it. One that is near to none of several is a stray.
 */
export function assignBootstraps(model: RepoModel, bootstraps: readonly Install[]): void {
  const owners = bootstraps.map(({ dir = "" }) => nearestTo(dir, model));
  for (const [index, bootstrap] of bootstraps.entries()) {
    const { clusters, shared } = owners[index]!;
    // Nothing shared says nothing: an archived bootstrap must not be charged to clusters it never belonged to.
    if (shared === 0 && model.clusters.length > 1) {
      if (clusters.length > 0 && !isArchived(bootstrap.at.file)) model.strays.push(bootstrap);
      continue;
    }
    for (const cluster of clusters) cluster.bootstraps.push(bootstrap);
  }
}

type Bootstrapped = Pick<RepoModel, "clusters" | "strays">;

/** Gives each cluster the installs applied by hand that were its own before; strays stay strays. */
export function keepBootstraps(model: Bootstrapped, settled: Bootstrapped, bootstraps: readonly Install[]): void {
  const stillThere = (own: readonly Install[] = []) => {
    const files = new Set(own.map(({ at }) => at.file));
    return bootstraps.filter(({ at }) => files.has(at.file));
  };
  for (const cluster of model.clusters)
    cluster.bootstraps = stillThere(settled.clusters.find(({ name }) => name === cluster.name)?.bootstraps);
  model.strays = stillThere(settled.strays);
}
