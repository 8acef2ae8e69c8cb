/**
 * Writes src/release/data/kube-schemas.json: the fields of the kinds of Kubernetes that people keep in Git, as its API server
 * publishes them (OpenAPI v3). Nodes as in scripts/make-flux-schemas.mjs; a list whose items a server-side apply tells apart by
 * some of their fields has those as `k`, with the defaults that they have as `d`, and a set has no fields there.
 *
 *   npm run e2e:kinds -- --write
 */
import { placeShapes } from "./schema-shapes.mjs";

/** The groups and versions that are read. */
export const GROUPS = [
  "v1",
  ...["apps/v1", "autoscaling/v1", "autoscaling/v2", "batch/v1", "policy/v1"],
  ...["admissionregistration", "networking", "node", "rbac.authorization", "scheduling", "storage"].map(
    (group) => `${group}.k8s.io/v1`,
  ),
];

const KEPT = new Set([
  ...["ConfigMap", "Endpoints", "LimitRange", "Namespace", "PersistentVolume", "PersistentVolumeClaim", "Pod"],
  ...["ResourceQuota", "Secret", "Service", "ServiceAccount", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"],
  ...["CronJob", "Job", "Ingress", "IngressClass", "NetworkPolicy", "ClusterRole", "ClusterRoleBinding", "Role"],
  ...["RoleBinding", "HorizontalPodAutoscaler", "PodDisruptionBudget", "CSIDriver", "StorageClass", "PriorityClass"],
  ...["MutatingWebhookConfiguration", "ValidatingWebhookConfiguration", "ValidatingAdmissionPolicy", "RuntimeClass"],
  ...["ValidatingAdmissionPolicyBinding", "VolumeAttributesClass"],
]);

/** What a pod may be told of itself, in its environment or in a volume. */
const FIELD_PATH =
  "^(?:metadata\\.(?:name|namespace|uid|labels|annotations|(?:labels|annotations)\\[.*\\])|spec\\.(?:nodeName|serviceAccountName)|status\\.(?:hostIP|podIP)s?)$";

/** Whole numbers from zero, by type. */
const COUNTS = {
  Probe: ["failureThreshold", "initialDelaySeconds", "periodSeconds", "successThreshold", "timeoutSeconds"],
  DeploymentSpec: ["replicas", "minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"],
  StatefulSetSpec: ["replicas", "minReadySeconds", "revisionHistoryLimit"],
  RollingUpdateStatefulSetStrategy: ["partition"],
  SleepAction: ["seconds"],
  StatefulSetOrdinals: ["start"],
  DaemonSetSpec: ["minReadySeconds", "revisionHistoryLimit"],
  ReplicaSetSpec: ["replicas", "minReadySeconds"],
  CronJobSpec: ["failedJobsHistoryLimit", "startingDeadlineSeconds", "successfulJobsHistoryLimit"],
  JobSpec: ["activeDeadlineSeconds", "backoffLimit", "completions", "parallelism", "ttlSecondsAfterFinished"],
  PodSecurityContext: ["fsGroup", "runAsGroup", "runAsUser"],
  SecurityContext: ["runAsGroup", "runAsUser"],
};
const RULE = ["apiGroups", "apiVersions", "operations", "resources"];
const CSI_DRIVER = { x: "^[A-Za-z0-9](?:[-A-Za-z0-9.]*[A-Za-z0-9])?$", h: [1, 63] };
/**
 * What the API server checks beyond what it publishes, by type. `r` is required, `n` are lists that may not be empty, `o` fields
 * of which there has to be exactly one; the others are letters as in src/release/schema-nodes.ts. `-name` is not required after all.
 * Errs towards silence: `npm run e2e:kinds` names what an API server takes and this refuses.
 */
const MORE = {
  ConfigMapEnvSource: { r: ["name"], name: "d" },
  ConfigMapProjection: { r: ["name"], name: "t" },
  ConfigMapVolumeSource: { r: ["name"], name: "t", defaultMode: "y" },
  ConfigMapKeySelector: { r: ["name"], name: "d", key: "k" },
  Container: { r: ["image"], name: "l", image: "t" },
  ContainerPort: { containerPort: "p", hostPort: "f", name: "w" },
  CronJobSpec: { schedule: "t" },
  CSIDriver: { r: ["-spec"] },
  CSIPersistentVolumeSource: { driver: CSI_DRIVER },
  CSIVolumeSource: { driver: CSI_DRIVER },
  DeploymentSpec: { r: ["selector", "template"] },
  DownwardAPIVolumeFile: { path: "L" },
  EndpointAddress: { ip: "r", nodeName: "e" },
  EndpointPort: { name: "m", port: "p" },
  EnvFromSource: { o: ["configMapRef", "secretRef"] },
  EnvVar: { name: "t" },
  EnvVarSource: { o: ["configMapKeyRef", "fieldRef", "fileKeyRef", "resourceFieldRef", "secretKeyRef"] },
  ExecAction: { r: ["command"], n: ["command"] },
  GRPCAction: { port: "p" },
  HPAScalingRules: { n: ["policies"] },
  HTTPGetAction: { port: "o" },
  HTTPHeader: { r: ["-value"], name: "h" },
  HTTPIngressRuleValue: { n: ["paths"] },
  HorizontalPodAutoscalerSpec: { maxReplicas: "z", minReplicas: "c", targetCPUUtilizationPercentage: "z" },
  HostPathVolumeSource: { path: "t" },
  IngressBackend: { o: ["resource", "service"] },
  IngressClassSpec: { r: ["controller"] },
  IngressServiceBackend: { r: ["port"], name: "l" },
  IngressTLS: { secretName: "e" },
  ISCSIPersistentVolumeSource: { r: ["-lun"] },
  ISCSIVolumeSource: { r: ["-lun"] },
  JobTemplateSpec: { r: ["spec"] },
  KeyToPath: { key: "t", path: "L", mode: "y" },
  LabelSelectorRequirement: { key: "j" },
  LifecycleHandler: { o: ["exec", "httpGet", "sleep", "tcpSocket"] },
  LimitRangeItem: { type: { x: "^(?:Container|Pod|PersistentVolumeClaim)$|/" } },
  LimitRangeSpec: { r: ["-limits"] },
  MetricIdentifier: { selector: "x" },
  MutatingWebhook: { r: ["admissionReviewVersions"], n: ["admissionReviewVersions"] },
  NamedRuleWithOperations: { r: RULE, n: RULE },
  NFSVolumeSource: { path: { x: "^/" }, server: "t" },
  NodeSelectorRequirement: { key: "j" },
  PersistentVolumeClaim: { status: "x" },
  PersistentVolumeClaimSpec: { r: ["accessModes", "resources"], n: ["accessModes"], storageClassName: "e" },
  PersistentVolumeClaimVolumeSource: { claimName: "t" },
  PersistentVolumeSpec: { r: ["accessModes", "capacity"], n: ["accessModes"], storageClassName: "e" },
  NetworkPolicyPort: { port: "o", endPort: "p" },
  ObjectFieldSelector: { fieldPath: { x: FIELD_PATH } },
  PodAffinityTerm: { topologyKey: "j" },
  PodDisruptionBudgetSpec: { maxUnavailable: "a", minAvailable: "a" },
  PodDNSConfig: { nameservers: { a: "r" } },
  PodDNSConfigOption: { r: ["name"], name: "t" },
  PodFailurePolicy: { r: ["-rules"] },
  PodFailurePolicyOnExitCodesRequirement: { n: ["values"] },
  PodFailurePolicyOnPodConditionsPattern: { r: ["-status"], type: "j" },
  PodReadinessGate: { conditionType: "j" },
  PodSchedulingGate: { name: "j" },
  PodSecurityContext: { supplementalGroups: { a: "c" } },
  PodSpec: { n: ["containers"] },
  PodTemplateSpec: { r: ["spec"] },
  PolicyRule: { n: ["verbs"] },
  PreferredSchedulingTerm: { r: ["-preference"] },
  PriorityClass: { r: ["-value"] },
  Probe: { o: ["exec", "grpc", "httpGet", "tcpSocket"], terminationGracePeriodSeconds: "z" },
  RoleRef: { r: ["-apiGroup"], name: "t" },
  RollingUpdateDeployment: { maxSurge: "a", maxUnavailable: "a" },
  RuleWithOperations: { r: RULE, n: RULE },
  RuntimeClass: { handler: "l" },
  ScaleIOPersistentVolumeSource: { r: ["-secretRef"] },
  ScaleIOVolumeSource: { r: ["-secretRef"] },
  SecretEnvSource: { r: ["name"], name: "d" },
  SecretKeySelector: { r: ["name"], name: "d", key: "k" },
  SecretProjection: { r: ["name"], name: "t" },
  SecretVolumeSource: { r: ["secretName"], secretName: "t", defaultMode: "y" },
  ServiceAccountTokenProjection: { expirationSeconds: "z", path: "L" },
  ServiceBackendPort: { name: "w", number: "f" },
  ServicePort: { appProtocol: "j", port: "p", name: "m", targetPort: "g" },
  ServiceReference: { port: "p" },
  SleepAction: { r: ["-seconds"] },
  StatefulSetSpec: { r: ["selector", "template"] },
  ResourceFieldSelector: { resource: { x: "^(?:limits|requests)\\.(?:cpu|memory|ephemeral-storage|hugepages-.*)$" } },
  Sysctl: { r: ["-value"], name: "v" },
  Subject: { name: "t" },
  TCPSocketAction: { port: "o" },
  TokenRequest: { r: ["-audience"] },
  Toleration: { key: "j" },
  TopologySelectorLabelRequirement: { key: "j" },
  TopologySpreadConstraint: { maxSkew: "z", topologyKey: "t" },
  ValidatingWebhook: { r: ["admissionReviewVersions"], n: ["admissionReviewVersions"] },
  Volume: { name: "l" },
  VolumeResourceRequirements: { r: ["requests"] },
  VolumeMount: { mountPath: "t", name: "t" },
};
/** Words of fields that are published as any text, and such as Kubernetes 1.35 has more of. */
const WORDS = {
  ContainerResizePolicy: { resourceName: ["cpu", "memory"], restartPolicy: ["NotRequired", "RestartContainer"] },
  ContainerRestartRule: { action: ["Restart", "RestartAllContainers"] },
  CSIDriverSpec: { fsGroupPolicy: ["File", "None", "ReadWriteOnceWithFSType"] },
  HPAScalingPolicy: { type: ["Percent", "Pods"] },
  HPAScalingRules: { selectPolicy: ["Disabled", "Max", "Min"] },
  IngressClassParametersReference: { scope: ["Cluster", "Namespace"] },
  LabelSelectorRequirement: { operator: ["DoesNotExist", "Exists", "In", "NotIn"] },
  MetricSpec: { type: ["ContainerResource", "External", "Object", "Pods", "Resource"] },
  MetricTarget: { type: ["AverageValue", "Utilization", "Value"] },
  MutatingWebhook: { reinvocationPolicy: ["IfNeeded", "Never"] },
  NamedRuleWithOperations: { scope: ["*", "Cluster", "Namespaced"] },
  PodFailurePolicyOnPodConditionsPattern: { status: ["False", "True", "Unknown"] },
  PodOS: { name: ["linux", "windows"] },
  RoleRef: { apiGroup: ["rbac.authorization.k8s.io"], kind: ["ClusterRole", "Role"] },
  RuleWithOperations: { scope: ["*", "Cluster", "Namespaced"] },
  StatefulSetPersistentVolumeClaimRetentionPolicy: {
    whenDeleted: ["Delete", "Retain"],
    whenScaled: ["Delete", "Retain"],
  },
  Subject: { kind: ["Group", "ServiceAccount", "User"] },
  Toleration: { operator: ["Equal", "Exists", "Gt", "Lt"] },
};

/** @param type the last part of the name of its definition */
function amend(type, node) {
  const {
    r = [],
    n = [],
    o,
    ...letters
  } = { ...Object.fromEntries((COUNTS[type] ?? []).map((name) => [name, "c"])), ...MORE[type] };
  if (!node.p) return node;
  const p = { ...node.p };
  for (const [name, letter] of Object.entries(letters)) if (name in p) p[name] = letter;
  for (const name of n) p[name] = { ...p[name], n: 1 };
  for (const [name, e] of Object.entries(WORDS[type] ?? {})) p[name] = { e };
  const required = [...new Set([...(node.r ?? []), ...r])].filter(
    (name) => !name.startsWith("-") && !r.includes(`-${name}`),
  );
  return {
    p,
    ...(required.length > 0 ? { r: required.sort() } : {}),
    ...(o ? { o: o.filter((name) => name in p) } : {}),
  };
}

const LETTERS = { string: "s", integer: "i", number: "n", boolean: "b" };
const REF = "#/components/schemas/";

/** @param documents OpenAPI v3 by group and version, such as `apps/v1` */
export function makeKubeSchemas(documents) {
  const kinds = {};
  for (const [apiVersion, { components }] of Object.entries(documents)) {
    const seen = new Map();
    const shrink = (schema) => {
      const ref = schema.$ref ?? schema.allOf?.[0]?.$ref;
      if (ref !== undefined) {
        const name = ref.slice(REF.length);
        if (!seen.has(name)) seen.set(name, amend(name.split(".").at(-1), shrink(components.schemas[name])));
        return seen.get(name);
      }
      // IntOrString and Quantity are the only ones.
      if (schema.oneOf) return schema.oneOf.some(({ type }) => type === "integer") ? "q" : "u";
      if (schema.properties) {
        const p = Object.fromEntries(Object.entries(schema.properties).map(([name, one]) => [name, shrink(one)]));
        return { p, ...(schema.required ? { r: [...schema.required].sort() } : {}) };
      }
      if (schema.type === "array") return shrinkList(schema);
      if (schema.type === "object")
        return typeof schema.additionalProperties === "object" ? { m: shrink(schema.additionalProperties) } : "x";
      if (schema.enum) return { e: schema.enum.map(String).sort() };
      return LETTERS[schema.type] ?? "x";
    };
    const shrinkList = (schema) => {
      const type = schema["x-kubernetes-list-type"];
      const a = shrink(schema.items);
      if (type !== "map" && type !== "set") return { a };
      const k = schema["x-kubernetes-list-map-keys"] ?? [];
      const items = components.schemas[(schema.items.$ref ?? schema.items.allOf?.[0]?.$ref ?? "").slice(REF.length)];
      const d = k.flatMap((key) => (items?.properties[key]?.default ? [[key, items.properties[key].default]] : []));
      return { a, k, ...(d.length > 0 ? { d: Object.fromEntries(d) } : {}) };
    };
    for (const schema of Object.values(components.schemas)) {
      const [own, ...others] = schema["x-kubernetes-group-version-kind"] ?? [];
      if (!own || others.length > 0 || !KEPT.has(own.kind)) continue;
      if ((own.group === "" ? own.version : `${own.group}/${own.version}`) !== apiVersion) continue;
      const { p, r } = amend(own.kind, shrink(schema));
      const { apiVersion: _, kind: __, metadata: ___, status: ____, ...rest } = p;
      kinds[`${apiVersion}/${own.kind}`] = { p: rest, ...(r ? { r } : {}) };
    }
  }
  const placed = placeShapes(kinds);
  return `{"shapes":[\n${placed.shapes.join(",\n")}\n],"kinds":{\n${placed.kinds.join(",\n")}\n}}\n`;
}
