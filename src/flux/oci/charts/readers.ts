import type { TransformContext } from "../../../engine/transform.ts";
import { buildObject } from "../../build-object.ts";
import { buildFilesOf, repositoryPath } from "../../graph.ts";
import type { Cluster, DeliveredFluxObject, KubeObject, YamlData } from "../../types.ts";

/** An object as one FluxKustomization of one cluster applies it. */
export interface Reading {
  cluster: Cluster;
  namespace: string;
  name: string;
  body: YamlData;
}

const known = new WeakMap<Cluster, Map<string, DeliveredFluxObject[]>>();

/**
 * An object as every FluxKustomization of every cluster applies it: a base is often built by several, each with patches of
 * its own. Undefined when one of the builds cannot be followed here.
 */
export function readingsOf({ model }: Pick<TransformContext, "model">, object: KubeObject): Reading[] | undefined {
  const readings: Reading[] = [];
  for (const cluster of model.clusters) {
    for (const parent of parentsOf(model.tree, cluster, object.file)) {
      const spec = parent.effective?.spec ?? {};
      const dir = repositoryPath(spec, cluster.artifactRoot);
      if (dir === undefined) return undefined;
      const built = buildObject(model.tree, { ...spec, postBuild: undefined }, dir, object);
      if (!built || built.uncertain) return undefined;
      readings.push({ cluster, namespace: built.namespace, name: built.name, body: built.body });
    }
  }
  return readings;
}

function parentsOf(tree: TransformContext["tree"], cluster: Cluster, file: string): DeliveredFluxObject[] {
  if (!cluster.files.has(file)) return [];
  let byFile = known.get(cluster);
  if (!byFile) {
    byFile = new Map();
    for (const parent of cluster.local) {
      for (const path of buildFilesOf(tree, parent.effective?.spec, cluster.artifactRoot).resources) {
        const list = byFile.get(path);
        if (list) list.push(parent);
        else byFile.set(path, [parent]);
      }
    }
    known.set(cluster, byFile);
  }
  return byFile.get(file) ?? [];
}
