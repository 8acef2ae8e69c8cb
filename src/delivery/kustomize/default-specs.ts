import type { FieldSpec } from "./field-spec.ts";

/** Field specs of the transformers, by the names a file of `configurations` uses. */
export interface Specs {
  readonly namePrefix: readonly FieldSpec[];
  readonly nameSuffix: readonly FieldSpec[];
  readonly namespace: readonly FieldSpec[];
  readonly commonLabels: readonly FieldSpec[];
  readonly labels: readonly FieldSpec[];
  readonly templateLabels: readonly FieldSpec[];
  readonly commonAnnotations: readonly FieldSpec[];
  readonly images: readonly FieldSpec[];
  readonly replicas: readonly FieldSpec[];
  readonly nameReference: readonly NameReferences[];
}

/** Fields that hold the name of an object of a kind. */
export interface NameReferences {
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly fields: readonly FieldSpec[];
}

const create = true;
const apps = { group: "apps" };
const batch = { group: "batch" };
const networking = { group: "networking.k8s.io" };
const rbac = { group: "rbac.authorization.k8s.io" };

/** Pod templates, without the last part of the path. */
const templates: readonly FieldSpec[] = [
  { path: "spec/template/metadata", version: "v1", kind: "ReplicationController" },
  { path: "spec/template/metadata", kind: "Deployment" },
  { path: "spec/template/metadata", kind: "ReplicaSet" },
  { path: "spec/template/metadata", kind: "DaemonSet" },
  { path: "spec/template/metadata", ...batch, kind: "Job" },
  { path: "spec/jobTemplate/metadata", ...batch, kind: "CronJob" },
  { path: "spec/jobTemplate/spec/template/metadata", ...batch, kind: "CronJob" },
];

const below = (specs: readonly FieldSpec[], field: string) =>
  specs.map((spec) => ({ ...spec, path: `${spec.path}/${field}`, create }));

const templateLabels: readonly FieldSpec[] = [
  { path: "metadata/labels", create },
  ...below(templates, "labels"),
  { path: "spec/template/metadata/labels", ...apps, kind: "StatefulSet", create },
  { path: "spec/volumeClaimTemplates[]/metadata/labels", ...apps, kind: "StatefulSet", create },
];

const affinity = ["podAffinity", "podAntiAffinity"].flatMap((field) => [
  `affinity/${field}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm`,
  `affinity/${field}/requiredDuringSchedulingIgnoredDuringExecution`,
]);
const podSelectors = [...affinity, "topologySpreadConstraints"].flatMap((field) =>
  ["Deployment", "StatefulSet"].map((kind) => ({
    path: `spec/template/spec/${field}/labelSelector/matchLabels`,
    ...apps,
    kind,
  })),
);

/** Kinds with a pod, the path to its spec, and what a reference in it must also match. */
const pods: readonly FieldSpec[] = [
  { path: "spec", version: "v1", kind: "Pod" },
  { path: "template/spec", kind: "PodTemplate" },
  ...["Deployment", "ReplicaSet", "DaemonSet", "StatefulSet", "Job"].map((kind) => ({
    path: "spec/template/spec",
    kind,
  })),
  { path: "spec/jobTemplate/spec/template/spec", kind: "CronJob" },
];
/** For other references the list of kinds is another one. */
const runners: readonly FieldSpec[] = [
  { path: "spec", kind: "Pod" },
  ...["StatefulSet", "Deployment", "ReplicationController", "Job", "DaemonSet"].map((kind) => ({
    path: "spec/template/spec",
    kind,
  })),
  { path: "spec/jobTemplate/spec/template/spec", kind: "CronJob" },
];
const inside = (holders: readonly FieldSpec[], fields: readonly string[]) =>
  holders.flatMap((holder) => fields.map((field) => ({ ...holder, path: `${holder.path}/${field}` })));
const of = (kind: string, ...paths: string[]): FieldSpec[] => paths.map((path) => ({ path, kind }));
const readers = ["containers", "initContainers"];
const roles = [...of("Role", "rules/resourceNames"), ...of("ClusterRole", "rules/resourceNames")];
const scaled = of("HorizontalPodAutoscaler", "spec/scaleTargetRef/name");
const webhooks = ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"];

