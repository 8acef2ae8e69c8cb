/** How a value of the flux2 chart is carried over; also the source of the table in the docs. */
export interface ChartValue {
  /** Path in the values; `*` stands for every controller key. */
  path: string;
  /** The value that says what the chart does anyway; a value equal to it needs nothing. */
  standard?: unknown;
  /** Where it goes. */
  to: string;
  /** Set for values the FluxInstance cannot say: why, and what to do. */
  lost?: { why: string; next: string; level: "info" | "caution" | "blocker" };
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

const FOREIGN = {
  level: "caution",
  why: "The chart makes an object that flux-operator does not; it leaves the cluster's Git with the HelmRelease.",
  next: "Add it as a manifest of its own before the old HelmRelease is removed.",
} as const;
const OWN_IMAGE = {
  level: "caution",
  why: "flux-operator chooses images by `distribution.registry` and version.",
  next: "Set `distribution.registry` (and `variant`) to where the images are, or drop the override.",
} as const;

/** Everything the chart understands, in the order it is reported (values.yaml of chart 2.12 to 2.19). */
export const CHART_VALUES: readonly ChartValue[] = [
  {
    path: "installCRDs",
    standard: true,
    to: "the operator installs the CRDs of its components",
    lost: {
      level: "caution",
      why: "The operator always installs the CRDs of its components.",
      next: "Make sure that nothing else delivers the Flux CRDs.",
    },
  },
  { path: "crds", to: "nothing: the operator installs and migrates CRDs" },
  { path: "cli", to: "nothing: only the hooks of the chart use it" },
  { path: "clusterDomain", standard: "cluster.local", to: "spec.cluster.domain" },
  { path: "policies.create", standard: true, to: "spec.cluster.networkPolicy" },
  { path: "logLevel", standard: "info", to: "spec.kustomize.patches" },
  { path: "logEncoding", standard: "json", to: "spec.kustomize.patches" },
  { path: "watchAllNamespaces", standard: true, to: "spec.kustomize.patches" },
  { path: "imagePullSecrets", to: "spec.distribution.imagePullSecret, or spec.kustomize.patches for several" },
  { path: "hostUsers", to: "spec.kustomize.patches" },
  { path: "multitenancy.enabled", standard: false, to: "spec.kustomize.patches" },
  { path: "multitenancy.defaultServiceAccount", to: "spec.kustomize.patches" },
  {
    path: "multitenancy.privileged",
    standard: true,
    to: "",
    lost: {
      level: "blocker",
      why: "flux-operator always binds kustomize-controller and helm-controller to cluster-admin; the chart took that away.",
      next: "Decide on the RBAC first: patch ClusterRoleBinding cluster-reconciler, or set the value to true.",
    },
  },
  {
    path: "rbac.create",
    standard: true,
    to: "the operator creates the roles",
    lost: {
      level: "caution",
      why: "flux-operator always creates the Flux roles and bindings.",
      next: "Remove the ones delivered elsewhere.",
    },
  },
  {
    path: "rbac.createAggregation",
    standard: true,
    to: "the operator creates flux-edit and flux-view",
    lost: {
      level: "caution",
      why: "flux-operator always creates the aggregated roles flux-edit and flux-view.",
      next: "Delete them with a patch if nobody may have them.",
    },
  },
  { path: "rbac.annotations", to: "nothing: annotations for Helm" },
  {
    path: "rbac.roleRef.name",
    standard: "cluster-admin",
    to: "",
    lost: {
      level: "blocker",
      why: "flux-operator binds kustomize-controller and helm-controller to cluster-admin.",
      next: "Patch ClusterRoleBinding cluster-reconciler in the FluxInstance, or set the value to cluster-admin.",
    },
  },
  { path: "prometheus.podMonitor.create", standard: false, to: "", lost: FOREIGN },
  { path: "prometheus.podMonitor", to: "goes with podMonitor.create" },
  { path: "extraObjects", to: "", lost: FOREIGN },
  {
    path: "distro.openshift",
    standard: false,
    to: "",
    lost: {
      level: "blocker",
      why: "`cluster.type: openshift` removes security contexts but brings no SCC (trap 35).",
      next: "Set `cluster.type: openshift` by hand and deliver the SCC yourself.",
    },
  },
  { path: "*.create", to: "spec.components" },
  { path: "*.image", to: "", lost: OWN_IMAGE },
  { path: "*.tag", to: "", lost: OWN_IMAGE },
  { path: "*.resources", to: "spec.kustomize.patches" },
  { path: "*.priorityClassName", to: "spec.kustomize.patches" },
  { path: "*.annotations", to: "spec.kustomize.patches" },
  { path: "*.labels", to: "spec.kustomize.patches" },
  { path: "*.container.additionalArgs", to: "spec.kustomize.patches" },
  { path: "*.extraEnv", to: "spec.kustomize.patches" },
  { path: "*.envFrom", to: "spec.kustomize.patches" },
  {
    path: "*.serviceAccount.create",
    standard: true,
    to: "the operator creates the ServiceAccount",
    lost: {
      level: "caution",
      why: "flux-operator always creates the ServiceAccount of a controller.",
      next: "Remove the one delivered elsewhere.",
    },
  },
  { path: "*.serviceAccount.automount", standard: true, to: "spec.kustomize.patches" },
  { path: "*.serviceAccount.annotations", to: "spec.kustomize.patches" },
  { path: "*.imagePullPolicy", to: "spec.kustomize.patches" },
  { path: "*.nodeSelector", to: "spec.kustomize.patches" },
  { path: "*.affinity", to: "spec.kustomize.patches" },
  { path: "*.tolerations", to: "spec.kustomize.patches" },
  { path: "*.replicas", standard: 1, to: "spec.kustomize.patches" },
  { path: "*.initContainers", to: "spec.kustomize.patches" },
  { path: "*.volumes", to: "spec.kustomize.patches" },
  { path: "*.volumeMounts", to: "spec.kustomize.patches" },
  { path: "*.securityContext", to: "spec.kustomize.patches" },
  { path: "*.podSecurityContext", to: "spec.kustomize.patches" },
  { path: "*.extraSecretMounts", to: "spec.kustomize.patches" },
  { path: "*.secret.create", standard: false, to: "", lost: FOREIGN },
  { path: "*.secret", to: "goes with secret.create" },
  { path: "*.service", to: "spec.kustomize.patches" },
  { path: "*.webhookReceiver.service", to: "spec.kustomize.patches" },
  { path: "*.webhookReceiver.ingress.create", standard: false, to: "", lost: FOREIGN },
  { path: "*.webhookReceiver.ingress", to: "goes with ingress.create" },
];
