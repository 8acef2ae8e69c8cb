import { splitKey } from "./key.ts";
import type { ObjectKey } from "./types.ts";

/** Objects without which Flux, and with it everything it manages, stops or goes. */
export function isFluxCore(key: ObjectKey): boolean {
  const { group, kind, name, remote } = splitKey(key);
  if (remote !== "") return false;
  if (kind === "Deployment") return /^(kustomize|source|helm)-controller$/.test(name);
  if (kind === "CustomResourceDefinition") return /\.(kustomize|source|helm)\.toolkit\.fluxcd\.io$/.test(name);
  return group === "fluxcd.controlplane.io" && kind === "FluxInstance";
}

/** What deleting an object of this kind takes along, in words; undefined when nothing but itself. */
export function sayLoss(key: ObjectKey): string | undefined {
  const { group, kind } = splitKey(key);
  if (isFluxCore(key)) return "Flux itself, and with it everything that Flux manages";
  if (kind === "Namespace" && group === "") return "everything in the namespace";
  if (kind === "CustomResourceDefinition") return "every object of that kind";
  if (kind === "PersistentVolumeClaim" || kind === "PersistentVolume") return "the data on it";
  if (kind === "HelmRelease") return "the Helm release is uninstalled, whatever the labels say";
  if (kind === "Kustomization") return "its whole inventory";
  if (isResourceSet(key)) return "everything it generated";
  if (kind === "StatefulSet") return "its pods; claims made from its templates may stay";
  return undefined;
}

/** The operator collects what a ResourceSet generated once it is gone. */
function isResourceSet(key: ObjectKey): boolean {
  const { group, kind } = splitKey(key);
  return group === "fluxcd.controlplane.io" && kind === "ResourceSet";
}

/** Rank of losing the object: the higher, the worse. 0 for what can simply be applied again. */
export function dangerOf(key: ObjectKey): number {
  const { group, kind } = splitKey(key);
  if (isFluxCore(key)) return 9;
  if (kind === "Namespace" && group === "") return 8;
  if (kind === "PersistentVolumeClaim" || kind === "PersistentVolume") return 7;
  if (kind === "CustomResourceDefinition") return 6;
  if (kind === "Kustomization" || kind === "HelmRelease" || isResourceSet(key)) return 5;
  if (kind === "StatefulSet" || /Cluster$|^Cephfs|^Postgres|^Volume/.test(kind)) return 4;
  if (/^(Deployment|DaemonSet|CronJob|Job|Service|Ingress|HTTPRoute)$/.test(kind)) return 3;
  if (/^(Secret|ServiceAccount|Role|RoleBinding|ClusterRole|ClusterRoleBinding)$/.test(kind)) return 2;
  return 1;
}
