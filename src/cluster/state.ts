import type { SyncStrategy } from "../contract/options.ts";
import type { ClusterState } from "../contract/plan.ts";
import type { Cluster, InstanceDescription } from "./types.ts";

/** The instance that counts: the delivered one, else one that lies undelivered where it was being prepared. */
export function instanceOf(cluster: Cluster): InstanceDescription | undefined {
  return cluster.instances[0];
}

/** Name of the source and root that a FluxInstance generates (flux-facts 1.5); undefined without `sync`. */
export function syncNameOf(instance: InstanceDescription, namespace: string): string | undefined {
  const sync = instance.spec?.sync;
  return sync?.url ? String(sync.name || namespace) : undefined;
}

/**
 * The strategy that the tree itself already follows. Later phases go by this and not by the flag, so that a cutover
 * can never mix two strategies.
 */
export function strategyInTree(cluster: Cluster): SyncStrategy | undefined {
  const instance = instanceOf(cluster);
  if (!instance) return undefined;
  const name = syncNameOf(instance, cluster.namespace);
  if (name === undefined) return "keep";
  return cluster.rootFrom === "instance" || name === cluster.root.name ? "adopt" : "rename";
}

/** Where a cluster stands, judged from the tree alone; `installed` still has to be checked for completeness. */
export function stateOf(cluster: Cluster): ClusterState {
  if (cluster.rootFrom === "instance") return "done";
  if (cluster.instances.length === 0) return cluster.operators.length > 0 ? "partly-installed" : "not-started";
  if (cluster.install) return "installed";
  return strategyInTree(cluster) === "keep" ? "done" : "cut-over";
}
