import type { FieldSpec } from "./field-spec.ts";

/** Fields that hold the name of an object of a kind. */
export interface NameReferences {
  readonly kind: string;
  readonly group?: string;
  readonly version?: string;
  readonly fields: readonly FieldSpec[];
}

type Transformer =
  | "namePrefix"
  | "nameSuffix"
  | "namespace"
  | "commonLabels"
  | "labels"
  | "templateLabels"
  | "commonAnnotations"
  | "images"
  | "replicas";

/** Field specs of the transformers, by the names a file of `configurations` uses. */
export type Specs = Readonly<Record<Transformer, readonly FieldSpec[]>> & {
  readonly nameReference: readonly NameReferences[];
};

/** `kind` or `group/version/kind`; an empty part asks for nothing. */
function parseKind(text: string): { group: string; version: string; kind: string } {
  const [, group = "", version = "", kind = ""] = /^(?:(.*)\/(.*)\/)?(.*)$/.exec(text)!;
  return { group, version, kind };
}

/** Paths in objects of kinds, which spaces separate. */
const of = (kinds: string, ...paths: string[]): FieldSpec[] =>
  kinds.split(" ").flatMap((kind) => paths.map((path) => ({ path, ...parseKind(kind) })));
const created = (...specs: FieldSpec[]): FieldSpec[] => specs.map((spec) => ({ ...spec, create: true }));
const below = (specs: readonly FieldSpec[], ...fields: string[]): FieldSpec[] =>
  specs.flatMap((spec) => fields.map((field) => ({ ...spec, path: `${spec.path}/${field}` })));

/** Pod templates, without the last part of the path. */
const templates = [
  ...of("/v1/ReplicationController Deployment ReplicaSet DaemonSet batch//Job", "spec/template/metadata"),
  ...of("batch//CronJob", "spec/jobTemplate/metadata", "spec/jobTemplate/spec/template/metadata"),
];
const templateLabels = created(
  { path: "metadata/labels" },
  ...below(templates, "labels"),
  ...of("apps//StatefulSet", "spec/template/metadata/labels", "spec/volumeClaimTemplates[]/metadata/labels"),
);
const affinity = ["podAffinity", "podAntiAffinity"].flatMap((field) => [
  `affinity/${field}/preferredDuringSchedulingIgnoredDuringExecution/podAffinityTerm`,
  `affinity/${field}/requiredDuringSchedulingIgnoredDuringExecution`,
]);
const podSelectors = [...affinity, "topologySpreadConstraints"].flatMap((field) =>
  of("apps//Deployment apps//StatefulSet", `spec/template/spec/${field}/labelSelector/matchLabels`),
);

/** Kinds with a pod, the path to its spec, and what a reference in it must also match. */
const pods = [
  ...of("/v1/Pod", "spec"),
  ...of("PodTemplate", "template/spec"),
  ...of("Deployment ReplicaSet DaemonSet StatefulSet Job", "spec/template/spec"),
  ...of("CronJob", "spec/jobTemplate/spec/template/spec"),
];
/** For other references the list of kinds is another one. */
const runners = [
  ...of("Pod", "spec"),
  ...of("StatefulSet Deployment ReplicationController Job DaemonSet", "spec/template/spec"),
  ...of("CronJob", "spec/jobTemplate/spec/template/spec"),
];
const readers = ["containers", "initContainers"];
const roles = of("Role ClusterRole", "rules/resourceNames");
const roleBindings = "rbac.authorization.k8s.io//RoleBinding rbac.authorization.k8s.io//ClusterRoleBinding";

