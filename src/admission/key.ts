import { groupOf, isFluxGroup } from "../delivery/kinds.ts";

/** `group|kind|namespace|name`: the id kustomize-controller keeps in its inventory, without version (flux-facts 2.4 item 1). */
export type ObjectKey = string;

/**
 * By group. Custom kinds are here because kustomize gives them the namespace of what they lie in, and the API server takes
 * it off again: the inventory is made from its answer (fluxcd/pkg ssa, ApplyAll), so one object has one id wherever it lies.
 */
const CLUSTER_KINDS: Record<string, string> = {
  "": "Namespace PersistentVolume Node",
  "admissionregistration.k8s.io":
    "MutatingWebhookConfiguration ValidatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding MutatingAdmissionPolicy MutatingAdmissionPolicyBinding",
  "apiextensions.k8s.io": "CustomResourceDefinition",
  "apiregistration.k8s.io": "APIService",
  "cert-manager.io": "ClusterIssuer",
  "certificates.k8s.io": "CertificateSigningRequest",
  "cilium.io":
    "CiliumBGPAdvertisement CiliumBGPClusterConfig CiliumBGPPeerConfig CiliumBGPPeeringPolicy CiliumCIDRGroup CiliumClusterwideNetworkPolicy CiliumEgressGatewayPolicy CiliumL2AnnouncementPolicy CiliumLoadBalancerIPPool",
  "external-secrets.io": "ClusterExternalSecret ClusterSecretStore ClusterPushSecret",
  "flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
  "gateway.networking.k8s.io": "GatewayClass",
  "generators.external-secrets.io": "ClusterGenerator",
  "groupsnapshot.storage.k8s.io": "VolumeGroupSnapshotClass VolumeGroupSnapshotContent",
  "keda.sh": "ClusterTriggerAuthentication",
  "kyverno.io": "ClusterPolicy ClusterCleanupPolicy",
  "networking.cfargotunnel.com": "ClusterTunnel",
  "networking.k8s.io": "IngressClass",
  "nfd.k8s-sigs.io": "NodeFeatureRule",
  "node.k8s.io": "RuntimeClass",
  "policy.networking.k8s.io": "AdminNetworkPolicy BaselineAdminNetworkPolicy",
  "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding",
  "resource.k8s.io": "DeviceClass",
  "scheduling.k8s.io": "PriorityClass",
  "snapshot.storage.k8s.io": "VolumeSnapshotClass VolumeSnapshotContent",
  "storage.k8s.io": "CSIDriver CSINode StorageClass VolumeAttachment VolumeAttributesClass",
};

const CLUSTER_SCOPED = new Set(
  Object.entries(CLUSTER_KINDS).flatMap(([group, kinds]) => kinds.split(" ").map((kind) => `${group}|${kind}`)),
);

/**
 * Whether neither Kubernetes nor Flux brings a group: what its controllers do is not known here. One of these without a
 * namespace is cluster-scoped: the API server takes no namespaced object without one.
 */
export function isCustomGroup(group: string): boolean {
  return group.includes(".") && !/(^|\.)(k8s\.io|fluxcd\.io|fluxcd\.controlplane\.io)$/.test(group);
}

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
  const none = isCustomGroup(group) ? "" : "default";
  const key = `${group}|${object.kind}|${scoped ? "" : object.namespace || none}|${object.name}`;
  return inCluster(key, remote);
}

/** The key that an object of the cluster that Flux runs in has in another one. */
export function inCluster(key: ObjectKey, remote: string): ObjectKey {
  return remote === "" ? key : `${key}|@${remote}`;
}

const FLUX_GROUP = "kustomize.toolkit.fluxcd.io";

export function fluxKey(namespace: string, name: string): ObjectKey {
  return `${FLUX_GROUP}|Kustomization|${namespace || "default"}|${name}`;
}

export function namespaceKey(name: string): ObjectKey {
  return keyOfObject({ apiVersion: "v1", kind: "Namespace", namespace: "", name });
}

/** `group|kind|namespace|name` taken apart; `remote` is `''` in the cluster that Flux runs in. */
export function splitKey(key: ObjectKey) {
  const at = key.lastIndexOf("|@");
  const end = at < 0 ? key.length : at;
  // Asked of each object many times over: without an array in between.
  const first = key.indexOf("|");
  const second = key.indexOf("|", first + 1);
  const third = key.indexOf("|", second + 1);
  return {
    group: key.slice(0, first),
    kind: key.slice(first + 1, second),
    namespace: key.slice(second + 1, third),
    name: key.slice(third + 1, end),
    remote: at < 0 ? "" : key.slice(at + 2),
  };
}

/** The namespace of an object, and the cluster that it is in where Flux does not run there. */
export function homeOf(key: ObjectKey): string {
  const { namespace, remote } = splitKey(key);
  return inCluster(namespace, remote);
}

/** `group|Kind` of an object. */
export function groupKindOf(key: ObjectKey): string {
  return key.slice(0, key.indexOf("|", key.indexOf("|") + 1));
}

/** The same in the cluster that Flux runs in; `''` in another one. */
export function groupKindHere(key: ObjectKey): string {
  return key.includes("|@") ? "" : groupKindOf(key);
}

/** Whether it is an object of Flux in another cluster: what those do there is not followed. */
export function isFluxElsewhere(key: ObjectKey): boolean {
  return key.includes("|@") && isFluxGroup(splitKey(key).group);
}

/** `Kind namespace/name`, as findings name objects. */
export function printKey(key: ObjectKey): string {
  const { kind, namespace, name, remote } = splitKey(key);
  const place = remote === "" ? "" : ` in the cluster of ${remote}`;
  return `${namespace === "" ? `${kind} ${name}` : `${kind} ${namespace}/${name}`}${place}`;
}

/** What reports call the owner of an object. */
export const OPERATOR = "flux-operator";

/** `media/player` for a FluxKustomization, `ResourceSet media/tenants` for whatever else applies objects. */
export function ownerName(key: ObjectKey): string {
  const { group, kind, namespace, name } = splitKey(key);
  return group === FLUX_GROUP ? `${namespace}/${name}` : `${kind} ${namespace}/${name}`;
}

/** An owner's name in a sentence. */
export function sayOwner(name: string): string {
  return name.includes(" ") || name === OPERATOR ? name : `Kustomization ${name}`;
}

const GROUPS: Readonly<Record<string, string>> = {
  ResourceSet: "fluxcd.controlplane.io",
  HelmRelease: "helm.toolkit.fluxcd.io",
};

/** The key behind the name of an owner. */
export function keyOfOwner(said: string): ObjectKey {
  const [, kind, own = said] = /^(\w+) (.*)$/.exec(said) ?? [];
  const [namespace = "", ...rest] = own.split("/");
  const name = rest.join("/");
  return kind === undefined ? fluxKey(namespace, name) : `${GROUPS[kind]}|${kind}|${namespace}|${name}`;
}
