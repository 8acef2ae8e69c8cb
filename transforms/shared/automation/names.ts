import type { Cluster } from "../../../src/cluster/types.ts";

/** Names that move when the FluxInstance takes over the source and the root. */
export interface NameChange {
  /** `GitRepository`, `OCIRepository` or `Bucket`. */
  sourceKind: string;
  source: { from: string; to: string };
  root: { from: string; to: string };
}

/**
 * How source and root are called before and after; undefined when no FluxInstance of the cluster generates them
 * (`--sync keep`, or nothing installed yet). An unset `sync.name` means the namespace, and a chart writes no sync at
 * all without a url (flux-facts 1.5, 5.4).
 */
export function sourceNamesOf(cluster: Cluster): NameChange | undefined {
  const instance = cluster.instances.find(({ spec }) => typeof spec?.sync?.url === "string" && spec.sync.url !== "");
  if (!instance) return undefined;
  const sync = instance.spec.sync;
  const to = typeof sync.name === "string" && sync.name !== "" ? sync.name : cluster.namespace;
  return {
    sourceKind: typeof sync.kind === "string" ? sync.kind : (cluster.source?.kind ?? "GitRepository"),
    source: { from: cluster.source?.name ?? to, to },
    root: { from: cluster.root.name, to },
  };
}
