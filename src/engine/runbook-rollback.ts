import { resourceOf } from "./runbook-commands.ts";
import type { Landmarks, RunbookInput } from "./runbook-landmarks.ts";
import { describeReversal } from "./runbook-reversal.ts";
import type { RunbookStep } from "./types.ts";

const REVERT = "git revert --mainline 1 <merge commit>   # or without --mainline for a squashed merge";

/** How to go back from a phase. Never by deleting the FluxInstance: that uninstalls Flux (flux-semantics 2.2, trap 5). */
export function listRollback(input: RunbookInput, marks: Landmarks): RunbookStep[] {
  const effect = describeReversal(input);
  if (input.phase === "install") return [pauseOperator(marks), tell(revertInstall(marks), effect), handBack(marks)];
  if (input.phase === "cutover") return [tell(revertCutover(marks), effect)];
  return [tell(revertCleanup(marks), effect)];
}

function tell(step: RunbookStep, more: readonly string[]): RunbookStep {
  return { ...step, body: [...step.body, ...more] };
}

/** While reconciling is disabled, deleting the FluxInstance removes its finalizer and nothing else (2.2). */
function pauseOperator(marks: Landmarks): RunbookStep {
  const { namespace, operator, instance } = marks;
  const releases = [instance, operator].flatMap((app) => (app ? [app.release] : []));
  return {
    title: "Pause the operator first",
    body: [
      "Never delete the FluxInstance, its HelmRelease or the flux-operator release to go back: deleting the instance uninstalls Flux with all its CRDs, and with them every FluxKustomization and HelmRelease.",
      "Paused, the operator changes nothing and the controllers go on running as they are.",
    ],
    commands: [
      `kubectl -n ${namespace} annotate --overwrite fluxinstance/flux fluxcd.controlplane.io/reconcile=disabled`,
      ...releases.map((release) => `flux -n ${namespace} suspend helmrelease ${release}`),
    ],
    expect:
      "`fluxinstance.fluxcd.controlplane.io/flux annotated`; a suspended release is not uninstalled when its file goes.",
  };
}

function revertInstall(marks: Landmarks): RunbookStep {
  return {
    title: "Revert the install commit",
    body: [
      `Push the revert to ${branchOf(marks)}. The apps of operator and instance never prune, so their objects stay in the cluster, paused, and can be taken up again by merging the phase a second time.`,
    ],
    commands: [REVERT],
    expect: "Every FluxKustomization reconciles as before.",
  };
}

/** kustomize-controller skips objects that carry `ssa: Ignore` (2.5), so the old install owns nothing until it is gone. */
function handBack({ namespace, sync, source }: Landmarks): RunbookStep {
  const annotations = "kustomize.toolkit.fluxcd.io/ssa- kustomize.toolkit.fluxcd.io/prune-";
  const labels = "-l app.kubernetes.io/managed-by=flux-operator";
  return {
    title: "Only for good: hand the controllers back to the old install",
    body: [
      "The objects still tell kustomize-controller to leave them alone. Without these annotations the old files apply again. Skip this when you mean to try once more.",
    ],
    commands: [
      `kubectl -n ${namespace} annotate deployments,services,serviceaccounts,resourcequotas ${labels} ${annotations}`,
      `kubectl annotate customresourcedefinitions,clusterroles,clusterrolebindings ${labels} ${annotations}`,
      ...(sync && source
        ? [
            `kubectl -n ${namespace} annotate ${resourceOf(source.kind)}/${sync} ${resourceOf("Kustomization")}/${sync} ${annotations}`,
          ]
        : []),
    ],
    expect: `The next reconcile labels them with the old owner again (\`kubectl -n ${namespace} get deployments --show-labels\`).`,
  };
}

function revertCutover(marks: Landmarks): RunbookStep {
  const { oldSource, namespace } = marks;
  return {
    title: "Revert the cutover commit",
    body: [
      "The FluxInstance stays and keeps Flux running; do not delete it, and do not take it out of Git.",
      oldSource
        ? `The old files come back to Git. They change nothing on the controllers, which the operator owns, and every reference points at ${oldSource.kind} ${oldSource.name} again, which is in place until cleanup.`
        : "The old files come back to Git and change nothing on the controllers, which the operator owns.",
    ],
    commands: [
      REVERT,
      ...(oldSource
        ? [`kubectl -n ${oldSource.namespace || namespace} get ${resourceOf(oldSource.kind)} ${oldSource.name}`]
        : []),
      `kubectl -n ${namespace} get fluxinstance flux`,
    ],
    expect: oldSource ? "The source and the instance are Ready." : "The instance is Ready.",
  };
}

function revertCleanup(marks: Landmarks): RunbookStep {
  const { oldSource, namespace } = marks;
  return {
    title: "Revert the cleanup commit",
    body: [
      `${oldSource ? `Flux creates ${oldSource.kind} ${oldSource.name} and the guards again` : "Flux applies the guards again"}; nothing else depends on them. To go back further, wait until this one is reconciled and revert the cutover next.`,
    ],
    commands: [REVERT, `kubectl -n ${namespace} get fluxinstance flux`],
    expect: "The instance is Ready.",
  };
}

function branchOf({ branch }: Landmarks): string {
  return branch ? `\`${branch}\`` : "the branch this cluster reads";
}
