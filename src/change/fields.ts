import { CONTAINER_LISTS, POD_SPECS } from "../admission/pods.ts";
import { groupBy } from "../contract/group-by.ts";
import { OPERATOR_FIELDS, OPERATOR_GROUPS } from "./operator-fields.ts";
import { type ReferenceField, soft } from "./reference-field.ts";

const KUSTOMIZATION = "kustomize.toolkit.fluxcd.io|Kustomization";
const RELEASE = "helm.toolkit.fluxcd.io|HelmRelease";
export const RESOURCE_SET = "fluxcd.controlplane.io|ResourceSet";
/** What nobody makes in passing; charts make most of what else a ResourceSet waits for. */
const RESOURCE_SET_WAITS = [
  ...["Kustomization", "HelmRelease", "ResourceSet", "ResourceSetInputProvider"],
  ...[
    "GitRepository",
    "OCIRepository",
    "Bucket",
    "HelmRepository",
    "ExternalArtifact",
    "ImageRepository",
    "ImagePolicy",
  ],
];
const source = (kind: string) => `source.toolkit.fluxcd.io|${kind}`;
const image = (kind: string) => `image.toolkit.fluxcd.io|${kind}`;
const notification = (kind: string) => `notification.toolkit.fluxcd.io|${kind}`;

const secret = (of: string, ...fields: string[]): ReferenceField[] =>
  fields.map((field) => ({ of, field, kind: "Secret" }));
const account = (of: string, field = "spec.serviceAccountName"): ReferenceField => ({
  of,
  field,
  kind: "ServiceAccount",
  name: "itself",
});
/** Of what may apply to another cluster, and acts as the account there. */
const remote = (of: string): ReferenceField[] => [
  { ...account(of), there: "name" },
  { of, field: "spec.kubeConfig.secretRef", kind: "Secret" },
  { of, field: "spec.kubeConfig.configMapRef", kind: "ConfigMap" },
];

/** Fields of the pods of plain workloads; where the template stands differs. */
const POD_FIELDS: readonly Omit<ReferenceField, "of">[] = [
  { field: "serviceAccountName", kind: "ServiceAccount", name: "itself" },
  { field: "volumes[].persistentVolumeClaim", kind: "PersistentVolumeClaim", name: "claimName" },
  { field: "volumes[].configMap", kind: "ConfigMap" },
  { field: "volumes[].secret", kind: "Secret", name: "secretName" },
  { field: "volumes[].projected.sources[].configMap", kind: "ConfigMap" },
  { field: "volumes[].projected.sources[].secret", kind: "Secret" },
  { field: "priorityClassName", kind: "PriorityClass", name: "itself", soft: true },
  { field: "runtimeClassName", kind: "RuntimeClass", name: "itself", soft: true },
  ...CONTAINER_LISTS.map((list) => `${list}[]`).flatMap((list) => [
    { field: `${list}.envFrom[].configMapRef`, kind: "ConfigMap" },
    { field: `${list}.envFrom[].secretRef`, kind: "Secret" },
    { field: `${list}.env[].valueFrom.configMapKeyRef`, kind: "ConfigMap" },
    { field: `${list}.env[].valueFrom.secretKeyRef`, kind: "Secret" },
  ]),
];

const ROUTES = ["HTTPRoute", "GRPCRoute", "TLSRoute", "TCPRoute", "UDPRoute"].map(
  (kind) => `gateway.networking.k8s.io|${kind}`,
);

const SCALED = ["Deployment", "StatefulSet"];

