import { sh } from "../contract/shell.ts";
import * as run from "./commands.ts";
import type { RunbookFacts } from "./facts.ts";
import { type Step, templatesFor } from "./template.ts";

const step = templatesFor<RunbookFacts>();
const REVERT = run.revert("MERGE_COMMIT");
const effect = ({ reversal }: RunbookFacts) => reversal;

/** Releases in the cluster that helm-controller reconciles: on the direct route there are none before the merge. */
const releasesOf = ({ direct, phase, instance, operator }: RunbookFacts): string[] =>
  direct && phase === "install" ? [] : [instance, operator].flatMap((app) => (app ? [app.release] : []));

/** While reconciling is disabled, deleting the FluxInstance removes its finalizer and nothing else (flux-facts 2.2). */
const pauseOperator = step({
  title: "Pause the operator first",
  body: [
    "Never delete the FluxInstance, its HelmRelease or the flux-operator release to go back: deleting the instance uninstalls Flux with all its CRDs, and with them every FluxKustomization and HelmRelease.",
    "Paused, the operator changes nothing and the controllers go on running as they are.",
  ],
  commands: (facts) => [
    sh`kubectl -n ${facts.namespace} annotate --overwrite fluxinstance/flux fluxcd.controlplane.io/reconcile=disabled`,
    ...releasesOf(facts).map((release) => run.suspend(facts.namespace, release)),
  ],
  expect: (facts) =>
    `\`fluxinstance.fluxcd.controlplane.io/flux annotated\`${releasesOf(facts).length > 0 ? "; a suspended release is not uninstalled when its file goes" : ""}.`,
});

