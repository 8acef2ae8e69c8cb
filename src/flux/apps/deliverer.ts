import type { Tree } from "../../workspace/tree.ts";
import { filesOf, keyOf, repositoryPath } from "../graph.ts";
import { dirname, isWithin } from "../paths.ts";
import { instanceOf, syncNameOf } from "../state.ts";
import type { Cluster, DeliveredFluxObject, YamlData } from "../types.ts";

/** The FluxKustomization of a cluster that applies a file; undefined for files that nothing delivers. */
export function findDeliverer(tree: Tree, cluster: Cluster, file: string): DeliveredFluxObject | undefined {
  const { files, artifactRoot } = cluster;
  if (!files.has(file)) return undefined;
  const kustomizations = cluster.kustomizations.filter(({ effective }) => readsThis(cluster, effective));
  const around = (item: DeliveredFluxObject) => {
    const path = repositoryPath(item.effective?.spec, artifactRoot);
    return path !== undefined && isWithin(dirname(file), path);
  };
  const builds = ({ effective }: DeliveredFluxObject) => filesOf(tree, effective?.spec, artifactRoot).includes(file);
  // Builds are walked only where the path makes them likely; a file reached through `../` costs the second pass.
  return (
    kustomizations.find((item) => around(item) && builds(item)) ??
    kustomizations.find((item) => !around(item) && builds(item))
  );
}

/** Whether a FluxKustomization reads this repository: `path: ./` of the flux-manifests artifact is no folder of it. */
function readsThis(cluster: Cluster, effective: YamlData): boolean {
  const instance = instanceOf(cluster);
  const names = [cluster.root.data?.spec?.sourceRef?.name, cluster.source?.name];
  if (instance) names.push(syncNameOf(instance, cluster.namespace));
  return names.includes(effective?.spec?.sourceRef?.name);
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