const references = (target: string, ...fields: FieldSpec[]): NameReferences => ({ ...parseKind(target), fields });
const nameReference = [
  ...["Deployment", "ReplicationController", "ReplicaSet", "StatefulSet"].map((kind) =>
    references(kind, ...of("HorizontalPodAutoscaler", "spec/scaleTargetRef/name")),
  ),
  references(
    "/v1/ConfigMap",
    ...below(
      pods,
      "volumes/configMap/name",
      ...readers.flatMap((field) => [
        `${field}/env/valueFrom/configMapKeyRef/name`,
        `${field}/envFrom/configMapRef/name`,
      ]),
      "volumes/projected/sources/configMap/name",
    ),
    ...of("Node", "spec/configSource/configMap"),
    ...roles,
    ...of("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/fastcgi-params-configmap"),
  ),
  references(
    "/v1/Secret",
    ...below(
      pods,
      "volumes/secret/secretName",
      ...readers.flatMap((field) => [`${field}/env/valueFrom/secretKeyRef/name`, `${field}/envFrom/secretRef/name`]),
      "imagePullSecrets/name",
      "volumes/projected/sources/secret/name",
    ),
    ...of("Ingress", "spec/tls/secretName", "metadata/annotations/ingress.kubernetes.io\\/auth-secret"),
    ...of("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-secret"),
    ...of("Ingress", "metadata/annotations/nginx.ingress.kubernetes.io\\/auth-tls-secret"),
    ...of("ServiceAccount", "imagePullSecrets/name"),
    ...of("StorageClass", "parameters/secretName", "parameters/adminSecretName"),
    ...of("StorageClass", "parameters/userSecretName", "parameters/secretRef"),
    ...roles,
    ...of("serving.knative.dev/v1/Service", "spec/template/spec/containers/env/valueFrom/secretKeyRef/name"),
    ...of("PersistentVolume", "spec/azureFile/secretName"),
  ),
  references(
    "/v1/Service",
    ...of("apps//StatefulSet", "spec/serviceName"),
    ...of("Ingress", "spec/rules/http/paths/backend/serviceName", "spec/backend/serviceName"),
    ...of("Ingress", "spec/rules/http/paths/backend/service/name", "spec/defaultBackend/service/name"),
    ...of("apiregistration.k8s.io//APIService", "spec/service/name"),
    ...of("admissionregistration.k8s.io//ValidatingWebhookConfiguration", "webhooks/clientConfig/service"),
    ...of("admissionregistration.k8s.io//MutatingWebhookConfiguration", "webhooks/clientConfig/service"),
  ),
  references("rbac.authorization.k8s.io//Role", ...of("rbac.authorization.k8s.io//RoleBinding", "roleRef/name")),
  references("rbac.authorization.k8s.io//ClusterRole", ...of(roleBindings, "roleRef/name")),
  references("/v1/ServiceAccount", ...of(roleBindings, "subjects"), ...below(runners, "serviceAccountName")),
  references("/v1/PersistentVolumeClaim", ...below(runners, "volumes/persistentVolumeClaim/claimName")),
  references(
    "/v1/PersistentVolume",
    ...of("PersistentVolumeClaim", "spec/volumeName"),
    ...of("ClusterRole", "rules/resourceNames"),
  ),
  references(
    "storage.k8s.io/v1/StorageClass",
    ...of("PersistentVolume PersistentVolumeClaim", "spec/storageClassName"),
    ...of("StatefulSet", "spec/volumeClaimTemplates/spec/storageClassName"),
  ),
  references("scheduling.k8s.io/v1/PriorityClass", ...below(runners, "priorityClassName")),
  // A slip of kustomize: no group is called so, and the field is never set.
  references("networking.k8s.io/v1/v1/IngressClass", ...of("Ingress", "spec/ingressClassName")),
  references(
    "admissionregistration.k8s.io//ValidatingAdmissionPolicy",
    ...of("admissionregistration.k8s.io//ValidatingAdmissionPolicyBinding", "spec/policyName"),
  ),
];

/** Lists that may use variables, of kustomize's own field specs for those. */
export const variableLists: readonly FieldSpec[] = [
  ...below(
    [
      ...of("Deployment DaemonSet Job ReplicaSet StatefulSet", "spec/template/spec"),
      ...of("CronJob", "spec/jobTemplate/spec/template/spec"),
      ...of("Pod", "spec"),
    ],
    ...["containers", "initContainers"].flatMap((list) => [`${list}/args`, `${list}/command`]),
  ),
  ...of("Ingress", "spec/tls/hosts"),
];

/** kustomize's own field specs (5.5, `builtinpluginconsts`). */
export const defaultSpecs: Specs = {
  namePrefix: [{ path: "metadata/name" }],
  nameSuffix: [{ path: "metadata/name" }],
  namespace: [
    ...created(
      ...of("Namespace", "metadata/name"),
      ...of("apiregistration.k8s.io//APIService", "spec/service/namespace"),
    ),
    ...of("apiextensions.k8s.io//CustomResourceDefinition", "spec/conversion/webhook/clientConfig/service/namespace"),
  ],
  commonLabels: [
    ...created(
      ...of("/v1/Service /v1/ReplicationController", "spec/selector"),
      ...of("Deployment ReplicaSet DaemonSet apps//StatefulSet", "spec/selector/matchLabels"),
    ),
    ...podSelectors,
    ...of("batch//Job", "spec/selector/matchLabels"),
    ...of("batch//CronJob", "spec/jobTemplate/spec/selector/matchLabels"),
    ...of("policy//PodDisruptionBudget", "spec/selector/matchLabels"),
    ...below(
      of("networking.k8s.io//NetworkPolicy", "spec", "spec/ingress/from", "spec/egress/to"),
      "podSelector/matchLabels",
    ),
    ...templateLabels,
  ],
  labels: [],
  templateLabels,
  commonAnnotations: created(
    { path: "metadata/annotations" },
    ...below([...templates, ...of("StatefulSet", "spec/template/metadata")], "annotations"),
  ),
  images: ["spec", "spec/template/spec"].flatMap((path) =>
    readers.map((list) => ({ path: `${path}/${list}[]/image`, create: true })),
  ),
  replicas: created(...of("Deployment ReplicationController ReplicaSet StatefulSet", "spec/replicas")),
  nameReference,
};
