import type { Id } from "./types.ts";

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
const webhooks = map({ metadata, webhooks: byName });

/** Kinds of which more than the lists in the metadata is merged item by item. */
const schemas = new Map<string, Schema>(
  Object.entries({
    APIService: withStatus,
    ComponentStatus: map({ metadata, conditions }),
    CronJob: map({ metadata, spec: map({ jobTemplate: map({ metadata, spec: map({ template }) }) }) }),
    CSINode: map({ metadata, spec: map({ drivers: byName }) }),
    DaemonSet: workload,
    Deployment: workload,
    Job: workload,
    MutatingWebhookConfiguration: webhooks,
    Namespace: withStatus,
    Node: map({
      metadata,
      spec: map({ podCIDRs: list([""]) }),
      status: map({ conditions, addresses: list(["type"]) }),
    }),
    PersistentVolumeClaim: withStatus,
    Pod: map({ metadata, spec: pod, status: map({ conditions, podIPs: list(["ip"]) }) }),
    PodDisruptionBudget: withStatus,
    PodTemplate: map({ metadata, template }),
    ReplicaSet: workload,
    ReplicationController: workload,
    Service: map({ metadata, spec: map({ ports: list(["port", "protocol"]) }), status }),
    ServiceAccount: map({ metadata, secrets: byName }),
    StatefulSet: workload,
    ValidatingWebhookConfiguration: webhooks,
  }),
);

/** Kinds that kustomize 5.5 knows, by group and versions; those with a `*` are cluster-scoped. */
const kinds = `
  core v1 Binding ComponentStatus* ConfigMap Endpoints Event LimitRange Namespace* Node* NodeProxyOptions* PersistentVolume*
  core v1 PersistentVolumeClaim Pod PodTemplate ReplicationController ResourceQuota Secret Service ServiceAccount
  admissionregistration.k8s.io v1,v1beta1 MutatingWebhookConfiguration* ValidatingWebhookConfiguration*
  apiextensions.k8s.io v1,v1beta1 CustomResourceDefinition*
  apiregistration.k8s.io v1,v1beta1 APIService*
  apps v1 ControllerRevision DaemonSet Deployment ReplicaSet StatefulSet
  autoscaling v1 HorizontalPodAutoscaler Scale
  autoscaling v2beta1,v2beta2 HorizontalPodAutoscaler
  batch v1 Job
  batch v1,v1beta1 CronJob
  certificates.k8s.io v1,v1beta1 CertificateSigningRequest*
  coordination.k8s.io v1,v1beta1 Lease
  discovery.k8s.io v1,v1beta1 EndpointSlice
  events.k8s.io v1,v1beta1 Event
  extensions v1beta1 Ingress
  flowcontrol.apiserver.k8s.io v1beta1 FlowSchema* PriorityLevelConfiguration*
  networking.k8s.io v1 NetworkPolicy
  networking.k8s.io v1,v1beta1 Ingress IngressClass*
  node.k8s.io v1,v1beta1 RuntimeClass*
  policy v1,v1beta1 PodDisruptionBudget
  policy v1beta1 Eviction PodSecurityPolicy*
  rbac.authorization.k8s.io v1,v1beta1 ClusterRole* ClusterRoleBinding* Role RoleBinding
  scheduling.k8s.io v1,v1beta1 PriorityClass*
  storage.k8s.io v1,v1beta1 CSIDriver* CSINode* StorageClass* VolumeAttachment*
  storage.k8s.io v1beta1 CSIStorageCapacity`;

/** `apiVersion kind` -> whether it is cluster-scoped. */
const known = new Map<string, boolean>();
for (const line of kinds.trim().split("\n")) {
  const [group, versions, ...names] = line.trim().split(" ");
  for (const version of versions!.split(",")) {
    const apiVersion = group === "core" ? version : `${group}/${version}`;
    for (const name of names) known.set(`${apiVersion} ${name.replace("*", "")}`, name.endsWith("*"));
  }
}

/** The schema of a kind; custom resources and kinds younger than Kubernetes 1.21 have none, and their lists are replaced. */
export function schemaOf(apiVersion: string, kind: string): Schema | undefined {
  return known.has(`${apiVersion} ${kind}`) ? (schemas.get(kind) ?? plain) : undefined;
}

/** The schema one step down; where nothing is merged by key it is empty, not missing. */
export function fieldOf(schema: Schema | undefined, key: string): Schema | undefined {
  if (schema === undefined) return undefined;
  return schema.fields && Object.hasOwn(schema.fields, key) ? schema.fields[key] : none;
}

/** Whether kustomize leaves objects of this kind without a namespace. Kinds it does not know count as namespaced. */
export function isClusterScoped({ apiVersion, kind }: Pick<Id, "apiVersion" | "kind">): boolean {
  return known.get(`${apiVersion} ${kind}`) ?? false;
}

/** Whether Kubernetes itself brings a kind, and keeps its objects in namespaces. */
export function isNamespacedBuiltin({ apiVersion, kind }: Pick<Id, "apiVersion" | "kind">): boolean {
  return known.get(`${apiVersion} ${kind}`) === false;
}

/** The namespace kustomize compares ids by: none written is `default`, cluster-scoped kinds share one of their own. */
export function effectiveNamespace(id: Omit<Id, "name">): string {
  return isClusterScoped(id) ? "_non_namespaceable_" : id.namespace || "default";
}
