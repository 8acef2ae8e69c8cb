import type { Landmarks } from "./runbook-landmarks.ts";
import type { RunbookStep } from "./types.ts";

/** Columns that show whether the operator has taken an object over (flux-semantics 2.5). */
const ADOPTION_COLUMNS = [
  "KIND:.kind",
  "NAME:.metadata.name",
  "PRUNE:.metadata.annotations.kustomize\\.toolkit\\.fluxcd\\.io/prune",
  "OWNER:.metadata.labels.kustomize\\.toolkit\\.fluxcd\\.io/name",
].join(",");

/** Resource name for kubectl that no other API group can shadow. */
const RESOURCES: Record<string, string> = {
  Kustomization: "kustomizations.kustomize.toolkit.fluxcd.io",
  GitRepository: "gitrepositories.source.toolkit.fluxcd.io",
  OCIRepository: "ocirepositories.source.toolkit.fluxcd.io",
  Bucket: "buckets.source.toolkit.fluxcd.io",
  HelmRelease: "helmreleases.helm.toolkit.fluxcd.io",
};

export function resourceOf(kind: string): string {
  return RESOURCES[kind] ?? kind.toLowerCase();
}

/** Quotes a word for POSIX shells unless it is plain. */
export function quoteShell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}

/** `flux reconcile` of the root with its source, to save the wait for the interval. */
export function reconcileRoot(marks: Landmarks, name = marks.root.name): string {
  return `flux -n ${marks.root.namespace} reconcile kustomization ${name} --with-source`;
}

/** Shows nothing but its header line when every Flux object is healthy. */
export function listNotReady(): string[] {
  return [
    "flux get sources all -A --status-selector ready=false",
    "flux get kustomizations -A --status-selector ready=false",
    "flux get helmreleases -A --status-selector ready=false",
  ];
}

/** The FluxInstance exists only some time after the merge, and `kubectl wait` fails on what does not exist yet. */
export function waitForInstance({ namespace }: Landmarks): RunbookStep {
  return {
    title: "Wait until the FluxInstance is Ready",
    body: [
      "The operator now takes over the running controllers. Each of them restarts once; source-controller starts with an empty disk and fetches every source again.",
      "If it stays not Ready, read its message: `BuildFailed` means that a patch does not fit, and nothing was changed in the cluster.",
    ],
    commands: [
      `until kubectl -n ${namespace} get fluxinstance flux >/dev/null 2>&1; do sleep 5; done`,
      `kubectl -n ${namespace} wait fluxinstance/flux --for=condition=Ready --timeout=10m`,
      `kubectl -n ${namespace} get fluxinstance flux`,
    ],
    expect: "`READY` is `True` and the revision names the Flux version of the plan.",
  };
}

/**
 * Every object of the old install must show the operator's annotation and no owner label (flux-semantics 2.5).
 * NetworkPolicies are left out: where the instance says `networkPolicy: false` they are meant to go.
 */
export function checkAdoption(marks: Landmarks): RunbookStep {
  const { namespace, sync } = marks;
  const columns = `-o custom-columns='${ADOPTION_COLUMNS}'`;
  const part = "-l app.kubernetes.io/part-of=flux";
  return {
    title: "Check that the operator owns every object of the old install",
    body: [
      "Only the live labels and annotations decide what Flux prunes. Go on only when they are right on every row; this is what makes removing the old files safe.",
      `An owner that is still shown was written back while the operator took over. Its next reconcile takes it away: \`kubectl -n ${namespace} annotate --overwrite fluxinstance flux reconcile.fluxcd.io/requestedAt="$(date +%s)"\`, then look again.`,
    ],
    commands: [
      `kubectl -n ${namespace} get deployments,serviceaccounts,services,resourcequotas ${part} ${columns}`,
      `kubectl get customresourcedefinitions,clusterroles,clusterrolebindings ${part} ${columns}`,
      `kubectl get namespace ${namespace} ${columns}`,
      ...(sync ? [`flux trace kustomization ${sync} -n ${namespace}`] : []),
    ],
    expect: [
      "`PRUNE` is `Disabled` and `OWNER` is `<none>` on every row, apart from objects of flux-operator itself and unsuffixed RBAC (`crd-controller`, `cluster-reconciler`, `flux-edit`, `flux-view`, `critical-pods`).",
      ...(sync ? [`\`flux trace\` says that ${sync} is not managed by Flux.`] : []),
    ].join(" "),
  };
}

/** The controllers run and everything they reconcile is healthy. */
export function checkHealth({ namespace }: Landmarks): RunbookStep {
  return {
    title: "Check that everything still reconciles",
    body: [],
    commands: [`kubectl -n ${namespace} get deployments -l app.kubernetes.io/part-of=flux`, ...listNotReady()],
    expect: "All controllers are available, and the other lists are empty.",
  };
}
