import { repositoryIdentity } from "../contract/address.ts";
import { getOrMake } from "../contract/group-by.ts";
import { type KubeObject, readableSpec } from "../contract/objects.ts";
import { dirname } from "../delivery/paths.ts";
import { repositoryPath } from "./graph.ts";
import { type indexSources, sourceRefOf } from "./sources.ts";
import type { Cluster, InstanceDescription } from "./types.ts";

/**
 * Tells the cluster beside whose folder another one lies that nothing builds, as two folders of clusters mostly do. A folder
 * that a cluster builds from another branch of this repository is part of that cluster.
 */
export function findSisters(
  clusters: readonly Cluster[],
  instances: readonly InstanceDescription[],
  find: ReturnType<typeof indexSources>,
) {
  const folders = clusters.map((cluster) => ({
    cluster,
    folder: repositoryPath(cluster.root.data.spec, cluster.artifactRoot) ?? "",
  }));
  const synced = instances.map(({ spec }) => (spec.sync ? repositoryPath(spec.sync, "") : undefined));
  const branched = clusters.flatMap(({ kustomizations, artifactRoot, runningSource }) =>
    kustomizations.flatMap((item) => {
      const spec = readableSpec(item);
      const ref = sourceRefOf(spec, item.namespace);
      const source = ref && find(ref, item.object.file);
      return source && isOfUrl(source, runningSource) ? [repositoryPath(spec, artifactRoot)] : [];
    }),
  );
  const beside = new Map<string, Cluster>();
  for (const { cluster, folder } of folders) getOrMake(beside, dirname(folder), () => cluster);
  const built = new Set([...folders.map(({ folder }) => folder), ...synced, ...branched]);
  return (dir: string) => (dir === "" || built.has(dir) ? undefined : beside.get(dirname(dir)));
}

function isOfUrl(source: KubeObject, other: KubeObject | undefined): boolean {
  const [one, two] = [source, other].map((object) => object?.data.spec?.url);
  return typeof one === "string" && typeof two === "string" && repositoryIdentity(one) === repositoryIdentity(two);
}
