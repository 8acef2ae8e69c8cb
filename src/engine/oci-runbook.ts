import { learnSecrets } from "../flux/oci/pull-secret.ts";
import { type OciTarget, settledTarget } from "../flux/oci/target.ts";
import { pullSecretStep } from "./oci-runbook-secret.ts";
import { listOciAssumptions, listOciSteps, proveFetched } from "./oci-runbook-steps.ts";
import { listNotReady } from "./runbook-commands.ts";
import type { RunbookInput } from "./runbook-landmarks.ts";
import type { Runbook, RunbookStep } from "./types.ts";

/** The runbook of one phase of the move to OCI. A phase with a blocker has no steps, since it must not be merged. */
export function buildOciRunbook(input: RunbookInput): Runbook {
  const { cluster, findings } = input;
  const target = settledTarget(cluster);
  const blocked = findings.filter(({ level }) => level === "blocker").length;
  const name = target?.sync.name ?? cluster.root.name;
  return {
    preChecks: target ? preChecks(input, target) : [],
    steps: blocked > 0 || !target ? [explainBlock(input, blocked)] : listOciSteps(input, target),
    rollback: target ? rollback(input, target) : [],
    rebuild: target ? rebuild(input, target) : [],
    assumptions: target && blocked === 0 ? listOciAssumptions(input, target) : [],
    measure: {
      namespace: cluster.namespace,
      root: { namespace: cluster.namespace, name: cluster.root.name },
      sources: ["GitRepository", "OCIRepository"].map((kind) => ({ kind, namespace: cluster.namespace, name })),
      guards: [],
      needs: target?.pullSecret ? [{ kind: "Secret", namespace: cluster.namespace, name: target.pullSecret }] : [],
    },
  };
}

function explainBlock({ cluster, phase }: RunbookInput, count: number): RunbookStep {
  return {
    title: `${phase} is blocked`,
    body: [
      `${count === 1 ? "One finding stops" : `${count} findings stop`} this phase for ${cluster.name}. Nothing was planned for it.`,
    ],
    commands: [],
  };
}

function preChecks({ phase, cluster }: RunbookInput, target: OciTarget): RunbookStep[] {
  const { namespace } = cluster;
  const steps: RunbookStep[] = [
    {
      title: "Everything is Ready and nothing is suspended",
      body: ["A suspended FluxKustomization keeps its old source until somebody resumes it."],
      commands: [
        `kubectl -n ${namespace} get fluxinstance flux`,
        ...listNotReady(),
        "flux get kustomizations -A --status-selector suspended=true",
      ],
      expect: "The FluxInstance is `True`; the lists are empty.",
    },
  ];
  if (phase === "switch") steps.push(proveFetched(target));
  if (phase === "cleanup") {
    const columns =
      "-o custom-columns='PRUNE:.metadata.annotations.kustomize\\.toolkit\\.fluxcd\\.io/prune,OWNER:.metadata.labels.kustomize\\.toolkit\\.fluxcd\\.io/name'";
    steps.push({
      title: "The operator owns the source",
      body: ["Only then does it stay when its file goes."],
      commands: [`kubectl -n ${namespace} get ocirepositories.source.toolkit.fluxcd.io ${target.sync.name} ${columns}`],
      expect: "`PRUNE` is `Disabled`, `OWNER` is `<none>`.",
    });
  }
  return steps;
}

/** Flux reads the registry after the switch, so the way back has to be published too, or said to the instance by hand. */
function rollback({ phase, cluster }: RunbookInput, target: OciTarget): RunbookStep[] {
  const { sync, identity } = target;
  if (phase === "prepare") {
    return [
      {
        title: "Take prepare back",
        body: ["Nothing reads the artifact yet: revert the merge. What it added goes again, and nothing else changes."],
        commands: ["git revert -m 1 MERGE_COMMIT"],
      },
    ];
  }
  const wasGit = sync.kind === "GitRepository";
  const patch = wasGit
    ? {
        kind: "GitRepository",
        url: sync.url,
        ref: sync.ref,
        path: sync.path,
        pullSecret: sync.pullSecret ?? "",
        provider: String(sync.target.spec?.sync?.provider ?? "generic"),
      }
    : undefined;
  return [
    {
      title: "Go back to Git",
      body: [
        "Revert the merge and push it: the publish job publishes the revert, Flux applies it, and the operator makes the GitRepository again. Nothing is pruned on the way.",
        "Never delete the FluxInstance: that uninstalls Flux.",
      ],
      commands: ["git revert -m 1 MERGE_COMMIT"],
    },
    ...(patch
      ? [
          {
            title: "If the registry or CI does not answer",
            body: [
              `Tell the instance by hand, then revert the merge as above. ${sync.instance.form === "chart" ? "Its HelmRelease is suspended first, or Helm would say the opposite; resume it once the revert is applied." : ""}`.trim(),
              "FluxKustomizations wait for their old source until the revert is on the branch that Flux reads; they prune nothing meanwhile.",
            ],
            commands: [
              ...(sync.instance.form === "chart"
                ? [`flux -n ${cluster.namespace} suspend helmrelease ${sync.instance.object.name}`]
                : []),
              `kubectl -n ${cluster.namespace} patch fluxinstance flux --type merge -p '${JSON.stringify({ spec: { sync: patch } })}'`,
            ],
            expect: `\`kubectl -n ${cluster.namespace} get gitrepositories.source.toolkit.fluxcd.io ${sync.name}\` shows it Ready${identity ? ` with ${identity}` : ""}.`,
          },
        ]
      : []),
  ];
}

function rebuild(input: RunbookInput, target: OciTarget): RunbookStep[] {
  if (input.phase === "prepare") return [];
  const secret = pullSecretStep(target, learnSecrets(input.tree, input.cluster), true);
  return [
    ...(secret ? [secret] : []),
    {
      title: "Install operator and instance",
      body: [
        "As before. The instance makes the source, and the root builds what the artifact holds.",
        "The registry has to hold the artifact: after the loss of a registry, run the publish job first.",
      ],
      commands: [],
    },
  ];
}
