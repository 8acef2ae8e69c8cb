/** Kinds and versions of an API group that every cluster, every Flux, or every Flux Operator has. */
export interface KnownApi {
  versions: readonly string[];
  /** As plain words. */
  kinds: string;
  /** Those of them of which `v1` alone is served, where the group has more versions for others. */
  stable?: string;
}

const STABLE = ["v1"];

/** Known, but served only where Flux Operator runs. */
export const OPERATOR_GROUP = "fluxcd.controlplane.io";

/**
 * Kubernetes 1.27 to 1.35 (its API reference; what was removed before is not here), and the kinds of Flux 2 (flux-facts 6.3)
 * with every version that a release of Flux 2 ever served.
 */
export const KNOWN_APIS: Readonly<Record<string, KnownApi>> = {
  "": {
    versions: STABLE,
    kinds:
      "Binding ConfigMap Endpoints Event LimitRange List Namespace Node PersistentVolume PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount",
  },
  "admissionregistration.k8s.io": {
    versions: ["v1", "v1beta1", "v1alpha1"],
    kinds:
      "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration",
    stable: "MutatingWebhookConfiguration ValidatingWebhookConfiguration",
  },
  "apiextensions.k8s.io": { versions: STABLE, kinds: "CustomResourceDefinition" },
  "apiregistration.k8s.io": { versions: STABLE, kinds: "APIService" },
  apps: { versions: STABLE, kinds: "ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet" },
  autoscaling: { versions: ["v1", "v2"], kinds: "HorizontalPodAutoscaler Scale" },
  batch: { versions: STABLE, kinds: "CronJob Job" },
  "certificates.k8s.io": {
    versions: ["v1", "v1beta1", "v1alpha1"],
    kinds: "CertificateSigningRequest ClusterTrustBundle PodCertificateRequest",
    stable: "CertificateSigningRequest",
  },
  "coordination.k8s.io": {
    versions: ["v1", "v1beta1", "v1alpha2", "v1alpha1"],
    kinds: "Lease LeaseCandidate",
    stable: "Lease",
  },
  "discovery.k8s.io": { versions: STABLE, kinds: "EndpointSlice" },
  "events.k8s.io": { versions: STABLE, kinds: "Event" },
  "flowcontrol.apiserver.k8s.io": {
    versions: ["v1", "v1beta3", "v1beta2"],
    kinds: "FlowSchema PriorityLevelConfiguration",
  },
  "networking.k8s.io": {
    versions: ["v1", "v1beta1", "v1alpha1"],
    kinds: "ClusterCIDR IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR",
    stable: "Ingress IngressClass NetworkPolicy",
  },
  "node.k8s.io": { versions: STABLE, kinds: "RuntimeClass" },
  policy: { versions: STABLE, kinds: "Eviction PodDisruptionBudget" },
  "rbac.authorization.k8s.io": { versions: STABLE, kinds: "ClusterRole ClusterRoleBinding Role RoleBinding" },
  "resource.k8s.io": {
    versions: ["v1", "v1beta2", "v1beta1", "v1alpha3", "v1alpha2"],
    kinds: "DeviceClass DeviceTaintRule ResourceClaim ResourceClaimTemplate ResourceClass ResourceSlice",
  },
  "scheduling.k8s.io": { versions: ["v1", "v1alpha1"], kinds: "PriorityClass Workload", stable: "PriorityClass" },
  "storage.k8s.io": {
    versions: ["v1", "v1beta1", "v1alpha1"],
    kinds: "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass",
    stable: "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment",
  },
  "kustomize.toolkit.fluxcd.io": { versions: ["v1", "v1beta2", "v1beta1"], kinds: "Kustomization" },
  "helm.toolkit.fluxcd.io": { versions: ["v2", "v2beta2", "v2beta1"], kinds: "HelmRelease" },
  "source.toolkit.fluxcd.io": {
    versions: ["v1", "v1beta2", "v1beta1"],
    kinds: "Bucket ExternalArtifact GitRepository HelmChart HelmRepository OCIRepository",
  },
  "source.extensions.fluxcd.io": { versions: ["v1beta1", "v1"], kinds: "ArtifactGenerator" },
  "notification.toolkit.fluxcd.io": {
    versions: ["v1", "v1beta3", "v1beta2", "v1beta1"],
    kinds: "Alert Provider Receiver",
  },
  "image.toolkit.fluxcd.io": {
    versions: ["v1", "v1beta2", "v1beta1", "v1alpha2", "v1alpha1"],
    kinds: "ImagePolicy ImageRepository ImageUpdateAutomation",
  },
  [OPERATOR_GROUP]: {
    versions: STABLE,
    kinds: "FluxInstance FluxReport ResourceSet ResourceSetInputProvider",
  },
};

/** Charts that bring an API, where neither its group nor its kinds are in their names. */
export const BRINGERS: readonly (readonly [group: RegExp, charts: RegExp])[] = [
  [/(^|\.)cnpg\.io$/, /cloudnative-pg|cnpg/],
  [/(^|\.)monitoring\.coreos\.com$/, /prometheus/],
  [/(^|\.)gateway\.networking\.k8s\.io$/, /gateway|cilium|istio|traefik|contour|kong/],
  [/(^|\.)snapshot\.storage\.k8s\.io$/, /snapshot/],
  [/(^|\.)k8s\.cni\.cncf\.io$/, /multus/],
  [/(^|\.)objectbucket\.io$|ceph/, /rook/],
  [/(^|\.)operator\.victoriametrics\.com$/, /victoria/],
  [/(^|\.)integreatly\.org$/, /grafana/],
  [/(^|\.)jaegertracing\.io$/, /jaeger/],
  [/(^|\.)minio\.min\.io$/, /minio|tenant/],
  [/(^|\.)upgrade\.cattle\.io$/, /upgrade-controller/],
  [/(^|\.)acid\.zalan\.do$/, /postgres/],
  [/(^|\.)postgres-operator\.crunchydata\.com$/, /pgo|postgres/],
  [/(^|\.)bitnami\.com$/, /sealed-secrets/],
  [/(^|\.)getambassador\.io$/, /emissary|ambassador/],
  [/^fluxcd\.controlplane\.io$/, /flux-operator|flux-instance/],
];
