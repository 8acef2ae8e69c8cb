import type { Runbook } from "../../contract/runbook.ts";
import { sh } from "../../contract/shell.ts";
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
  body: "Nothing reads the artifact yet: revert the merge. What it added goes again, and nothing else changes.",
  commands: sh`git revert -m 1 MERGE_COMMIT`,
});

/** Flux reads the registry after the switch, so the way back has to be published too, or said to the instance by hand. */
const backToGit = step({
  title: "Go back to Git",
  body: [
    "Revert the merge and push it: the publish job publishes the revert, Flux applies it, and the operator makes the GitRepository again. Nothing is pruned on the way.",
    "Never delete the FluxInstance: that uninstalls Flux.",
  ],
  commands: sh`git revert -m 1 MERGE_COMMIT`,
});

/** Without the revert of the switch, Flux would go on reading the artifact. */
const backFromCleanup = step({
  title: "Go back to Git",
  body: [
    "Revert both merges, cleanup first and then the switch, and push them together: the publish job publishes that, Flux applies it, and the operator makes the GitRepository again. Nothing is pruned on the way.",
    "The revert of cleanup alone only brings the file of the source back; Flux goes on reading the artifact.",
    "Never delete the FluxInstance: that uninstalls Flux.",
  ],
  commands: [sh`git revert -m 1 MERGE_COMMIT_OF_CLEANUP`, sh`git revert -m 1 MERGE_COMMIT_OF_SWITCH`],
});

const withoutRegistry = step({
  when: ({ gitSync }) => gitSync,
  title: "If the registry or CI does not answer",
  body: [
    ({ instance }) =>
      `Tell the instance by hand, then revert the merge as above.${instance.isManifest ? "" : " Its HelmRelease is suspended first, or Helm would say the opposite; resume it once the revert is applied."}`,
    "FluxKustomizations wait for their old source until the revert is on the branch that Flux reads; they prune nothing meanwhile.",
  ],
  commands: [
    ({ namespace, instance }) => !instance.isManifest && run.suspend(namespace, instance.name),
    ({ namespace }, sync) =>
      sh`kubectl -n ${namespace} patch fluxinstance flux --type merge -p ${JSON.stringify({ spec: { sync } })}`,
  ],
  expect: ({ namespace, name, identity }) =>
    `\`${sh`kubectl -n ${namespace} get gitrepositories.source.toolkit.fluxcd.io ${name}`.line}\` shows it Ready${identity ? ` with ${identity}` : ""}.`,
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
  prepare: [takePrepareBack],
  switch: [backToGit, withoutRegistry],
  cleanup: [backFromCleanup, withoutRegistry],
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
