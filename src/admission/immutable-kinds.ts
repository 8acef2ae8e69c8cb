import { CNPG_PARAMETERS } from "./cnpg-parameters.ts";

/** Fields of a kind that the API server refuses to change once the object exists. */
export interface ImmutableKind {
  /** `group|Kind`; the core group is empty. */
  kind: string;
  /** Paths from the top of the object, dots between names. `spec.*` is every field of `spec` but those of `except`. */
  fields: readonly string[];
  except?: readonly string[];
  /** Fields that may grow and never shrink. */
  grows?: readonly string[];
  /** Fields with an image, or a number, whose major version may rise and never fall. */
  rises?: readonly string[];
  /** Fields that cannot be taken out once they are there, nor what of their lists has a name. */
  stays?: readonly string[];
  /** Fields of which each may change, and not all of them at once. */
  apart?: readonly string[];
  /** What the controller puts into a map of `apart` where Git does not say it. Releases differ in it: another value is open. */
  given?: Readonly<Record<string, string>>;
  /**
   * Fields that the API server fills in where Git says nothing, each with what it fills in; `null` where that is not known:
   * what is added there may be what is live already.
   */
  filled?: Readonly<Record<string, unknown>>;
  /** Fields that keep their live value where Git says nothing any more. */
  keeps?: readonly string[];
  /** Fields of the entries of a list that may change. */
  without?: readonly string[];
  /** A rule of the CRD that is checked only where both sides have the field. */
  both?: true;
  /** Only while the live object has this value. */
  when?: { field: string; is: unknown };
  /** Only where both sides have it. */
  throughout?: { field: string; is: unknown };
  /** The field is refused with this value alone, and may otherwise change. */
  becomes?: unknown;
  /** Not while the live object has it, such as the time after which a finished Job goes by itself; any value without `is`. */
  unless?: { field: string; is?: unknown };
  /** What is said in place of a field that can never be changed. */
  says?: { why: string; next: string };
  /** Where the validation stands. */
  source: string;
}

/** A field that the API server fills in by default stays where Git takes another type, and no other type takes it. */
const keepsRolling = (type: string, field: string): Pick<ImmutableKind, "fields" | "becomes" | "unless" | "says"> => ({
  fields: [`${field}.type`],
  becomes: type,
  unless: { field: `${field}.rollingUpdate` },
  says: {
    why: `The API server has filled in ${field}.rollingUpdate, which stays as Git never said it, and takes none beside ${type}.`,
    next: `Write ${field}.rollingUpdate out first, as the live object has it, and change the type once that is applied. Or set the annotation kustomize.toolkit.fluxcd.io/force: enabled for this change, with which Flux makes the object anew.`,
  },
});

