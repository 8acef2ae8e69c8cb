import { TRIAL_BRANCH } from "../flux/oci/publish/job.ts";
import { learnSecrets } from "../flux/oci/pull-secret.ts";
import type { OciTarget } from "../flux/oci/target.ts";
import { pullSecretStep } from "./oci-runbook-secret.ts";
import { listNotReady, quoteShell } from "./runbook-commands.ts";
import type { RunbookInput } from "./runbook-landmarks.ts";
import type { RunbookStep } from "./types.ts";

/** The steps of one phase, in the order a person takes them. */
export function listOciSteps(input: RunbookInput, target: OciTarget): RunbookStep[] {
  if (input.phase === "prepare") return prepare(input, target);
  return input.phase === "switch" ? switchOver(input, target) : cleanUp(input, target);
}

export function listOciAssumptions({ phase, options }: RunbookInput, target: OciTarget): string[] {
  const { url, tag, host, pullSecret, sync } = target;
  const secret = pullSecret
    ? `Secret ${sync.namespace}/${pullSecret} opens ${host} for reading.`
    : `${host} lets source-controller in without a secret.`;
  if (phase === "prepare") return [`CI may push to ${url}.`, secret];
  return [
    `FluxInstance ${sync.namespace}/flux is Ready.`,
    `${url}:${tag} holds what the branch holds, published from a complete checkout.`,
    secret,
    "Nothing is suspended.",
    ...(options.direct ? ["The change was published from a branch before it is merged, as --direct says."] : []),
  ];
}

/** The artifact is there and Flux can pull it: without this the switch would leave everything waiting (trap 54). */
export function proveFetched({ sync, url, tag, artifactPath }: OciTarget): RunbookStep {
  const { namespace, name } = sync;
  return {
    title: "The artifact is published and Flux can pull it",
    body: [
      "Run the comparison from a clean clone of the branch that Flux reads. It fails when a file is missing on either side, and what is missing would be pruned after the switch.",
    ],
    commands: [
      `flux -n ${namespace} reconcile source oci ${name}`,
      `flux -n ${namespace} get source oci ${name}`,
      `flux diff artifact ${url}:${tag} --path=./${artifactPath}`,
    ],
    expect: "`READY` is `True`, and the comparison reports no changes.",
  };
}

function prepare({ tree, cluster }: RunbookInput, target: OciTarget): RunbookStep[] {
  const secret = pullSecretStep(target, learnSecrets(tree, cluster));
  return [
    ...(secret ? [secret] : []),
    ...(target.verify?.secretRef ? [makeKey(target)] : []),
    {
      title: "Merge prepare",
      body: [
        `The publish job runs and pushes ${target.url}:${target.tag}. Flux goes on reading Git; if the job does not start by itself, start it by hand.`,
      ],
      commands: [reconcile(target)],
    },
    proveFetched(target),
  ];
}

/** Only commands: the key never passes through fluxlift or the repository. */
function makeKey({ sync, verify }: OciTarget): RunbookStep {
  const { name } = verify.secretRef;
  return {
    title: "Make the key that signs",
    body: [
      "Store the contents of cosign.key as COSIGN_PRIVATE_KEY and its password as COSIGN_PASSWORD where the job's other secrets are, then delete the file.",
      `Flux verifies with the public half, Secret ${name}; keep it the way this repository keeps its secrets, so that a rebuilt cluster has it too.`,
    ],
    commands: [
      "cosign generate-key-pair",
      `kubectl -n ${sync.namespace} create secret generic ${name} --from-file=cosign.pub`,
    ],
    expect: `\`secret/${name} created\``,
  };
}

