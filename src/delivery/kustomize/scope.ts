/** Kinds that kustomize 5.5 holds to be cluster-scoped, by apiVersion; every kind it does not know counts as namespaced. */
const clusterKinds: Record<string, string> = {
  "admissionregistration.k8s.io/v1": "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
  "admissionregistration.k8s.io/v1beta1": "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
  "apiextensions.k8s.io/v1": "CustomResourceDefinition",
  "apiextensions.k8s.io/v1beta1": "CustomResourceDefinition",
  "apiregistration.k8s.io/v1": "APIService",
  "apiregistration.k8s.io/v1beta1": "APIService",
  "certificates.k8s.io/v1": "CertificateSigningRequest",
  "certificates.k8s.io/v1beta1": "CertificateSigningRequest",
  "flowcontrol.apiserver.k8s.io/v1beta1": "FlowSchema PriorityLevelConfiguration",
  "networking.k8s.io/v1": "IngressClass",
  "networking.k8s.io/v1beta1": "IngressClass",
  "node.k8s.io/v1": "RuntimeClass",
  "node.k8s.io/v1beta1": "RuntimeClass",
  "policy/v1beta1": "PodSecurityPolicy",
  "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding",
  "rbac.authorization.k8s.io/v1beta1": "ClusterRole ClusterRoleBinding",
  "scheduling.k8s.io/v1": "PriorityClass",
  "scheduling.k8s.io/v1beta1": "PriorityClass",
  "storage.k8s.io/v1": "CSIDriver CSINode StorageClass VolumeAttachment",
  "storage.k8s.io/v1beta1": "CSIDriver CSINode StorageClass VolumeAttachment",
  v1: "ComponentStatus Namespace Node NodeProxyOptions PersistentVolume",
};

const known = new Set(
  Object.entries(clusterKinds).flatMap(([apiVersion, kinds]) =>
    kinds.split(" ").map((kind) => `${apiVersion} ${kind}`),
  ),
);

/** Whether kustomize leaves objects of this kind without a namespace. Custom kinds are never known to be cluster-scoped. */
export function isClusterScoped(apiVersion: string, kind: string): boolean {
  return known.has(`${apiVersion} ${kind}`);
}

/** The namespace kustomize compares ids by: none written is `default`, cluster-scoped kinds share one of their own. */
export function effectiveNamespace(apiVersion: string, kind: string, namespace: string): string {
  if (isClusterScoped(apiVersion, kind)) return "_non_namespaceable_";
  return namespace === "" ? "default" : namespace;
}
