import { groupOf } from "../kinds.ts";
import type { ObjectKey } from "./types.ts";

const CLUSTER_SCOPED = new Set([
  ...["|Namespace", "|PersistentVolume", "|Node"],
  ...["rbac.authorization.k8s.io|ClusterRole", "rbac.authorization.k8s.io|ClusterRoleBinding"],
  ...["apiextensions.k8s.io|CustomResourceDefinition", "storage.k8s.io|StorageClass", "storage.k8s.io|CSIDriver"],
  ...["scheduling.k8s.io|PriorityClass", "networking.k8s.io|IngressClass", "apiregistration.k8s.io|APIService"],
  "admissionregistration.k8s.io|MutatingWebhookConfiguration",
  "admissionregistration.k8s.io|ValidatingWebhookConfiguration",
]);

/** The inventory id of an object: no version, and no namespace for kinds known to be cluster-scoped. */
export function keyOfObject(object: { apiVersion: string; kind: string; namespace: string; name: string }): ObjectKey {
  const group = groupOf(object.apiVersion);
  const scoped = CLUSTER_SCOPED.has(`${group}|${object.kind}`);
  return `${group}|${object.kind}|${scoped ? "" : object.namespace || "default"}|${object.name}`;
}

export function fluxKey(namespace: string, name: string): ObjectKey {
  return `kustomize.toolkit.fluxcd.io|Kustomization|${namespace || "default"}|${name}`;
}

/** `group|kind|namespace|name` taken apart. */
export function splitKey(key: ObjectKey): { group: string; kind: string; namespace: string; name: string } {
  const [group = "", kind = "", namespace = "", ...name] = key.split("|");
  return { group, kind, namespace, name: name.join("|") };
}

/** `Kind namespace/name`, as findings name objects. */
export function printKey(key: ObjectKey): string {
  const { kind, namespace, name } = splitKey(key);
  return namespace === "" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`;
}

/** What reports call the owner of an object. */
export const OPERATOR = "flux-operator";

export function ownerName(key: ObjectKey): string {
  const { namespace, name } = splitKey(key);
  return `${namespace}/${name}`;
}