/** What else everyday objects name, which whoever runs the cluster may have made as well. */
const SOFT_FIELDS: readonly ReferenceField[] = [
  soft("|PersistentVolumeClaim", "spec.storageClassName", { kind: "StorageClass", name: "itself" }),
  soft("apps|StatefulSet", "spec.volumeClaimTemplates[].spec.storageClassName", {
    kind: "StorageClass",
    name: "itself",
  }),
  ...["storage", "walStorage"].map((field) =>
    soft("postgresql.cnpg.io|Cluster", `spec.${field}.storageClass`, { kind: "StorageClass", name: "itself" }),
  ),
  soft("networking.k8s.io|Ingress", "spec.ingressClassName", { kind: "IngressClass", name: "itself" }),
  soft("networking.k8s.io|Ingress", "spec.defaultBackend.service", { kind: "Service" }),
  soft("networking.k8s.io|Ingress", "spec.rules[].http.paths[].backend.service", { kind: "Service" }),
  soft("networking.k8s.io|Ingress", "spec.tls[]", { kind: "Secret", name: "secretName" }),
  soft("gateway.networking.k8s.io|Gateway", "spec.gatewayClassName", { kind: "GatewayClass", name: "itself" }),
  soft("gateway.networking.k8s.io|Gateway", "spec.listeners[].tls.certificateRefs[]", {
    kind: "Secret",
    far: true,
    only: ["Secret"],
  }),
  ...ROUTES.flatMap((of) => [
    soft(of, "spec.parentRefs[]", { kind: "Gateway", far: true, only: ["Gateway"] }),
    soft(of, "spec.rules[].backendRefs[]", { kind: "Service", far: true, only: ["Service"] }),
  ]),
  ...["IngressRoute", "IngressRouteTCP", "IngressRouteUDP"].flatMap((kind) => [
    soft(`traefik.io|${kind}`, "spec.routes[].services[]", { kind: "Service", far: true, only: ["Service"] }),
  ]),
  soft("traefik.io|IngressRoute", "spec.routes[].middlewares[]", { kind: "Middleware", far: true }),
  soft("apiregistration.k8s.io|APIService", "spec.service", { kind: "Service", far: true }),
  soft("apiextensions.k8s.io|CustomResourceDefinition", "spec.conversion.webhook.clientConfig.service", {
    kind: "Service",
    far: true,
  }),
  ...["Validating", "Mutating"].map((kind) =>
    soft(`admissionregistration.k8s.io|${kind}WebhookConfiguration`, "webhooks[].clientConfig.service", {
      kind: "Service",
      far: true,
    }),
  ),
  ...["RoleBinding", "ClusterRoleBinding"].flatMap((kind) => [
    soft(`rbac.authorization.k8s.io|${kind}`, "roleRef"),
    soft(`rbac.authorization.k8s.io|${kind}`, "subjects[]", { far: true, only: ["ServiceAccount"], slip: true }),
  ]),
  soft("cert-manager.io|Certificate", "spec.issuerRef", { kind: "Issuer" }),
  ...["networking.k8s.io|Ingress", "gateway.networking.k8s.io|Gateway"].flatMap((of) => [
    soft(of, "metadata.annotations", { kind: "Issuer", name: "cert-manager.io/issuer" }),
    soft(of, "metadata.annotations", { kind: "ClusterIssuer", name: "cert-manager.io/cluster-issuer" }),
  ]),
  // Its pods have no names in DNS without it (Kubernetes: StatefulSets, Limitations).
  soft("apps|StatefulSet", "spec.serviceName", { kind: "Service", name: "itself" }),
  soft("autoscaling|HorizontalPodAutoscaler", "spec.scaleTargetRef", { only: SCALED }),
  soft("keda.sh|ScaledObject", "spec.scaleTargetRef", { kind: "Deployment", only: SCALED }),
  soft("autoscaling.k8s.io|VerticalPodAutoscaler", "spec.targetRef", { only: SCALED }),
  soft("snapshot.storage.k8s.io|VolumeSnapshot", "spec.volumeSnapshotClassName", {
    kind: "VolumeSnapshotClass",
    name: "itself",
  }),
  soft("volsync.backube|ReplicationSource", "spec.sourcePVC", { kind: "PersistentVolumeClaim", name: "itself" }),
  ...["ReplicationSource", "ReplicationDestination"].flatMap((kind) =>
    ["restic", "kopia"].flatMap((mover) => [
      soft(`volsync.backube|${kind}`, `spec.${mover}.repository`, { kind: "Secret", name: "itself" }),
      ...["storageClassName", "cacheStorageClassName"].map((field) =>
        soft(`volsync.backube|${kind}`, `spec.${mover}.${field}`, { kind: "StorageClass", name: "itself" }),
      ),
      soft(`volsync.backube|${kind}`, `spec.${mover}.volumeSnapshotClassName`, {
        kind: "VolumeSnapshotClass",
        name: "itself",
      }),
    ]),
  ),
  ...["Backup", "ScheduledBackup", "Pooler", "Database", "Publication", "Subscription"].map((kind) =>
    soft(`postgresql.cnpg.io|${kind}`, "spec.cluster", { kind: "Cluster" }),
  ),
  ...["L2Advertisement", "BGPAdvertisement"].map((kind) =>
    soft(`metallb.io|${kind}`, "spec.ipAddressPools[]", { kind: "IPAddressPool", name: "itself" }),
  ),
];

