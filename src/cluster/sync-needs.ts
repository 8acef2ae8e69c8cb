import { itemsOf, readableSpec } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";
import { actsForTenant } from "./graph.ts";
import type { Cluster } from "./types.ts";

/** What must be in the cluster before Flux starts, or its root can be built and applied. Never the contents of a Secret. */
export interface SyncNeed {
  kind: "Secret" | "ConfigMap" | "ServiceAccount" | "PersistentVolumeClaim";
  name: string;
  namespace: string;
  purpose: "fetch" | "trust" | "proxy" | "verify" | "decrypt" | "substitute" | "pull" | "start" | "apply";
  optional: boolean;
}

/** What source and root name: credentials, an account, keys, and what `postBuild` substitutes from (flux-facts 2.9). */
export function listSyncNeeds(cluster: Cluster): SyncNeed[] {
  const namespace = cluster.root.namespace || cluster.namespace;
  const needs: SyncNeed[] = [];
  const add = (kind: SyncNeed["kind"], name: unknown, purpose: SyncNeed["purpose"], optional = false) => {
    if (typeof name === "string" && !needs.some((need) => need.kind === kind && need.name === name)) {
      needs.push({ kind, name, namespace, purpose, optional });
    }
  };
  // As patches beside the files of the sync leave it: `flux bootstrap` users add the decryption so.
  const running = cluster.kustomizations.find(({ object }) => object === cluster.root);
  const spec = readableSpec(running) ?? cluster.root.data.spec;
  const source = cluster.runningSource?.data.spec;
  add("Secret", source?.secretRef?.name, "fetch");
  add("Secret", source?.certSecretRef?.name, "trust");
  add("Secret", source?.proxySecretRef?.name, "proxy");
  const keys = isMap(source?.verify) && source.verify.secretRef;
  add("Secret", isMap(keys) && keys.name, "verify");
  if (actsForTenant(spec)) add("ServiceAccount", spec?.serviceAccountName, "apply");
  add("Secret", spec?.decryption?.secretRef?.name, "decrypt");
  for (const entry of itemsOf(spec?.postBuild?.substituteFrom)) {
    if (entry.kind !== "Secret" && entry.kind !== "ConfigMap") continue;
    add(entry.kind, entry.name, "substitute", entry.optional === true);
  }
  return needs;
}

/** Secrets with the keys that FluxKustomizations below the root decrypt with, beside those that the sync needs itself. */
export function listKeyNeeds(cluster: Cluster): SyncNeed[] {
  const known = new Set(listSyncNeeds(cluster).map(({ namespace, name }) => `${namespace}/${name}`));
  return cluster.kustomizations.flatMap((one) => {
    const name = readableSpec(one)?.decryption?.secretRef?.name;
    const namespace = one.namespace || cluster.namespace;
    if (typeof name !== "string" || known.has(`${namespace}/${name}`)) return [];
    known.add(`${namespace}/${name}`);
    return [{ kind: "Secret", name, namespace, purpose: "decrypt", optional: false }];
  });
}
