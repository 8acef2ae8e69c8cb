import * as run from "./commands.ts";
import { sh } from "./commands.ts";
import type { RunbookFacts } from "./facts.ts";
import { templatesFor } from "./template.ts";

const step = templatesFor<RunbookFacts>();

const ADOPTION = sh`-o custom-columns='KIND:.kind,NAME:.metadata.name,PRUNE:.metadata.annotations.kustomize\\.toolkit\\.fluxcd\\.io/prune,OWNER:.metadata.labels.kustomize\\.toolkit\\.fluxcd\\.io/name'`;
const PART_OF_FLUX = sh`-l app.kubernetes.io/part-of=flux`;

const waitFor = (body: string[]) =>
  step({
    title: "Wait until the FluxInstance is Ready",
    body,
    commands: ({ namespace }) => [
      run.until(run.getInstance(namespace)),
      run.waitForInstance(namespace, "10m"),
      run.getInstance(namespace),
    ],
    expect: "`READY` is `True` and the revision names the Flux version of the plan.",
  });

export const waitForTakeover = waitFor([
  "The operator now takes over the running controllers. Each of them restarts once; source-controller starts with an empty disk and fetches every source again.",
  "If it stays not Ready, read its message: `BuildFailed` means that a patch does not fit, and nothing was changed in the cluster.",
]);
/** The same on an empty cluster. */
export const waitForFlux = waitFor(["The operator installs the controllers and starts the sync."]);

/**
 * Every object of the old install must show the operator's annotation and no owner label (flux-facts 2.5).
 * NetworkPolicies are left out: where the instance says `networkPolicy: false` they are meant to go.
 */
export const checkAdoption = step({
  title: "Check that the operator owns every object of the old install",
  body: [
    "Only the live labels and annotations decide what Flux prunes. Go on only when they are right on every row; this is what makes removing the old files safe.",
    ({ namespace }) =>
      `An owner that is still shown was written back while the operator took over. Its next reconcile takes it away: \`${sh`kubectl -n ${namespace} annotate --overwrite fluxinstance flux reconcile.fluxcd.io/requestedAt="$(date +%s)"`.line}\`, then look again.`,
  ],
  commands: [
    ({ namespace }) => [
      sh`kubectl -n ${namespace} get deployments,serviceaccounts,services,resourcequotas ${PART_OF_FLUX} ${ADOPTION}`,
      sh`kubectl get customresourcedefinitions,clusterroles,clusterrolebindings ${PART_OF_FLUX} ${ADOPTION}`,
      sh`kubectl get namespace ${namespace} ${ADOPTION}`,
    ],
    ({ namespace, sync }) => sync && sh`flux trace kustomization ${sync} -n ${namespace}`,
  ],
  expect: ({ sync }) => [
    "`PRUNE` is `Disabled` and `OWNER` is `<none>` on every row, apart from objects of flux-operator itself and unsuffixed RBAC (`crd-controller`, `cluster-reconciler`, `flux-edit`, `flux-view`, `critical-pods`).",
    ...(sync ? [`\`flux trace\` says that ${sync} is not managed by Flux.`] : []),
  ],
});

/** The controllers run and everything they reconcile is healthy. */
export const checkHealth = step({
  title: "Check that everything still reconciles",
  commands: [({ namespace }) => sh`kubectl -n ${namespace} get deployments ${PART_OF_FLUX}`, ...run.NOT_READY],
  expect: "All controllers are available, and the other lists are empty.",
});
