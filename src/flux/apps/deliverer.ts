import type { Tree } from "../../workspace/tree.ts";
import { filesOf, keyOf, repositoryPath } from "../graph.ts";
import { dirname, isWithin } from "../paths.ts";
import type { Cluster, DeliveredFluxObject } from "../types.ts";

/** The FluxKustomization of a cluster that applies a file; undefined for files that nothing delivers. */
export function findDeliverer(
  tree: Tree,
  { kustomizations, files, artifactRoot }: Pick<Cluster, "kustomizations" | "files" | "artifactRoot">,
  file: string,
): DeliveredFluxObject | undefined {
  if (!files.has(file)) return undefined;
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

/**
 * FluxKustomizations that have to be applied before the one that delivers `file`: it and those above it, and what they
 * depend on. One of them that waited for it in turn would wait for ever on an empty cluster.
 * @returns their names; the Flux namespace is the only one looked at.
 */
export function listForerunners(tree: Tree, cluster: Cluster, file: string): Set<string> {
  const deliverer = findDeliverer(tree, cluster, file);
  const names = new Set<string>();
  const todo = deliverer ? chainOf(deliverer) : [];
  for (let item = todo.shift(); item; item = todo.shift()) {
    if (names.has(item.object.name)) continue;
    names.add(item.object.name);
    const waits: { name?: unknown }[] = item.effective?.spec?.dependsOn ?? [];
    for (const { name } of Array.isArray(waits) ? waits : []) {
      const other = cluster.kustomizations.find(({ object }) => object.name === name);
      if (other) todo.push(...chainOf(other));
    }
  }
  return names;
}
