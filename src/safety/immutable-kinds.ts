/** Fields of a kind that the API server refuses to change once the object exists. */
export interface ImmutableKind {
  /** `group|Kind`; the core group is empty. */
  kind: string;
  /** Paths from the top of the object, dots between names. `spec.*` is every field of `spec` but those of `except`. */
  fields: readonly string[];
  except?: readonly string[];
  /** Fields that may grow and never shrink. */
  grows?: readonly string[];
  /**
   * Fields that the API server fills in where Git says nothing, each with what it fills in; `null` where that is not known:
   * what is added there may be what is live already.
   */
  filled?: Readonly<Record<string, unknown>>;
  /** Fields that keep their live value where Git says nothing any more. */
  keeps?: readonly string[];
  /** A field of the entries of a list that may change. */
  without?: string;
  /** A rule of the CRD that is checked only where both sides have the field. */
  both?: true;
  /** Only while the live object has this value. */
  when?: { field: string; is: unknown };
  /** Not while the live object has it, such as the time after which a finished Job goes by itself; any value without `is`. */
  unless?: { field: string; is?: unknown };
  /** Where the validation stands. */
  source: string;
}

const CORE = "kubernetes pkg/apis/core/validation/validation.go";
const APPS = "kubernetes pkg/apis/apps/validation/validation.go";
const STORAGE = "kubernetes pkg/apis/storage/validation/validation.go";
const RBAC = "kubernetes pkg/apis/rbac/validation/validation.go";
const CRDS = "apiextensions-apiserver pkg/apis/apiextensions/validation/validation.go";