const revertInstall = step({
  title: ({ direct }) => (direct ? "Revert the merge" : "Revert the install commit"),
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
  body: ({ appliedOnce }) =>
    `The objects still tell kustomize-controller to leave them alone. ${
      appliedOnce === undefined
        ? "Without these annotations the old files apply again."
        : `The old install was applied once, and no FluxKustomization does it again: the last command does, in a checkout of the commit before the move.`
    } Skip this when you mean to try once more.`,
  commands: ({ namespace, sync, source, guards, direct, oldSource, isRenamed, appliedOnce }) => {
    // What Git suspended comes back with the revert; what a person suspended does not.
    const suspended = direct ? guards.filter(({ field }) => field === "suspend") : [];
    const marks = sh`kustomize.toolkit.fluxcd.io/ssa- kustomize.toolkit.fluxcd.io/prune-`;
    const managed = sh`-l app.kubernetes.io/managed-by=flux-operator ${marks}`;
    // Only what keeps its name is applied by the old files again.
    const kinds = sync && source ? [...(oldSource ? [] : [source.kind]), ...(isRenamed ? [] : ["Kustomization"])] : [];
    const both = kinds.map((kind) => run.slashed({ kind, name: sync! }));
    return [
      sh`kubectl -n ${namespace} annotate deployments,services,serviceaccounts,resourcequotas ${managed}`,
      sh`kubectl annotate customresourcedefinitions,clusterroles,clusterrolebindings ${managed}`,
      ...(both.length > 0 ? [sh`kubectl -n ${namespace} annotate ${both} ${marks}`] : []),
      ...suspended.map((release) => run.resume(release.namespace, release.name)),
      ...(appliedOnce === undefined
        ? []
        : [sh`kubectl apply --server-side --force-conflicts -k ${`./${appliedOnce}`}`]),
    ];
  },
  expect: ({ namespace, appliedOnce }) =>
    appliedOnce !== undefined
      ? `All controllers are available (\`${sh`kubectl -n ${namespace} get deployments -l app.kubernetes.io/part-of=flux`.line}\`).`
      : `The next reconcile labels them with the old owner again (\`${sh`kubectl -n ${namespace} get deployments --show-labels`.line}\`).`,
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

/** Whoever dies in the middle of an install leaves its record behind, and Helm then refuses every other one. */
const fluxIsGone = step({
  when: ({ operator, instance }) => {
    const namespaces = [operator, instance].flatMap((app) => (app ? [app.namespace] : []));
    return namespaces.length > 0 && [...new Set(namespaces)];
  },
  title: "If Flux took itself out",
  body: [
    "Merged before the operator has taken over, cutover lets the old install delete its own controllers. Everything else stays and goes on running; only nobody reconciles it.",
    "Clear what Helm had begun when its controller went, then follow the rebuild section from *Install operator and instance* on. Namespace and secrets are still there.",
  ],
  commands: (_, namespaces) =>
    namespaces.map(
      (one) => sh`kubectl -n ${one} delete secrets -l ${"owner=helm,status in (pending-install,pending-upgrade)"}`,
    ),
  expect: "The records that were deleted, or `No resources found`.",
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

/** Its finalizer prunes by the spec of that moment (flux-facts 2.4), and a root that was renamed runs beside the old one. */
const removeGenerated = step({
  when: ({ sync, source, oldSource, isRenamed }) => sync !== undefined && (oldSource || isRenamed) && source,
  title: ({ oldSource, isRenamed }) =>
    `Only for good: take the generated ${[oldSource && "source", isRenamed && "root"].filter(Boolean).join(" and ")} out`,
  body: ({ root, isRenamed }, { kind }) => [
    isRenamed
      ? `The ${kind} and the FluxKustomization that the operator made go on beside \`${root.name}\`, and both apply the same files. A FluxKustomization that prunes deletes what it applied when it is deleted itself: switch that off first.`
      : `The ${kind} that the operator made stays; once \`${root.name}\` has its old spec again nothing reads it.`,
    "Delete a source only when the list of its readers is empty. The paused FluxInstance makes nothing again.",
  ],
  commands: ({ namespace, sync, root, isRenamed, oldSource }, { kind }) => {
    const made = { kind: "Kustomization", name: sync! };
    const off = '{"spec":{"prune":false,"deletionPolicy":"Orphan"}}';
    return [
      ...(isRenamed
        ? [
            sh`kubectl -n ${namespace} patch ${run.slashed(made)} --type merge -p ${off}`,
            sh`kubectl -n ${namespace} delete ${run.slashed(made)}`,
          ]
        : []),
      run.reconcile(root.namespace, root.name),
      ...(oldSource
        ? [run.listReaders({ kind, name: sync!, namespace }), run.kubectl("delete", { kind, name: sync!, namespace })]
        : []),
    ];
  },
  expect: ({ root }) => `\`${root.name}\` is Ready, and nothing it applies was deleted.`,
});

/** A paused instance keeps the conditions it had (flux-facts 1.1), so `Ready` alone says nothing after the pause. */
const takeUpAgain = step({
  title: ({ direct }) => (direct ? "Or take the move up again" : "Or take the phase up again"),
  body: ({ direct, phase }) => {
    const again = direct ? "everything" : "the install phase";
    const then = direct && phase === "install" ? "Let" : `Merge ${again} a second time, then let`;
    return `${then} the operator go on. Until then it stays paused, although the FluxInstance still says \`Ready\`.`;
  },
  commands: (facts) => [
    ...releasesOf(facts)
      .reverse()
      .map((release) => run.resume(facts.namespace, release)),
    sh`kubectl -n ${facts.namespace} annotate --overwrite fluxinstance/flux fluxcd.controlplane.io/reconcile=enabled`,
  ],
  expect: (facts) =>
    `${releasesOf(facts).length > 0 ? "Both releases are Ready, and the" : "The"} operator reports a new reconcile.`,
});

/** How to go back from a phase. Never by deleting the FluxInstance: that uninstalls Flux (flux-facts 2.2, trap 5). */
export const ROLLBACK: Record<RunbookFacts["phase"], readonly Step<RunbookFacts>[]> = {
  install: [pauseOperator, revertInstall, handBack, removeGenerated, takeUpAgain],
  cutover: [revertCutover, fluxIsGone],
  cleanup: [revertCleanup],
};

/** The same on the direct route: install is done by hand and in no commit, and what is merged is all of it. */
export const DIRECT_ROLLBACK: typeof ROLLBACK = {
  install: [pauseOperator, handBack, removeGenerated, takeUpAgain],
  cutover: [pauseOperator, revertInstall, handBack, removeGenerated, takeUpAgain, fluxIsGone],
  cleanup: [],
};