const CORE = "kubernetes pkg/apis/core/validation/validation.go";
const APPS = "kubernetes pkg/apis/apps/validation/validation.go";
const STORAGE = "kubernetes pkg/apis/storage/validation/validation.go";
const BATCH = "kubernetes pkg/apis/batch/validation/validation.go";
const RESOURCE = "kubernetes pkg/apis/resource/validation/validation.go";
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
    // The API server copies each into the other, which nobody owns.
    keeps: ["spec.dataSource", "spec.dataSourceRef"],
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
    kind: "|PersistentVolume",
    fields: ["spec.nodeAffinity"],
    both: true,
    source: `${CORE} validatePvNodeAffinity`,
  },
  {
    kind: "|Pod",
    fields: ["spec.*"],
    except: [
      ...["containers", "initContainers", "ephemeralContainers"],
      ...["activeDeadlineSeconds", "tolerations", "schedulingGates"],
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
    without: ["image"],
    source: `${CORE} ValidatePodUpdate`,
  },
  {
    kind: "|Service",
    fields: ["spec.clusterIP"],
    filled: { "spec.clusterIP": null },
    keeps: ["spec.clusterIP"],
    unless: { field: "spec.type", is: "ExternalName" },
    source: `${CORE} ValidateServiceUpdate`,
  },
  {
    kind: "|Service",
    fields: ["spec.ipFamilies.0"],
    both: true,
    unless: { field: "spec.type", is: "ExternalName" },
    source: "kubernetes pkg/registry/core/service/storage/alloc.go validateClusterIPFamilies",
  },
  {
    kind: "|Service",
    fields: ["spec.loadBalancerClass"],
    throughout: { field: "spec.type", is: "LoadBalancer" },
    source: `${CORE} validateLoadBalancerClassField`,
  },
  {
    kind: "|Service",
    fields: ["spec.healthCheckNodePort"],
    both: true,
    throughout: { field: "spec.externalTrafficPolicy", is: "Local" },
    source: `${CORE} ValidateServiceUpdate`,
  },
  { kind: "|ResourceQuota", fields: ["spec.scopes"], source: `${CORE} ValidateResourceQuotaUpdate` },
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
      ...["minReadySeconds", "revisionHistoryLimit", "volumeClaimTemplates"],
    ],
    filled: { "spec.podManagementPolicy": "OrderedReady" },
    source: `${APPS} ValidateStatefulSetUpdate`,
  },
  {
    kind: "apps|StatefulSet",
    fields: ["spec.volumeClaimTemplates"],
    without: ["apiVersion", "kind", "status"],
    source: `${APPS} ValidateStatefulSetUpdate`,
  },
  {
    kind: "apps|StatefulSet",
    ...keepsRolling("OnDelete", "spec.updateStrategy"),
    source: `${APPS} ValidateStatefulSetSpec`,
  },
  {
    kind: "apps|Deployment",
    ...keepsRolling("Recreate", "spec.strategy"),
    source: `${APPS} ValidateDeploymentStrategy`,
  },
  { kind: "apps|Deployment", fields: ["spec.selector"], source: "kubernetes pkg/registry/apps/deployment/strategy.go" },
  { kind: "apps|DaemonSet", fields: ["spec.selector"], source: "kubernetes pkg/registry/apps/daemonset/strategy.go" },
  { kind: "apps|ReplicaSet", fields: ["spec.selector"], source: "kubernetes pkg/registry/apps/replicaset/strategy.go" },
  {
    kind: "batch|Job",
    fields: ["spec.template", "spec.selector", "spec.completionMode", "spec.podFailurePolicy", "spec.manualSelector"],
    filled: { "spec.selector": null, "spec.completionMode": "NonIndexed", "spec.manualSelector": false },
    unless: { field: "spec.ttlSecondsAfterFinished" },
    source: `${BATCH} ValidateJobSpecUpdate`,
  },
  {
    kind: "batch|Job",
    fields: ["spec.backoffLimitPerIndex", "spec.managedBy"],
    unless: { field: "spec.ttlSecondsAfterFinished" },
    source: `${BATCH} ValidateJobSpecUpdate`,
  },
  {
    kind: "batch|Job",
    fields: ["spec.completions"],
    filled: { "spec.completions": 1 },
    // Those of an indexed Job may change together with its parallelism.
    when: { field: "spec.completionMode", is: undefined },
    unless: { field: "spec.ttlSecondsAfterFinished" },
    source: `${BATCH} validateCompletions`,
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
    kind: "resource.k8s.io|ResourceClaimTemplate",
    fields: ["spec"],
    source: `${RESOURCE} ValidateResourceClaimTemplateUpdate`,
  },
  { kind: "resource.k8s.io|ResourceClaim", fields: ["spec"], source: `${RESOURCE} ValidateResourceClaimUpdate` },
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
  {
    kind: "postgresql.cnpg.io|Cluster",
    fields: [],
    rises: ["spec.imageName", "spec.imageCatalogRef.major"],
    says: {
      why: "The webhook of CloudNativePG lets no database go back to an older major version of PostgreSQL, which cannot read its files.",
      next: "Keep the newer image. To go back, make a new Cluster under another name and import a dump into it.",
    },
    source: "cloudnative-pg internal/webhook/v1/cluster_webhook.go validateImageChange",
  },
  {
    kind: "postgresql.cnpg.io|Cluster",
    fields: [],
    stays: ["spec.walStorage", "spec.tablespaces"],
    says: {
      why: "The webhook of CloudNativePG lets nobody take a volume out of a cluster that has it.",
      next: "Put it back. To be rid of it, make a new Cluster under another name and move what it holds.",
    },
    source: "cloudnative-pg internal/webhook/v1/cluster_webhook.go validateWalStorageChange, validateTablespacesChange",
  },
  {
    kind: "postgresql.cnpg.io|Cluster",
    fields: [],
    apart: ["spec.imageName", "spec.postgresql.parameters"],
    given: CNPG_PARAMETERS,
    throughout: { field: "spec.primaryUpdateMethod", is: "switchover" },
    says: {
      why: "With primaryUpdateMethod: switchover, the webhook of CloudNativePG takes no new image together with other parameters of PostgreSQL.",
      next: "Change the image or the parameters first, wait until the database is ready, and change the rest after that.",
    },
    source:
      "cloudnative-pg internal/webhook/v1/cluster_webhook.go validateConfigurationChange, pkg/postgres/configuration.go",
  },
];