/** Errs towards what every supported Kubernetes refuses; a field that only newer ones let change is `except`. */
export const IMMUTABLE_KINDS: readonly ImmutableKind[] = [
  {
    kind: "|PersistentVolumeClaim",
    fields: ["spec.*"],
    except: ["resources", "volumeAttributesClassName"],
    grows: ["spec.resources.requests.storage"],
    filled: {
      ...{ "spec.storageClassName": null, "spec.volumeName": null, "spec.volumeMode": "Filesystem" },
      ...{ "spec.dataSource": null, "spec.dataSourceRef": null },
    },
    source: `${CORE} ValidatePersistentVolumeClaimUpdate`,
  },
  {
    kind: "|PersistentVolume",
    fields: ["spec.*"],
    except: [
      ...["capacity", "accessModes", "claimRef", "persistentVolumeReclaimPolicy", "storageClassName", "mountOptions"],
      ...["nodeAffinity", "volumeAttributesClassName"],
    ],
    filled: { "spec.volumeMode": "Filesystem" },
    source: `${CORE} ValidatePersistentVolumeUpdate`,
  },
  {
    kind: "|Pod",
    fields: ["spec.*"],
    except: [
      "containers",
      "initContainers",
      "ephemeralContainers",
      "activeDeadlineSeconds",
      "tolerations",
      "schedulingGates",
    ],
    filled: {
      ...{ "spec.restartPolicy": "Always", "spec.serviceAccountName": "default", "spec.nodeName": null },
      ...{ "spec.dnsPolicy": "ClusterFirst", "spec.schedulerName": "default-scheduler", "spec.priority": null },
      ...{ "spec.terminationGracePeriodSeconds": 30, "spec.enableServiceLinks": true },
    },
    source: `${CORE} ValidatePodUpdate`,
  },
  {
    kind: "|Pod",
    fields: ["spec.containers", "spec.initContainers"],
    without: "image",
    source: `${CORE} ValidatePodUpdate`,
  },
  {
    kind: "|Service",
    fields: ["spec.clusterIP", "spec.loadBalancerClass"],
    filled: { "spec.clusterIP": null },
    keeps: ["spec.clusterIP"],
    unless: { field: "spec.type", is: "ExternalName" },
    source: `${CORE} ValidateServiceUpdate`,
  },
  { kind: "|Secret", fields: ["type"], filled: { type: "Opaque" }, source: `${CORE} ValidateSecretUpdate` },
  {
    kind: "|Secret",
    fields: ["data", "stringData", "immutable"],
    when: { field: "immutable", is: true },
    source: `${CORE} ValidateSecretUpdate`,
  },
  {
    kind: "|ConfigMap",
    fields: ["data", "binaryData", "immutable"],
    when: { field: "immutable", is: true },
    source: `${CORE} ValidateConfigMapUpdate`,
  },
  {
    kind: "apps|StatefulSet",
    fields: ["spec.*"],
    except: [
      ...["replicas", "ordinals", "template", "updateStrategy", "persistentVolumeClaimRetentionPolicy"],
      ...["minReadySeconds", "revisionHistoryLimit"],
    ],
    filled: { "spec.podManagementPolicy": "OrderedReady" },
    source: `${APPS} ValidateStatefulSetUpdate`,
  },
  { kind: "apps|Deployment", fields: ["spec.selector"], source: "kubernetes pkg/registry/apps/deployment/strategy.go" },
  { kind: "apps|DaemonSet", fields: ["spec.selector"], source: "kubernetes pkg/registry/apps/daemonset/strategy.go" },
  { kind: "apps|ReplicaSet", fields: ["spec.selector"], source: "kubernetes pkg/registry/apps/replicaset/strategy.go" },
  {
    kind: "batch|Job",
    fields: ["spec.template", "spec.selector", "spec.completionMode", "spec.podFailurePolicy", "spec.manualSelector"],
    filled: { "spec.selector": null, "spec.completionMode": "NonIndexed", "spec.manualSelector": false },
    unless: { field: "spec.ttlSecondsAfterFinished" },
    source: "kubernetes pkg/apis/batch/validation/validation.go ValidateJobSpecUpdate",
  },
  {
    kind: "storage.k8s.io|StorageClass",
    fields: ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
    filled: { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" },
    source: `${STORAGE} ValidateStorageClassUpdate`,
  },
  {
    kind: "storage.k8s.io|CSIDriver",
    fields: ["spec.attachRequired", "spec.volumeLifecycleModes"],
    filled: { "spec.attachRequired": true, "spec.volumeLifecycleModes": ["Persistent"] },
    source: `${STORAGE} ValidateCSIDriverUpdate`,
  },
  {
    kind: "rbac.authorization.k8s.io|RoleBinding",
    fields: ["roleRef.kind", "roleRef.name"],
    source: `${RBAC} ValidateRoleBindingUpdate`,
  },
  {
    kind: "rbac.authorization.k8s.io|ClusterRoleBinding",
    fields: ["roleRef.kind", "roleRef.name"],
    source: `${RBAC} ValidateClusterRoleBindingUpdate`,
  },
  {
    kind: "networking.k8s.io|IngressClass",
    fields: ["spec.controller"],
    source: "kubernetes pkg/apis/networking/validation/validation.go ValidateIngressClassUpdate",
  },
  {
    kind: "scheduling.k8s.io|PriorityClass",
    fields: ["value", "preemptionPolicy"],
    filled: { preemptionPolicy: "PreemptLowerPriority" },
    source: "kubernetes pkg/apis/scheduling/validation/validation.go ValidatePriorityClassUpdate",
  },
  {
    kind: "node.k8s.io|RuntimeClass",
    fields: ["handler"],
    source: "kubernetes pkg/apis/node/validation/validation.go ValidateRuntimeClassUpdate",
  },
  {
    kind: "apiextensions.k8s.io|CustomResourceDefinition",
    fields: ["spec.scope", "spec.group", "spec.names.kind", "spec.names.plural"],
    source: `${CRDS} ValidateCustomResourceDefinitionUpdate`,
  },
  {
    kind: "discovery.k8s.io|EndpointSlice",
    fields: ["addressType"],
    source: "kubernetes pkg/apis/discovery/validation/validation.go ValidateEndpointSliceUpdate",
  },
  {
    kind: "storage.k8s.io|VolumeAttributesClass",
    fields: ["driverName", "parameters"],
    source: `${STORAGE} ValidateVolumeAttributesClassUpdate`,
  },
  {
    kind: "gateway.networking.k8s.io|GatewayClass",
    fields: ["spec.controllerName"],
    both: true,
    source: "gateway-api apis/v1/gatewayclass_types.go, x-kubernetes-validations of controllerName",
  },
  {
    kind: "snapshot.storage.k8s.io|VolumeSnapshot",
    fields: ["spec.source"],
    both: true,
    source: "kubernetes-csi external-snapshotter client/config/crd, x-kubernetes-validations of source",
  },
  {
    kind: "fluxcd.controlplane.io|FluxInstance",
    fields: ["spec.sync.name"],
    both: true,
    source: "flux-facts 1.2: self == oldSelf",
  },
  {
    kind: "postgresql.cnpg.io|Cluster",
    fields: [],
    grows: ["spec.storage.size", "spec.walStorage.size"],
    source: "cloudnative-pg internal/webhook/v1/cluster_webhook.go validateStorageChange",
  },
];
