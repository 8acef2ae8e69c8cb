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

/**
 * The inventory id of an object: no version, and no namespace for kinds known to be cluster-scoped.
 * @param remote the cluster it is applied to where that is not the one Flux runs in, as `spec.kubeConfig` says
 */
export function keyOfObject(
  object: { apiVersion: string; kind: string; namespace: string; name: string },
  remote = "",
): ObjectKey {
  const group = groupOf(object.apiVersion);
  const scoped = CLUSTER_SCOPED.has(`${group}|${object.kind}`);
  const key = `${group}|${object.kind}|${scoped ? "" : object.namespace || "default"}|${object.name}`;
  return remote === "" ? key : `${key}|@${remote}`;
}

export function fluxKey(namespace: string, name: string): ObjectKey {
  return `kustomize.toolkit.fluxcd.io|Kustomization|${namespace || "default"}|${name}`;
}

export interface KeyParts {
  group: string;
  kind: string;
  namespace: string;
  name: string;
  /** `''` in the cluster that Flux runs in. */
  remote: string;
}

/** `group|kind|namespace|name` taken apart. */
export function splitKey(key: ObjectKey): KeyParts {
  const at = key.lastIndexOf("|@");
  const [group = "", kind = "", namespace = "", ...name] = (at < 0 ? key : key.slice(0, at)).split("|");
  return { group, kind, namespace, name: name.join("|"), remote: at < 0 ? "" : key.slice(at + 2) };
}

/** `Kind namespace/name`, as findings name objects. */
export function printKey(key: ObjectKey): string {
  const { kind, namespace, name, remote } = splitKey(key);
  const place = remote === "" ? "" : ` in the cluster of ${remote}`;
  return `${namespace === "" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`}${place}`;
}

/** What reports call the owner of an object. */
export const OPERATOR = "flux-operator";

export function ownerName(key: ObjectKey): string {
  const { namespace, name } = splitKey(key);
  return `${namespace}/${name}`;
}