function switchOver(input: RunbookInput, target: OciTarget): RunbookStep[] {
  const { cluster, options } = input;
  const { sync, url, tag, artifactPath } = target;
  const { namespace } = cluster;
  const { name } = sync;
  const isAll = options.phase === "all";
  const revision = `-o jsonpath='{.status.artifact.metadata.org\\.opencontainers\\.image\\.revision}{"\\n"}'`;
  return [
    {
      title: "Publish the switch before it is merged",
      body: [
        isAll
          ? `Let fluxlift write one commit a phase (\`--commit\`) and push the one of the switch as ${TRIAL_BRANCH}: its publish job moves ${tag} to it. The last commit takes that branch out of the job again.`
          : `Commit the planned files on a branch and push it as ${TRIAL_BRANCH}: the publish job moves ${tag} to it. Flux does not read the artifact yet, so nothing happens in the cluster.`,
        "Then Git and the artifact say the same at the moment of the merge, and it makes no difference in which order Flux looks at them.",
      ],
      commands: [
        `git push origin HEAD${isAll ? "~1" : ""}:${TRIAL_BRANCH}`,
        `flux -n ${namespace} reconcile source oci ${name}`,
        `kubectl -n ${namespace} get ocirepositories.source.toolkit.fluxcd.io ${name} ${revision}`,
        `flux diff artifact ${url}:${tag} --path=./${artifactPath}`,
      ],
      expect: `The revision is \`${TRIAL_BRANCH}@sha1:\` with the commit you pushed, and the comparison reports no changes.`,
    },
    ...(options.direct ? applyByHand(input, target) : []),
    {
      title: "Merge the switch",
      body: [
        `The operator makes OCIRepository ${name}, points the root at it and deletes GitRepository ${name} in one go. The root keeps its inventory: nothing is pruned.`,
        "A FluxKustomization that sees the change before the other waits with `Source not found` and tries again; it deletes nothing.",
      ],
      commands: [reconcile(target)],
    },
    {
      title: "Check that everything reads the artifact",
      body: [],
      commands: [
        `kubectl -n ${namespace} wait fluxinstance/flux --for=condition=Ready --timeout=10m`,
        `flux -n ${namespace} get source oci ${name}`,
        `flux -n ${namespace} get kustomization ${name}`,
        `kubectl get kustomizations.kustomize.toolkit.fluxcd.io -A -o custom-columns='NAMESPACE:.metadata.namespace,NAME:.metadata.name,SOURCE:.spec.sourceRef.kind,OF:.spec.sourceRef.name' | grep 'GitRepository *${name}$'`,
        ...listNotReady(),
      ],
      expect: "Source and root are Ready; the `grep` and the last lists show nothing.",
    },
  ];
}

/** The official guide's way: the instance learns of the artifact first, and the merge only follows. */
function applyByHand({ cluster }: RunbookInput, { sync }: OciTarget): RunbookStep[] {
  const { object, form } = sync.instance;
  const { namespace } = cluster;
  if (form === "manifest") {
    return [
      {
        title: "Apply the FluxInstance",
        body: ["Flux reads the artifact from here on, which holds the same FluxInstance."],
        commands: [
          `kubectl -n ${namespace} apply --server-side --force-conflicts -f ${quoteShell(object.file)}`,
          `kubectl -n ${namespace} wait fluxinstance/flux --for=condition=Ready --timeout=10m`,
        ],
        expect: "`condition met`",
      },
    ];
  }
  return [
    {
      title: "Tell the instance",
      body: [
        "The HelmRelease would set the old values again, so it rests until the artifact has brought the new ones.",
        "Flux reads the artifact from here on; it delivers the HelmRelease with the new values.",
      ],
      commands: [
        `flux -n ${namespace} suspend helmrelease ${object.name}`,
        `kubectl -n ${namespace} patch fluxinstance flux --type merge -p "$(yq -o json -I0 '{"spec": {"sync": .spec.values.instance.sync, "kustomize": (.spec.values.instance.kustomize // {})}}' ${quoteShell(object.file)})"`,
        `kubectl -n ${namespace} wait fluxinstance/flux --for=condition=Ready --timeout=10m`,
        `flux -n ${namespace} resume helmrelease ${object.name}`,
      ],
      expect: "`condition met`, and the resumed HelmRelease is Ready.",
    },
  ];
}

function cleanUp({ cluster }: RunbookInput, target: OciTarget): RunbookStep[] {
  return [
    {
      title: "Merge cleanup",
      body: ["CI publishes it, and Flux applies it from the artifact: from now on every change comes this way."],
      commands: [
        `flux -n ${cluster.namespace} reconcile source oci ${target.sync.name}`,
        reconcile(target),
        `flux -n ${cluster.namespace} get source oci ${target.sync.name}`,
      ],
      expect: "The source is still there and Ready.",
    },
    {
      title: `Delete the branch ${TRIAL_BRANCH}`,
      body: [
        "The publish job does not follow it any more. The Git secret may go as well, unless something stays on Git.",
      ],
      commands: [`git push origin --delete ${TRIAL_BRANCH}`],
    },
  ];
}

function reconcile({ sync }: OciTarget): string {
  return `flux -n ${sync.namespace} reconcile kustomization ${sync.name} --with-source`;
}