/** What Flux's kinds, and the pods of plain workloads, cannot do without (the API references of Flux and Kubernetes). */
export const REFERENCE_FIELDS: readonly ReferenceField[] = [
  { of: KUSTOMIZATION, field: "spec.sourceRef", far: true },
  { of: KUSTOMIZATION, field: "spec.dependsOn[]", kind: "Kustomization", far: true },
  {
    of: KUSTOMIZATION,
    field: "spec.healthChecks[]",
    awaited: "without-wait",
    there: "object",
    far: true,
    only: ["Kustomization", "HelmRelease"],
  },
  // Charts make most of what else is waited for.
  soft(KUSTOMIZATION, "spec.healthChecks[]", {
    awaited: "without-wait",
    there: "object",
    far: true,
    ofAnyGroup: true,
    not: ["Kustomization", "HelmRelease"],
  }),
  { of: KUSTOMIZATION, field: "spec.postBuild.substituteFrom[]" },
  account(KUSTOMIZATION, "spec.decryption.serviceAccountName"),
  ...secret(KUSTOMIZATION, "spec.decryption.secretRef"),
  ...remote(KUSTOMIZATION),
  { of: RELEASE, field: "spec.chartRef", kind: "OCIRepository", far: true },
  { of: RELEASE, field: "spec.chart.spec.sourceRef", far: true },
  { of: RELEASE, field: "spec.dependsOn[]", kind: "HelmRelease", far: true },
  { of: RELEASE, field: "spec.valuesFrom[]" },
  ...secret(RELEASE, "spec.chart.spec.verify.secretRef"),
  ...remote(RELEASE),
  ...secret(source("GitRepository"), "spec.secretRef", "spec.proxySecretRef", "spec.verify.secretRef"),
  account(source("GitRepository")),
  { of: source("GitRepository"), field: "spec.include[].repository", kind: "GitRepository" },
  ...secret(source("OCIRepository"), "spec.secretRef", "spec.certSecretRef", "spec.proxySecretRef"),
  ...secret(source("OCIRepository"), "spec.verify.secretRef", "spec.verify.trustedRootSecretRef"),
  account(source("OCIRepository")),
  ...secret(source("Bucket"), "spec.secretRef", "spec.certSecretRef", "spec.proxySecretRef"),
  ...secret(source("Bucket"), "spec.sts.secretRef", "spec.sts.certSecretRef"),
  account(source("Bucket")),
  ...secret(source("HelmRepository"), "spec.secretRef", "spec.certSecretRef"),
  { of: source("HelmChart"), field: "spec.sourceRef" },
  ...secret(source("HelmChart"), "spec.verify.secretRef"),
  ...secret(image("ImageRepository"), "spec.secretRef", "spec.certSecretRef", "spec.proxySecretRef"),
  account(image("ImageRepository")),
  { of: image("ImagePolicy"), field: "spec.imageRepositoryRef", kind: "ImageRepository", far: true },
  { of: image("ImageUpdateAutomation"), field: "spec.sourceRef", kind: "GitRepository", far: true },
  { of: "infra.contrib.fluxcd.io|Terraform", field: "spec.sourceRef", far: true },
  ...secret(image("ImageUpdateAutomation"), "spec.git.commit.signingKey.secretRef"),
  ...secret(notification("Receiver"), "spec.secretRef"),
  { of: notification("Receiver"), field: "spec.resources[]", far: true },
  { of: notification("Alert"), field: "spec.providerRef", kind: "Provider" },
  { of: notification("Alert"), field: "spec.eventSources[]", far: true },
  ...secret(notification("Provider"), "spec.secretRef", "spec.certSecretRef", "spec.proxySecretRef"),
  account(notification("Provider")),
  { of: "source.extensions.fluxcd.io|ArtifactGenerator", field: "spec.sources[]", far: true },
  { of: "fluxcd.controlplane.io|FluxInstance", field: "spec.sync.pullSecret", kind: "Secret", name: "itself" },
  ...["imagePullSecret", "artifactPullSecret"].map((field) => ({
    of: "fluxcd.controlplane.io|FluxInstance",
    field: `spec.distribution.${field}`,
    kind: "Secret",
    name: "itself" as const,
  })),
  { of: RESOURCE_SET, field: "spec.dependsOn[]", awaited: "always", far: true, only: RESOURCE_SET_WAITS },
  soft(RESOURCE_SET, "spec.dependsOn[]", { awaited: "always", far: true, ofAnyGroup: true, not: RESOURCE_SET_WAITS }),
  { of: RESOURCE_SET, field: "spec.inputsFrom[]", kind: "ResourceSetInputProvider" },
  account(RESOURCE_SET),
  ...secret("fluxcd.controlplane.io|ResourceSetInputProvider", "spec.secretRef", "spec.certSecretRef"),
  { of: "external-secrets.io|ExternalSecret", field: "spec.secretStoreRef", kind: "SecretStore" },
  {
    of: "external-secrets.io|ClusterExternalSecret",
    field: "spec.externalSecretSpec.secretStoreRef",
    kind: "SecretStore",
  },
  ...["data", "dataFrom"].map((list) => ({
    of: "external-secrets.io|ExternalSecret",
    field: `spec.${list}[].sourceRef.storeRef`,
    kind: "SecretStore",
  })),
  { of: "external-secrets.io|PushSecret", field: "spec.secretStoreRefs[]", kind: "SecretStore" },
  ...SOFT_FIELDS,
  ...OPERATOR_FIELDS,
  ...Object.entries(POD_SPECS).flatMap(([of, way]) =>
    POD_FIELDS.map((one) => ({ ...one, of, field: `${way.join(".")}.${one.field}` })),
  ),
];

