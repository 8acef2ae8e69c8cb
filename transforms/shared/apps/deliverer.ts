import { filesOf, keyOf, repositoryPath } from "../../../src/cluster/graph.ts";
import { instanceOf, syncNameOf } from "../../../src/cluster/instances.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { type DeliveredFluxObject, readableSpec, type YamlData } from "../../../src/contract/objects.ts";
import { dirname, isWithin } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";

/** The FluxKustomization of a cluster that applies a file; undefined for files that nothing delivers. */
export function findDeliverer(tree: Tree, cluster: Cluster, file: string): DeliveredFluxObject | undefined {
  const { files, artifactRoot } = cluster;
  if (!files.has(file)) return undefined;
  const kustomizations = cluster.kustomizations.filter((item) => readsThis(cluster, readableSpec(item)));
  const around = (item: DeliveredFluxObject) => {
    const path = repositoryPath(readableSpec(item), artifactRoot);
    return path !== undefined && isWithin(dirname(file), path);
  };
  const builds = (item: DeliveredFluxObject) => filesOf(tree, readableSpec(item), artifactRoot).includes(file);
  // Builds are walked only where the path makes them likely; a file reached through `../` costs the second pass.
  return (
    kustomizations.find((item) => around(item) && builds(item)) ??
    kustomizations.find((item) => !around(item) && builds(item))
  );
}

/** Whether a FluxKustomization reads this repository: `path: ./` of the flux-manifests artifact is no folder of it. */
function readsThis(cluster: Cluster, spec: YamlData): boolean {
  const instance = instanceOf(cluster);
  const names = [cluster.root.data?.spec?.sourceRef?.name, cluster.source?.name];
  if (instance) names.push(syncNameOf(instance, cluster.namespace));
  return names.includes(spec?.sourceRef?.name);
}

/** A FluxKustomization and those above it, up to the root. */
export function chainOf(item: DeliveredFluxObject): DeliveredFluxObject[] {
  const chain: DeliveredFluxObject[] = [];
  const seen = new Set<string>();
  for (let at: DeliveredFluxObject | undefined = item; at && !seen.has(keyOf(at.object)); at = at.parent) {
    seen.add(keyOf(at.object));
    chain.push(at);
  }
  return chain;
}

/** The FluxKustomization that will deliver the generated ones. */
export function parentOfApps(cluster: Cluster): DeliveredFluxObject {
  return cluster.layout.parent ?? cluster.kustomizations[0]!;
}
