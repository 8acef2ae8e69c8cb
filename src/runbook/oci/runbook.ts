import type { Runbook } from "../../contract/runbook.ts";
import { operand, sh } from "../../contract/shell.ts";
import * as run from "../commands.ts";
import { explainBlock, onDemand, render, type Step, templatesFor } from "../template.ts";
import type { OciFacts, OciPhaseFacts } from "./facts.ts";
import { secretByHand } from "./secret.ts";
import { OCI_STEPS, proveFetched } from "./steps.ts";

const step = templatesFor<OciFacts>();

const everythingReady = step({
  title: "Everything is Ready and nothing is suspended",
  body: "A suspended FluxKustomization keeps its old source until somebody resumes it.",
  commands: [
    ({ namespace }) => run.getInstance(namespace),
    ...run.NOT_READY,
    sh`flux get kustomizations -A --status-selector suspended=true`,
  ],
  expect: "The FluxInstance is `True`; the lists are empty.",
});

const sourceIsOwned = step({
  title: "The operator owns the source",
  body: "Only then does it stay when its file goes.",
  commands: ({ namespace, name }) =>
    sh`kubectl -n ${namespace} get ocirepositories.source.toolkit.fluxcd.io ${name} -o custom-columns='PRUNE:.metadata.annotations.kustomize\\.toolkit\\.fluxcd\\.io/prune,OWNER:.metadata.labels.kustomize\\.toolkit\\.fluxcd\\.io/name'`,
  expect: "`PRUNE` is `Disabled`, `OWNER` is `<none>`.",
});

const takePrepareBack = step({
  title: "Take prepare back",
  body: "Nothing reads the artifact yet: revert the merge.",
  commands: run.revert("MERGE_COMMIT"),
});

/** Beside the instance nothing is pruned (seen live). */
const deleteSource = step({
  title: "Delete the source once Flux has applied the revert",
  body: "What lies beside the FluxInstance is not pruned, so the OCIRepository may still be there.",
  commands: ({ namespace, name }) => [
    run.reconcile(namespace, name),
    run.remove({ kind: "OCIRepository", namespace, name }),
  ],
});

const revertSwitch = step({
  title: "Revert the merge, and do not push it yet",
  commands: run.revert("MERGE_COMMIT"),
});

const revertBoth = step({
  title: "Revert both merges, and do not push that yet",
  body: "Cleanup first, then the switch. The revert of cleanup alone only brings the file of the source back: Flux goes on reading the artifact.",
  commands: [run.revert("MERGE_COMMIT_OF_CLEANUP"), run.revert("MERGE_COMMIT_OF_SWITCH")],
});

/**
 * What is reverted asks for a source that only the operator makes, and so does the FluxKustomization that would tell the
 * operator: pushed first, the revert is never applied (seen live).
 */
const tellOfGit = step({
  title: "Tell the instance to read Git again",
  body: [
    ({ name, instance }) =>
      `The reverted FluxKustomizations ask for GitRepository ${name}, which only the operator can make: it has to know before they do.${instance.isManifest ? "" : " The HelmRelease of the instance is suspended first, or Helm would say the opposite."}`,
    "Never delete the FluxInstance: that uninstalls Flux.",
  ],
  commands: ({ namespace, name, instance }) => [
    ...(instance.isManifest
      ? [sh`kubectl -n ${namespace} apply --server-side --force-conflicts -f ${instance.file}`]
      : [
          run.suspend(namespace, instance.name),
          sh`kubectl -n ${namespace} patch fluxinstance flux --type merge -p "$(yq -o json -I0 '{"spec": {"sync": ({"pullSecret": "", "provider": "generic"} * .spec.values.instance.sync)}}' ${operand(instance.file)})"`,
        ]),
    run.until(run.kubectl("get", { kind: "GitRepository", namespace, name })),
    run.waitFor({ kind: "GitRepository", namespace, name }, "5m"),
  ],
  expect: ({ identity }) => `\`condition met\`${identity ? `, with ${identity}` : ""}.`,
});

const pushRevert = step({
  title: "Push the revert",
  body: "FluxKustomizations wait for their old source until it is on the branch that Flux reads, and prune nothing meanwhile. Neither CI nor the registry is needed for it.",
  commands: ({ namespace, name, instance }) => [
    sh`git push`,
    run.reconcile(namespace, name),
    ...(instance.isManifest
      ? []
      : [
          run.until(
            sh`${run.kubectl("get", { kind: "HelmRelease", namespace, name: instance.name })} -o jsonpath='{.spec.values.instance.sync.kind}' | grep GitRepository`,
          ),
          run.resume(namespace, instance.name),
        ]),
    run.waitForInstance(namespace, "10m"),
  ],
  expect: "`condition met`, and everything is Ready.",
});

const installAgain = step({
  title: "Install operator and instance",
  body: [
    "As before. The instance makes the source, and the root builds what the artifact holds.",
    "The registry has to hold the artifact: after the loss of a registry, run the publish job first.",
  ],
});

type Steps = Record<OciFacts["phase"], readonly Step<OciFacts>[]>;
const PRE_CHECKS: Steps = {
  prepare: [everythingReady],
  switch: [everythingReady, proveFetched],
  cleanup: [everythingReady, sourceIsOwned],
};
const ROLLBACK: Steps = {
  prepare: [takePrepareBack, deleteSource],
  switch: [revertSwitch, tellOfGit, pushRevert],
  cleanup: [revertBoth, tellOfGit, pushRevert],
};
const again = [secretByHand, installAgain];
const REBUILD: Steps = { prepare: [], switch: again, cleanup: again };

/**
 * The runbook of one phase of the move to OCI. A phase with a blocker has no steps, since it must not be merged.
 * @param facts undefined where a blocker stands in the way of any
 */
export function writeOciRunbook(part: OciPhaseFacts, facts: OciFacts | undefined): Runbook {
  const { phase, blockers, namespace, name } = part;
  const of = (steps: Steps) => (facts ? render(steps[phase], facts) : []);
  const pullSecret = facts?.pullSecret;
  return onDemand({
    preChecks: () => of(PRE_CHECKS),
    steps: () => (blockers > 0 || !facts ? explainBlock(part, () => "Nothing was planned for it.") : of(OCI_STEPS)),
    rollback: () => of(ROLLBACK),
    rebuild: () => of(REBUILD),
    assumptions: () => (facts && blockers === 0 ? listAssumptions(facts) : []),
    measure: () => ({
      namespace,
      root: { namespace, name },
      sources: ["GitRepository", "OCIRepository"].map((kind) => ({ kind, namespace, name })),
      guards: [],
      needs: pullSecret ? [{ kind: "Secret", namespace, name: pullSecret }] : [],
    }),
  });
}

function listAssumptions({ phase, direct, url, tag, host, pullSecret, namespace }: OciFacts): string[] {
  const secret = pullSecret
    ? `Secret ${namespace}/${pullSecret} opens ${host} for reading.`
    : `${host} lets source-controller in without a secret.`;
  if (phase === "prepare") return [`CI may push to ${url}.`, secret];
  return [
    `FluxInstance ${namespace}/flux is Ready.`,
    `${url}:${tag} holds what the branch holds, published from a complete checkout.`,
    secret,
    "Nothing is suspended.",
    ...(direct ? ["The change was published from a branch before it is merged, as --direct says."] : []),
  ];
}