const nameReference: readonly NameReferences[] = [
  ...["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"].map((kind) => ({ kind, fields: scaled })),
  {
    kind: "ConfigMap",
    version: "v1",
    fields: [
      ...inside(pods, [
        "volumes/configMap/name",
        ...readers.flatMap((field) => [
          `${field}/env/valueFrom/configMapKeyRef/name`,
          `${field}/envFrom/configMapRef/name`,
        ]),
        "volumes/projected/sources/configMap/name",
      ]),
      ...of("Node", "spec/configSource/configMap"),
      ...roles,
      ...of("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap"),
    ],
  },
  {
    kind: "Secret",
    version: "v1",
    fields: [
      ...inside(pods, [
        "volumes/secret/secretName",
        ...readers.flatMap((field) => [`${field}/env/valueFrom/secretKeyRef/name`, `${field}/envFrom/secretRef/name`]),
        "imagePullSecrets/name",
        "volumes/projected/sources/secret/name",
      ]),
      ...of(
        "Ingress",
        "spec/tls/secretName",
        "metadata/annotations/ingress.kubernetes.io\\/auth-secret",
        "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret",
        "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret",
      ),
      ...of("ServiceAccount", "imagePullSecrets/name"),
      ...of(
        "StorageClass",
        ...["secretName", "adminSecretName", "userSecretName", "secretRef"].map((key) => `parameters/${key}`),
      ),
      ...roles,
      {
        path: "spec/template/spec/containers/env/valueFrom/secretKeyRef/name",
        group: "serving.knative.dev",
        version: "v1",
        kind: "Service",
      },
      ...of("PersistentVolume", "spec/azureFile/secretName"),
    ],
  },
  {
    kind: "Service",
    version: "v1",
    fields: [
      { path: "spec/serviceName", ...apps, kind: "StatefulSet" },
      ...of(
        "Ingress",
        "spec/rules/http/paths/backend/serviceName",
        "spec/backend/serviceName",
        "spec/rules/http/paths/backend/service/name",
        "spec/defaultBackend/service/name",
      ),
      { path: "spec/service/name", group: "apiregistration.k8s.io", kind: "APIService" },
      ...webhooks.map((kind) => ({
        path: "webhooks/clientConfig/service",
        group: "admissionregistration.k8s.io",
        kind,
      })),
    ],
  },
  { kind: "Role", ...rbac, fields: [{ path: "roleRef/name", ...rbac, kind: "RoleBinding" }] },
  {
    kind: "ClusterRole",
    ...rbac,
    fields: ["RoleBinding", "ClusterRoleBinding"].map((kind) => ({ path: "roleRef/name", ...rbac, kind })),
  },
  {
    kind: "ServiceAccount",
    version: "v1",
    fields: [
      ...["RoleBinding", "ClusterRoleBinding"].map((kind) => ({ path: "subjects", ...rbac, kind })),
      ...inside(runners, ["serviceAccountName"]),
    ],
  },
  {
    kind: "PersistentVolumeClaim",
    version: "v1",
    fields: inside(runners, ["volumes/persistentVolumeClaim/claimName"]),
  },
  {
    kind: "PersistentVolume",
    version: "v1",
    fields: [...of("PersistentVolumeClaim", "spec/volumeName"), ...of("ClusterRole", "rules/resourceNames")],
  },
  {
    kind: "StorageClass",
    group: "storage.k8s.io",
    version: "v1",
    fields: [
      ...of("PersistentVolume", "spec/storageClassName"),
      ...of("PersistentVolumeClaim", "spec/storageClassName"),
      ...of("StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
    ],
  },
  { kind: "PriorityClass", group: "scheduling.k8s.io", version: "v1", fields: inside(runners, ["priorityClassName"]) },
  // A slip of kustomize: no group is called so, and the field is never set.
  {
    kind: "IngressClass",
    group: "networking.k8s.io/v1",
    version: "v1",
    fields: of("Ingress", "spec/ingressClassName"),
  },
  {
    kind: "ValidatingAdmissionPolicy",
    group: "admissionregistration.k8s.io",
    fields: [
      { path: "spec/policyName", group: "admissionregistration.k8s.io", kind: "ValidatingAdmissionPolicyBinding" },
    ],
  },
];

/** kustomize's own field specs (5.5, `builtinpluginconsts`). */
export const defaultSpecs: Specs = {
  namePrefix: [{ path: "metadata/name" }],
  nameSuffix: [{ path: "metadata/name" }],
  namespace: [
    { path: "metadata/name", kind: "Namespace", create },
    { path: "spec/service/namespace", group: "apiregistration.k8s.io", kind: "APIService", create },
    {
      path: "spec/conversion/webhook/clientConfig/service/namespace",
      group: "apiextensions.k8s.io",
      kind: "CustomResourceDefinition",
    },
  ],
  commonLabels: [
    { path: "spec/selector", version: "v1", kind: "Service", create },
    { path: "spec/selector", version: "v1", kind: "ReplicationController", create },
    ...["Deployment", "ReplicaSet", "DaemonSet"].map((kind) => ({ path: "spec/selector/matchLabels", kind, create })),
    { path: "spec/selector/matchLabels", ...apps, kind: "StatefulSet", create },
    ...podSelectors,
    { path: "spec/selector/matchLabels", ...batch, kind: "Job" },
    { path: "spec/jobTemplate/spec/selector/matchLabels", ...batch, kind: "CronJob" },
    { path: "spec/selector/matchLabels", group: "policy", kind: "PodDisruptionBudget" },
    ...["spec", "spec/ingress/from", "spec/egress/to"].map((path) => ({
      path: `${path}/podSelector/matchLabels`,
      ...networking,
      kind: "NetworkPolicy",
    })),
    ...templateLabels,
  ],
  labels: [],
  templateLabels,
  commonAnnotations: [
    { path: "metadata/annotations", create },
    ...below([...templates, { path: "spec/template/metadata", kind: "StatefulSet" }], "annotations"),
  ],
  images: ["spec", "spec/template/spec"].flatMap((path) =>
    readers.map((list) => ({ path: `${path}/${list}[]/image`, create })),
  ),
  replicas: ["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"].map((kind) => ({
    path: "spec/replicas",
    kind,
    create,
  })),
  nameReference,
};
