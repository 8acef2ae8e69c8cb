import { bodyOf, type KubeObject } from "../contract/objects.ts";
import { isResourceSet } from "../delivery/kinds.ts";
import { makeObjects } from "../delivery/resource-set/build.ts";
import { readInputs } from "../delivery/resource-set/inputs.ts";
import { findOperators } from "./instances.ts";
import { toObject } from "./objects.ts";
import type { Cluster } from "./types.ts";

/** What a ResourceSet makes, as documents of its file; what cannot be evaluated makes none. */
export function listMadeBy(set: KubeObject, listProviders: Parameters<typeof readInputs>[1]): KubeObject[] {
  const data = bodyOf(set);
  const inputs = readInputs({ ...set, data }, listProviders);
  const made = inputs.ok ? makeObjects(data.spec, inputs.sets) : inputs;
  return made.ok ? made.objects.flatMap(({ body }) => toObject(set.file, set.doc, body) ?? []) : [];
}

export interface MadeOperator {
  set: KubeObject;
  release: KubeObject;
}

/** Releases of the operator that a ResourceSet of the cluster makes, as far as no provider has to be asked for inputs. */
export function findMadeOperators(all: readonly KubeObject[], cluster: Cluster): MadeOperator[] {
  const sets = all.filter((object) => isResourceSet(object) && cluster.manifests.has(object.file));
  return sets.flatMap((set) => findOperators(listMadeBy(set, () => [])).map((release) => ({ set, release })));
}
