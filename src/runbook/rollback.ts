import { sh } from "../contract/shell.ts";
import * as run from "./commands.ts";
import type { RunbookFacts } from "./facts.ts";
import { type Step, templatesFor } from "./template.ts";

const step = templatesFor<RunbookFacts>();
const REVERT = sh`git revert --mainline 1 <merge commit>   # or without --mainline for a squashed merge`;
const effect = ({ reversal }: RunbookFacts) => reversal;

/** While reconciling is disabled, deleting the FluxInstance removes its finalizer and nothing else (flux-facts 2.2). */
const pauseOperator = step({
  title: "Pause the operator first",
  body: [
    "Never delete the FluxInstance, its HelmRelease or the flux-operator release to go back: deleting the instance uninstalls Flux with all its CRDs, and with them every FluxKustomization and HelmRelease.",
    "Paused, the operator changes nothing and the controllers go on running as they are.",
  ],
  commands: ({ namespace, instance, operator }) => [
    sh`kubectl -n ${namespace} annotate --overwrite fluxinstance/flux fluxcd.controlplane.io/reconcile=disabled`,
    ...[instance, operator].flatMap((app) => (app ? [run.suspend(namespace, app.release)] : [])),
  ],
  expect:
    "`fluxinstance.fluxcd.controlplane.io/flux annotated`; a suspended release is not uninstalled when its file goes.",
});

const revertInstall = step({
  title: "Revert the install commit",
  body: [
    ({ target }) =>
      `Push the revert to ${target}. The apps of operator and instance never prune, so their objects stay in the cluster, paused.`,
    effect,
  ],
  commands: REVERT,
  expect: "Every FluxKustomization reconciles as before.",
});

/** kustomize-controller skips what says `ssa: Ignore` (flux-facts 2.5): the old install owns nothing until it is gone. */
const handBack = step({
  title: "Only for good: hand the controllers back to the old install",
  body: "The objects still tell kustomize-controller to leave them alone. Without these annotations the old files apply again. Skip this when you mean to try once more.",
  commands: ({ namespace, sync, source, guards, direct }) => {
    // What Git suspended comes back with the revert; what a person suspended does not.
    const suspended = direct ? guards.filter(({ field }) => field === "suspend") : [];
    const marks = sh`kustomize.toolkit.fluxcd.io/ssa- kustomize.toolkit.fluxcd.io/prune-`;
    const managed = sh`-l app.kubernetes.io/managed-by=flux-operator ${marks}`;
    const both = sync && source ? [source.kind, "Kustomization"].map((kind) => run.slashed({ kind, name: sync })) : [];
    return [
      sh`kubectl -n ${namespace} annotate deployments,services,serviceaccounts,resourcequotas ${managed}`,
      sh`kubectl annotate customresourcedefinitions,clusterroles,clusterrolebindings ${managed}`,
      ...(both.length > 0 ? [sh`kubectl -n ${namespace} annotate ${both} ${marks}`] : []),
      ...suspended.map((release) => run.resume(release.namespace, release.name)),
    ];
  },
  expect: ({ namespace }) =>
    `The next reconcile labels them with the old owner again (\`kubectl -n ${namespace} get deployments --show-labels\`).`,
});

const revertCutover = step({
  title: "Revert the cutover commit",
  body: [
    "The FluxInstance stays and keeps Flux running; do not delete it, and do not take it out of Git.",
    ({ oldSource: old }) =>
      old
        ? `The old files come back to Git. They change nothing on the controllers, which the operator owns, and every reference points at ${old.kind} ${old.name} again, which is in place until cleanup.`
        : "The old files come back to Git and change nothing on the controllers, which the operator owns.",
    effect,
  ],
  commands: [
    REVERT,
    ({ oldSource }) => oldSource && run.kubectl("get", oldSource),
    ({ namespace }) => run.getInstance(namespace),
  ],
  expect: ({ oldSource }) => (oldSource ? "The source and the instance are Ready." : "The instance is Ready."),
});

const revertCleanup = step({
  title: "Revert the cleanup commit",
  body: [
    ({ oldSource: old }) =>
      `${old ? `Flux creates ${old.kind} ${old.name} and the guards again` : "Flux applies the guards again"}; nothing else depends on them. To go back further, wait until this one is reconciled and revert the cutover next.`,
    effect,
  ],
  commands: [REVERT, ({ namespace }) => run.getInstance(namespace)],
  expect: "The instance is Ready.",
});

/** A paused instance keeps the conditions it had (flux-facts 1.1), so `Ready` alone says nothing after the pause. */
const takeUpAgain = step({
  title: "Or take the phase up again",
  body: "Merge the install phase a second time, then let the operator go on. Until then it stays paused, although the FluxInstance still says `Ready`.",
  commands: ({ namespace, instance, operator }) => [
    ...[operator, instance].flatMap((app) => (app ? [run.resume(namespace, app.release)] : [])),
    sh`kubectl -n ${namespace} annotate --overwrite fluxinstance/flux fluxcd.controlplane.io/reconcile=enabled`,
  ],
  expect: "Both releases are Ready, and the operator reports a new reconcile.",
});

/** How to go back from a phase. Never by deleting the FluxInstance: that uninstalls Flux (flux-facts 2.2, trap 5). */
export const ROLLBACK: Record<RunbookFacts["phase"], readonly Step<RunbookFacts>[]> = {
  install: [pauseOperator, revertInstall, handBack, takeUpAgain],
  cutover: [revertCutover],
  cleanup: [revertCleanup],
};
