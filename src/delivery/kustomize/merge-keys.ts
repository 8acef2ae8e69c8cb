/** What kustomize's built-in OpenAPI schema (Kubernetes 1.21) says of a value, as far as a strategic merge asks for it. */
export interface Schema {
  /** Fields of a map that lead to lists that are merged item by item. */
  readonly fields?: Readonly<Record<string, Schema>>;
  /** Keys by which items of a list are joined; `""` for a list of scalars. Other lists are replaced as a whole. */
  readonly keys?: readonly string[];
  readonly items?: Schema;
}

const none: Schema = {};
const map = (fields: Record<string, Schema>): Schema => ({ fields });
const list = (keys: readonly string[], items = none): Schema => ({ keys, items });
const byName = list(["name"]);

const metadata = map({ finalizers: list([""]), ownerReferences: list(["uid"]) });
const plain = map({ metadata });
const mounts = { env: byName, volumeDevices: list(["devicePath"]), volumeMounts: list(["mountPath"]) };
const container = map({ ...mounts, ports: list(["containerPort", "protocol"]) });
const pod = map({
  containers: list(["name"], container),
  initContainers: list(["name"], container),
  ephemeralContainers: list(["name"], map(mounts)),
  hostAliases: list(["ip"]),
  imagePullSecrets: byName,
  topologySpreadConstraints: list(["topologyKey", "whenUnsatisfiable"]),
  volumes: list(["name"], map({ ephemeral: map({ volumeClaimTemplate: plain }) })),
});
const template = map({ metadata, spec: pod });
const conditions = list(["type"]);
const status = map({ conditions });
const withStatus = map({ metadata, status });
const workload = map({ metadata, spec: map({ template }), status });
const cronJob = map({ metadata, spec: map({ jobTemplate: map({ metadata, spec: map({ template }) }) }) });
const webhooks = map({ metadata, webhooks: byName });
const csiNode = map({ metadata, spec: map({ drivers: byName }) });

const special: Record<string, Record<string, Schema>> = {
  "admissionregistration.k8s.io/v1": {
    MutatingWebhookConfiguration: webhooks,
    ValidatingWebhookConfiguration: webhooks,
  },
  "apiregistration.k8s.io/v1": { APIService: withStatus },
  "apps/v1": { DaemonSet: workload, Deployment: workload, ReplicaSet: workload, StatefulSet: workload },
  "batch/v1": { CronJob: cronJob, Job: workload },
  "batch/v1beta1": { CronJob: cronJob },
  "policy/v1": { PodDisruptionBudget: withStatus },
  "storage.k8s.io/v1": { CSINode: csiNode },
  v1: {
    ComponentStatus: map({ metadata, conditions }),
    Namespace: withStatus,
    Node: map({
      metadata,
      spec: map({ podCIDRs: list([""]) }),
      status: map({ conditions, addresses: list(["type"]) }),
    }),
    PersistentVolumeClaim: withStatus,
    Pod: map({ metadata, spec: pod, status: map({ conditions, podIPs: list(["ip"]) }) }),
    PodTemplate: map({ metadata, template }),
    ReplicationController: workload,
    Service: map({ metadata, spec: map({ ports: list(["port", "protocol"]) }), status }),
    ServiceAccount: map({ metadata, secrets: byName }),
  },
};
for (const group of ["admissionregistration.k8s.io", "apiregistration.k8s.io", "policy", "storage.k8s.io"]) {
  special[`${group}/v1beta1`] = special[`${group}/v1`]!;
}

/** Kinds of which only the lists in the metadata are merged item by item. */
const others: Record<string, string> = {
  "apiextensions.k8s.io/v1": "CustomResourceDefinition",
  "apiextensions.k8s.io/v1beta1": "CustomResourceDefinition",
  "apps/v1": "ControllerRevision",
  "autoscaling/v1": "HorizontalPodAutoscaler Scale",
  "autoscaling/v2beta1": "HorizontalPodAutoscaler",
  "autoscaling/v2beta2": "HorizontalPodAutoscaler",
  "certificates.k8s.io/v1": "CertificateSigningRequest",
  "certificates.k8s.io/v1beta1": "CertificateSigningRequest",
  "coordination.k8s.io/v1": "Lease",
  "coordination.k8s.io/v1beta1": "Lease",
  "discovery.k8s.io/v1": "EndpointSlice",
  "discovery.k8s.io/v1beta1": "EndpointSlice",
  "events.k8s.io/v1": "Event",
  "events.k8s.io/v1beta1": "Event",
  "extensions/v1beta1": "Ingress",
  "flowcontrol.apiserver.k8s.io/v1beta1": "FlowSchema PriorityLevelConfiguration",
  "networking.k8s.io/v1": "Ingress IngressClass NetworkPolicy",
  "networking.k8s.io/v1beta1": "Ingress IngressClass",
  "node.k8s.io/v1": "RuntimeClass",
  "node.k8s.io/v1beta1": "RuntimeClass",
  "policy/v1beta1": "Eviction PodSecurityPolicy",
  "rbac.authorization.k8s.io/v1": "ClusterRole ClusterRoleBinding Role RoleBinding",
  "rbac.authorization.k8s.io/v1beta1": "ClusterRole ClusterRoleBinding Role RoleBinding",
  "scheduling.k8s.io/v1": "PriorityClass",
  "scheduling.k8s.io/v1beta1": "PriorityClass",
  "storage.k8s.io/v1": "CSIDriver StorageClass VolumeAttachment",
  "storage.k8s.io/v1beta1": "CSIDriver CSIStorageCapacity StorageClass VolumeAttachment",
  v1: "Binding ConfigMap Endpoints Event LimitRange PersistentVolume ResourceQuota Secret",
};

const known = new Map<string, Schema>();
for (const [version, kinds] of Object.entries(others))
  for (const kind of kinds.split(" ")) known.set(`${version} ${kind}`, plain);
for (const [version, kinds] of Object.entries(special))
  for (const [kind, schema] of Object.entries(kinds)) known.set(`${version} ${kind}`, schema);

/** The schema of a kind; custom resources and kinds younger than Kubernetes 1.21 have none, and their lists are replaced. */
export function schemaOf(apiVersion: string, kind: string): Schema | undefined {
  return known.get(`${apiVersion} ${kind}`);
}

/** The schema one step down; where nothing is merged by key it is empty, not missing. */
export function fieldOf(schema: Schema | undefined, key: string): Schema | undefined {
  if (schema === undefined) return undefined;
  return schema.fields && Object.hasOwn(schema.fields, key) ? schema.fields[key] : none;
}
