/** What is said of a value that no FluxInstance can say: why, and what to do. */
interface LostValue {
  why: string;
  next: string;
  level: "info" | "caution" | "blocker";
}

/** How a value of the flux2 chart is carried over. */
export interface ChartValue {
  /** Path in the values; `*` stands for every controller key. */
  path: string;
  /** The value that says what the chart does anyway; a value equal to it needs nothing. */
  standard?: unknown;
  /** Where it goes. */
  to: string;
  /** Set for values the FluxInstance cannot say. */
  lost?: LostValue;
}

/** Controller keys of the chart and the Flux component each stands for; source-watcher is off by default. */
export const CONTROLLERS: Readonly<Record<string, { component: string; isDefault: boolean }>> = {
  sourceController: { component: "source-controller", isDefault: true },
  kustomizeController: { component: "kustomize-controller", isDefault: true },
  helmController: { component: "helm-controller", isDefault: true },
  notificationController: { component: "notification-controller", isDefault: true },
  imageReflectionController: { component: "image-reflector-controller", isDefault: true },
  imageAutomationController: { component: "image-automation-controller", isDefault: true },
  sourceWatcher: { component: "source-watcher", isDefault: false },
};

const FOREIGN: LostValue = {
  level: "caution",
  why: "The chart makes an object that flux-operator does not; it leaves the cluster's Git with the HelmRelease.",
  next: "Add it as a manifest of its own before the old HelmRelease is removed.",
};
const OWN_IMAGE: LostValue = {
  level: "caution",
  why: "flux-operator chooses images by `distribution.registry` and version.",
  next: "Set `distribution.registry` (and `variant`) to where the images are, or drop the override.",
};
const OWN_CRDS: LostValue = {
  level: "caution",
  why: "The operator always installs the CRDs of its components.",
  next: "Make sure that nothing else delivers the Flux CRDs.",
};
const OWN_ROLES: LostValue = {
  level: "caution",
  why: "flux-operator always creates the Flux roles and bindings.",
  next: "Remove the ones delivered elsewhere.",
};
const OWN_AGGREGATION: LostValue = {
  level: "caution",
  why: "flux-operator always creates the aggregated roles flux-edit and flux-view.",
  next: "Delete them with a patch if nobody may have them.",
};
const OWN_ACCOUNT: LostValue = {
  level: "caution",
  why: "flux-operator always creates the ServiceAccount of a controller.",
  next: "Remove the one delivered elsewhere.",
};
const ADMIN_ALWAYS: LostValue = {
  level: "blocker",
  why: "flux-operator always binds kustomize-controller and helm-controller to cluster-admin; the chart took that away.",
  next: "Decide on the RBAC first: patch ClusterRoleBinding cluster-reconciler, or set the value to true.",
};
const ADMIN_ROLE: LostValue = {
  level: "blocker",
  why: "flux-operator binds kustomize-controller and helm-controller to cluster-admin.",
  next: "Patch ClusterRoleBinding cluster-reconciler in the FluxInstance, or set the value to cluster-admin.",
};
const OPENSHIFT: LostValue = {
  level: "blocker",
  why: "`cluster.type: openshift` removes security contexts but brings no SCC (trap 35).",
  next: "Set `cluster.type: openshift` by hand and deliver the SCC yourself.",
};

/** A value that patches of the FluxInstance say. */
function patched(path: string, standard?: unknown): ChartValue {
  return { path, standard, to: "spec.kustomize.patches" };
}

/** Everything the chart understands (values.yaml of chart 2.12 to 2.19). */
export const CHART_VALUES: readonly ChartValue[] = [
  { path: "installCRDs", standard: true, to: "the operator installs the CRDs of its components", lost: OWN_CRDS },
  { path: "crds", to: "nothing: the operator installs and migrates CRDs" },
  { path: "cli", to: "nothing: only the hooks of the chart use it" },
  { path: "clusterDomain", standard: "cluster.local", to: "spec.cluster.domain" },
  { path: "policies.create", standard: true, to: "spec.cluster.networkPolicy" },
  patched("logLevel", "info"),
  patched("logEncoding", "json"),
  patched("watchAllNamespaces", true),
  { path: "imagePullSecrets", to: "spec.distribution.imagePullSecret, or spec.kustomize.patches for several" },
  patched("hostUsers"),
  patched("multitenancy.enabled", false),
  patched("multitenancy.defaultServiceAccount"),
  { path: "multitenancy.privileged", standard: true, to: "", lost: ADMIN_ALWAYS },
  { path: "rbac.create", standard: true, to: "the operator creates the roles", lost: OWN_ROLES },
  {
    path: "rbac.createAggregation",
    standard: true,
    to: "the operator creates flux-edit and flux-view",
    lost: OWN_AGGREGATION,
  },
  { path: "rbac.annotations", to: "nothing: annotations for Helm" },
  { path: "rbac.roleRef.name", standard: "cluster-admin", to: "", lost: ADMIN_ROLE },
  { path: "prometheus.podMonitor.create", standard: false, to: "", lost: FOREIGN },
  { path: "prometheus.podMonitor", to: "goes with podMonitor.create" },
  { path: "extraObjects", to: "", lost: FOREIGN },
  { path: "distro.openshift", standard: false, to: "", lost: OPENSHIFT },
  { path: "*.create", to: "spec.components" },
  { path: "*.image", to: "", lost: OWN_IMAGE },
  { path: "*.tag", to: "", lost: OWN_IMAGE },
  ...["resources", "priorityClassName", "annotations", "labels"].map((name) => patched(`*.${name}`)),
  ...["container.additionalArgs", "extraEnv", "envFrom"].map((name) => patched(`*.${name}`)),
  { path: "*.serviceAccount.create", standard: true, to: "the operator creates the ServiceAccount", lost: OWN_ACCOUNT },
  patched("*.serviceAccount.automount", true),
  patched("*.replicas", 1),
  ...["serviceAccount.annotations", "imagePullPolicy", "nodeSelector", "affinity"].map((name) => patched(`*.${name}`)),
  ...["tolerations", "initContainers", "volumes", "volumeMounts"].map((name) => patched(`*.${name}`)),
  ...["securityContext", "podSecurityContext", "extraSecretMounts"].map((name) => patched(`*.${name}`)),
  { path: "*.secret.create", standard: false, to: "", lost: FOREIGN },
  { path: "*.secret", to: "goes with secret.create" },
  ...["service", "webhookReceiver.service"].map((name) => patched(`*.${name}`)),
  { path: "*.webhookReceiver.ingress.create", standard: false, to: "", lost: FOREIGN },
  { path: "*.webhookReceiver.ingress", to: "goes with ingress.create" },
];