const BY_KIND = groupBy(REFERENCE_FIELDS, ({ of }) => of);

/** The fields by which objects of a kind, `group|Kind`, need others. */
export function fieldsOf(groupKind: string): readonly ReferenceField[] {
  return BY_KIND.get(groupKind) ?? [];
}

/** Groups of the kinds that references name; a kind that is not here is not looked for. */
const GROUPS: Record<string, string> = {
  ...OPERATOR_GROUPS,
  ConfigMap: "",
  PersistentVolumeClaim: "",
  Secret: "",
  ServiceAccount: "",
  Kustomization: "kustomize.toolkit.fluxcd.io",
  HelmRelease: "helm.toolkit.fluxcd.io",
  GitRepository: "source.toolkit.fluxcd.io",
  OCIRepository: "source.toolkit.fluxcd.io",
  Bucket: "source.toolkit.fluxcd.io",
  HelmRepository: "source.toolkit.fluxcd.io",
  HelmChart: "source.toolkit.fluxcd.io",
  ExternalArtifact: "source.toolkit.fluxcd.io",
  ImageRepository: "image.toolkit.fluxcd.io",
  ImagePolicy: "image.toolkit.fluxcd.io",
  Provider: "notification.toolkit.fluxcd.io",
  Receiver: "notification.toolkit.fluxcd.io",
  ResourceSetInputProvider: "fluxcd.controlplane.io",
  ResourceSet: "fluxcd.controlplane.io",
  SecretStore: "external-secrets.io",
  ClusterSecretStore: "external-secrets.io",
  Cluster: "postgresql.cnpg.io",
  ClusterIssuer: "cert-manager.io",
  ClusterRole: "rbac.authorization.k8s.io",
  Deployment: "apps",
  Gateway: "gateway.networking.k8s.io",
  GatewayClass: "gateway.networking.k8s.io",
  IPAddressPool: "metallb.io",
  IngressClass: "networking.k8s.io",
  Issuer: "cert-manager.io",
  Middleware: "traefik.io",
  PriorityClass: "scheduling.k8s.io",
  ReplicationDestination: "volsync.backube",
  Role: "rbac.authorization.k8s.io",
  RuntimeClass: "node.k8s.io",
  Service: "",
  StatefulSet: "apps",
  StorageClass: "storage.k8s.io",
  VolumeSnapshotClass: "snapshot.storage.k8s.io",
};

/** The kinds that a reference to one of them may name as well: `Issuer` and `ClusterIssuer`. */
export function kindsLike(kind: string): string[] {
  return Object.keys(GROUPS).filter((one) => GROUPS[one] === GROUPS[kind]);
}

export function groupOfKind(kind: string): string | undefined {
  return Object.hasOwn(GROUPS, kind) ? GROUPS[kind] : undefined;
}
