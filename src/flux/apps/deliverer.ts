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
