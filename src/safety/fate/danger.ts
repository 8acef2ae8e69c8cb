import { groupKindOf, type ObjectKey, splitKey } from "../../admission/key.ts";
import { DEFAULTS } from "../../change/settings.ts";

/** Objects without which Flux, and with it everything it manages, stops or goes. */
export function isFluxCore(key: ObjectKey): boolean {
  const { group, kind, name, remote } = splitKey(key);
  if (remote !== "") return false;
  if (kind === "Deployment") return /^(kustomize|source|helm)-controller$/.test(name);
  if (kind === "CustomResourceDefinition") return /\.(kustomize|source|helm)\.toolkit\.fluxcd\.io$/.test(name);
  return group === "fluxcd.controlplane.io" && kind === "FluxInstance";
}

/** What the loss of an object means, by `group|Kind`: its rank, and what it takes along. The first that fits counts. */
const LOSSES: readonly [RegExp, rank: number, takes?: string][] = [
  [/^\|Namespace$/, 8, "everything in the namespace"],
  [/\|CustomResourceDefinition$/, 6, "every object of that kind"],
  [/\|HelmRelease$/, 5, "the Helm release is uninstalled, whatever the labels say"],
  [/\|Kustomization$/, 5, "its whole inventory"],
  // The operator collects what a ResourceSet generated once it is gone.
  [/^fluxcd\.controlplane\.io\|ResourceSet$/, 5, "everything it generated"],
  [/\|StatefulSet$/, 4, "its pods; claims made from its templates may stay"],
  // Likely to hold data, and not known to.
  [/(Cluster|Database|DB)$/, 4],
  [/\|(Deployment|DaemonSet|CronJob|Job|Service|Ingress|HTTPRoute)$/, 3],
  [/\|(Secret|ServiceAccount|Role|RoleBinding|ClusterRole|ClusterRoleBinding)$/, 2],
];

const DATA = 7;

/** Rank of losing an object (the higher, the worse; 1 for what can simply be applied again) and what goes with it. */
export function judgeLoss(key: ObjectKey, dataOf = DEFAULTS.dataOf): { rank: number; takes?: string | undefined } {
  if (isFluxCore(key)) return { rank: 9, takes: "Flux itself, and with it everything that Flux manages" };
  const data = dataOf(key);
  if (data !== undefined) return { rank: DATA, takes: data };
  const [, rank = 1, takes] = LOSSES.find(([kinds]) => kinds.test(groupKindOf(key))) ?? [];
  return { rank, takes };
}
