import type { Agreed } from "../../transforms/contract.ts";
import { prepareApps } from "../../transforms/shared/apps/prepare.ts";
import { settleTarget } from "../../transforms/shared/oci/target.ts";
import { isChosen } from "../cluster/clusters.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import { getOrMake } from "../contract/group-by.ts";
import type { Options } from "../contract/options.ts";

/**
 * What the transforms of one phase agree on: each answer is worked out when it is first asked for, so that a phase which
 * needs none pays for none, and lives as long as the returned object.
 * @param model of the tree as the phase began
 * @param optionsOf what holds for a cluster
 */
export function agreeOn(model: RepoModel, optionsOf: (cluster: Cluster) => Options): Agreed {
  return {
    takesPart: (cluster) => isChosen(cluster, optionsOf(cluster)),
    apps: once((cluster) => prepareApps(model, cluster, optionsOf(cluster))),
    target: once((cluster) => settleTarget(model.tree, cluster, optionsOf(cluster))),
  };
}

function once<T>(answer: (cluster: Cluster) => T): (cluster: Cluster) => T {
  const known = new Map<Cluster, { answer: T }>();
  return (cluster) => getOrMake(known, cluster, () => ({ answer: answer(cluster) })).answer;
}
