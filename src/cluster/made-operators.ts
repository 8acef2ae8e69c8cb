import { bodyOf, type KubeObject } from "../contract/objects.ts";
import { makeObjects } from "../delivery/resource-set/build.ts";
import { readInputs } from "../delivery/resource-set/inputs.ts";
import { findOperators } from "./instances.ts";
import { toObject } from "./objects.ts";
import type { Cluster } from "./types.ts";

export interface MadeOperator {
  set: KubeObject;
  release: KubeObject;
}

/** Releases of the operator that a ResourceSet of the cluster makes; what cannot be evaluated makes none. */
export function findMadeOperators(all: readonly KubeObject[], cluster: Cluster): MadeOperator[] {
  return all.flatMap((set) => {
    if (set.kind !== "ResourceSet" || !set.apiVersion.startsWith("fluxcd.controlplane.io/")) return [];
    if (!cluster.manifests.has(set.file)) return [];
    const data = bodyOf(set);
    const inputs = readInputs({ ...set, data }, () => []);
    const made = inputs.ok ? makeObjects(data.spec, inputs.sets) : inputs;
    const objects = made.ok ? made.objects.flatMap(({ body }) => toObject(set.file, set.doc, body) ?? []) : [];
    return findOperators(objects).map((release) => ({ set, release }));
  });
}
