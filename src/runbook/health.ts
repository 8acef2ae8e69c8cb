import { ofOwn } from "../contract/of-own.ts";
import { DELETE_ORPHANS } from "../contract/runbook.ts";
import { sh } from "../contract/shell.ts";
import * as run from "./commands.ts";
import type { RunbookFacts } from "./facts.ts";
import { templatesFor } from "./template.ts";

const step = templatesFor<RunbookFacts>();

const ADOPTION = sh`-o custom-columns='KIND:.kind,NAME:.metadata.name,PRUNE:.metadata.annotations.kustomize\\.toolkit\\.fluxcd\\.io/prune,OWNER:.metadata.labels.kustomize\\.toolkit\\.fluxcd\\.io/name'`;
const PART_OF_FLUX = sh`-l app.kubernetes.io/part-of=flux`;

const waitFor = (body: (string | ((facts: RunbookFacts) => string))[]) =>
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

/** Whether a controller mounts a claim, which source-controller alone has a use for. */
export const hasDisk = ({ needs }: RunbookFacts) => needs.some(({ kind }) => kind === "PersistentVolumeClaim");

export const waitForTakeover = waitFor([
  (facts) =>
    `The operator now takes over the running controllers. Each of them restarts once; source-controller ${hasDisk(facts) ? "fetches again what it does not find on its claim" : "starts with an empty disk and fetches every source again"}.`,
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

/** Under `rename` the old root was orphaned on purpose; deleted while it still prunes, it takes every app along (trap 8c). */
const oldRoot = step({
  when: ({ isRenamed, root }) => isRenamed && root,
  title: (_, { name }) => `Delete the old root ${name}, if it is still there`,
  body: "An orphaned root goes on reconciling as a second root. Delete it only while the first command prints `false` or `Orphan`: a root that prunes takes every app with it when it is deleted.",
  commands: (_, root) => [
    sh`${run.kubectl("get", root)} --ignore-not-found -o jsonpath='{.spec.prune} {.spec.deletionPolicy}{"\\n"}'`,
    run.remove(root),
  ],
  expect: "`false`, or `Orphan`; nothing when it is gone already.",
});

/** What stops an object from taking along what it made when it is deleted (flux-facts 2.4 item 3, trap 62). */
const HARMLESS: Readonly<Record<string, string>> = {
  Kustomization: '{"spec":{"prune":false}}',
  HelmRelease: '{"spec":{"suspend":true}}',
};

/** What a parent with `prune: false`, or nobody, leaves in the cluster when its file goes: one for each `orphan-left`. */
export const deleteOrphans = step({
  when: ({ orphans }) => orphans.length > 0 && orphans,
  title: DELETE_ORPHANS,
  body: (_, orphans) => [
    "Flux does not prune these objects although their files are gone, and they go on reconciling. Delete them only after the adoption check and when nothing reads from them any more.",
    ...(orphans.some(({ kind }) => Object.hasOwn(HARMLESS, kind))
      ? ["Keep the order: the patches make sure that nothing is deleted along with them."]
      : []),
  ],
  commands: (_, orphans) => [
    ...orphans.flatMap((object) => {
      const patch = ofOwn(HARMLESS, object.kind);
      return patch === undefined ? [] : [sh`${run.kubectl("patch", object)} --type merge -p ${patch}`];
    }),
    ...orphans.map(run.remove),
  ],
  expect: "Each is deleted, or was gone already, and every controller is still there.",
});

/** `manifests/install` and the flux2 chart name their RBAC without a suffix; the operator never adopts it (trap 45). */
const unsuffixedRoles = step({
  title: "Look for RBAC that the operator does not own",
  body: ({ namespace }) =>
    `Installs made with \`kubectl apply -k …/manifests/install\` or the flux2 chart leave roles without the \`-${namespace}\` suffix. The operator has its own; what the last three commands list is unused, and \`cluster-reconciler\` among it is a second cluster-admin binding. Delete it by hand once the first command shows the suffixed ones.`,
  commands: ({ namespace }) => [
    sh`kubectl get clusterrolebinding cluster-reconciler-${namespace} crd-controller-${namespace}`,
    sh`kubectl get clusterrolebinding cluster-reconciler crd-controller --ignore-not-found`,
    sh`kubectl get clusterrole crd-controller flux-edit flux-view --ignore-not-found`,
    sh`kubectl -n ${namespace} get resourcequota critical-pods --ignore-not-found`,
  ],
  expect: "Two bindings from the first command, nothing from the others when the old install had suffixed names.",
});

/** Helm keeps its records when a suspended release is deleted (trap 62). Of cutover, where its file still says its name. */
export const helmRecords = step({
  when: ({ chartRelease }) => chartRelease,
  title: (_, { name }) => `Delete the Helm records of ${name}`,
  body: (_, { name }) =>
    `The suspended release was not uninstalled, so its records stay. Never run \`${sh`helm uninstall ${name}`.line}\`: it deletes Flux. Deleting the records only makes Helm forget.`,
  commands: (_, { namespace, name }) =>
    ["get", "delete"].map((verb) => sh`kubectl -n ${namespace} ${verb} secrets -l owner=helm,name=${name}`),
  expect: (_, { name }) => `Secrets named \`sh.helm.release.v1.${name}.v…\` are deleted.`,
});

/** What no controller removes and the owner may delete by hand after cleanup, each with the check to make before. */
export const LEFTOVERS = [oldRoot, deleteOrphans, unsuffixedRoles];
