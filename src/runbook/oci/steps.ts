import { operand, sh } from "../../contract/shell.ts";
import * as run from "../commands.ts";
import { type Step, templatesFor } from "../template.ts";
import type { OciFacts } from "./facts.ts";
import { PULL_SECRET } from "./secret.ts";

const step = templatesFor<OciFacts>();

const reconcileSource = ({ namespace, name }: OciFacts) => sh`flux -n ${namespace} reconcile source oci ${name}`;
const getSource = ({ namespace, name }: OciFacts) => sh`flux -n ${namespace} get source oci ${name}`;
const getRevision = ({ namespace, name }: OciFacts) =>
  sh`kubectl -n ${namespace} get ocirepositories.source.toolkit.fluxcd.io ${name} -o jsonpath='{.status.artifact.metadata.org\\.opencontainers\\.image\\.revision}{"\\n"}'`;
const reconcileRoot = ({ namespace, name }: OciFacts) => run.reconcile(namespace, name);
const waitForInstance = ({ namespace }: OciFacts) => run.waitForInstance(namespace, "10m");
/** A private registry asks the person who compares as well (seen live). */
const pathOf = ({ artifactPath, ignorePaths }: OciFacts) =>
  sh`--path=${`./${artifactPath}`}${ignorePaths ? sh` --ignore-paths=${ignorePaths}` : []}`;
const compareArtifact = (facts: OciFacts) =>
  sh`flux diff artifact ${`${facts.url}:${facts.tag}`} ${pathOf(facts)}${facts.pullSecret ? sh` --creds="flux:\${REGISTRY_TOKEN}"` : []}`;

/** The artifact is there and Flux can pull it: without this the switch would leave everything waiting (trap 54). */
export const proveFetched = step({
  title: "The artifact is published and Flux can pull it",
  body: [
    "Run the comparison from a clean clone of the branch that Flux reads. It fails when a file is missing on either side, and what is missing would be pruned after the switch.",
    "Where a commit since then has changed files that the job does not run for, such as a README, start the job by hand first.",
    ({ pullSecret }) => pullSecret && "Put the token that Flux pulls with into REGISTRY_TOKEN for it.",
  ],
  commands: [reconcileSource, getSource, compareArtifact],
  expect: "`READY` is `True`, and the comparison reports no changes.",
});

/** Only commands: the key never passes through fluxlift or the repository. */
const makeKey = step({
  when: ({ keySecret }) => keySecret,
  title: "Make the key that signs",
  body: [
    "Store the contents of cosign.key as COSIGN_PRIVATE_KEY and its password as COSIGN_PASSWORD where the job's other secrets are, then delete the file.",
    (_, secret) =>
      `Flux verifies with the public half, Secret ${secret}; keep it the way this repository keeps its secrets, so that a rebuilt cluster has it too.`,
  ],
  commands: [
    sh`cosign generate-key-pair`,
    ({ namespace }, secret) => sh`kubectl -n ${namespace} create secret generic ${secret} --from-file=cosign.pub`,
  ],
  expect: (_, secret) => `\`secret/${secret} created\``,
});

const mergePrepare = step({
  title: "Merge prepare",
  body: ({ url, tag }) =>
    `The publish job runs and pushes ${url}:${tag}. Flux goes on reading Git; if the job does not start by itself, start it by hand.`,
  commands: reconcileRoot,
});

const PUBLISH_FIRST = "Publish the switch before it is merged";
const SAME =
  "Then Git and the artifact say the same at the moment of the merge, and it makes no difference in which order Flux looks at them.";
const publishFirst = step({
  when: ({ trialBranch }) => trialBranch,
  title: PUBLISH_FIRST,
  body: [
    ({ isAll, tag }, trialBranch) =>
      isAll
        ? `Let fluxlift write one commit a phase (\`--commit\`) and push the one of the switch as ${trialBranch}: its publish job moves ${tag} to it. The last commit takes that branch out of the job again.`
        : `Commit the planned files on a branch and push it as ${trialBranch}: the publish job moves ${tag} to it. Flux does not read the artifact yet, so nothing happens in the cluster.`,
    SAME,
  ],
  commands: [
    ({ isAll }, trialBranch) => sh`git push origin HEAD${isAll ? sh`~1` : []}:${trialBranch}`,
    reconcileSource,
    getRevision,
    compareArtifact,
  ],
  expect: (_, trialBranch) =>
    `The revision is \`${trialBranch}@sha1:\` with the commit you pushed, and the comparison reports no changes.`,
});

/** A job of somebody else, or one that publishes this tag from no other branch: what it does is not known here. */
const publishByHand = step({
  when: ({ trialBranch }) => !trialBranch,
  title: PUBLISH_FIRST,
  body: [
    ({ tag }) =>
      `No branch is known from which a job moves ${tag} before the merge. Commit the planned files on a branch of their own and stay on it: Flux does not read the artifact yet, so nothing happens in the cluster.`,
    ({ isSigned, tag, host }) =>
      isSigned
        ? `Let the publish job run for that branch too, sign, and move ${tag} last: Flux takes no artifact without the signature.`
        : `Either let the publish job run for that branch too and move ${tag} last, or publish it by hand, with a token in REGISTRY_TOKEN that may write packages of ${host}.`,
    SAME,
  ],
  commands: [
    (facts) =>
      !facts.isSigned &&
      sh`flux push artifact ${`${facts.url}:${facts.tag}`} ${pathOf(facts)} --source="$(git remote get-url origin)" --revision="$(git branch --show-current)@sha1:$(git rev-parse HEAD)" --creds="flux:\${REGISTRY_TOKEN}"`,
    reconcileSource,
    getRevision,
    compareArtifact,
  ],
  expect: "The revision ends with the commit of the switch, and the comparison reports no changes.",
});

/** The official guide's way: the instance learns of the artifact first, and the merge only follows. */
const applyByHand = step({
  when: ({ direct, instance }) => direct && instance.isManifest,
  title: "Apply the FluxInstance",
  body: "Flux reads the artifact from here on, which holds the same FluxInstance.",
  commands: [
    ({ namespace, instance }) => sh`kubectl -n ${namespace} apply --server-side --force-conflicts -f ${instance.file}`,
    waitForInstance,
  ],
  expect: "`condition met`",
});

const tellByHand = step({
  when: ({ direct, instance }) => direct && !instance.isManifest,
  title: "Tell the instance",
  body: [
    "The HelmRelease would set the old values again, so it rests until the artifact has brought the new ones.",
    "Flux reads the artifact from here on; it delivers the HelmRelease with the new values.",
  ],
  commands: [
    ({ namespace, instance }) => [
      run.suspend(namespace, instance.name),
      sh`kubectl -n ${namespace} patch fluxinstance flux --type merge -p "$(yq -o json -I0 '{"spec": {"sync": .spec.values.instance.sync, "kustomize": (.spec.values.instance.kustomize // {})}}' ${operand(instance.file)})"`,
    ],
    waitForInstance,
    ({ namespace, instance }) => sh`flux -n ${namespace} resume helmrelease ${instance.name}`,
  ],
  expect: "`condition met`, and the resumed HelmRelease is Ready.",
});

const mergeSwitch = step({
  title: "Merge the switch",
  body: [
    ({ name }) =>
      `The operator makes OCIRepository ${name}, points the root at it and deletes GitRepository ${name} in one go. The root keeps its inventory: nothing is pruned.`,
    "A FluxKustomization that sees the change before the other waits with `Source not found` and tries again; it deletes nothing.",
  ],
  commands: reconcileRoot,
});

const checkReaders = step({
  title: "Check that everything reads the artifact",
  commands: [
    waitForInstance,
    getSource,
    ({ namespace, name }) => sh`flux -n ${namespace} get kustomization ${name}`,
    ({ name, namespace }) => run.listReaders({ kind: "GitRepository", name, namespace }),
    ...run.NOT_READY,
  ],
  expect: "Source and root are Ready; nothing is listed as reading from the GitRepository, and nothing as not ready.",
});

const mergeCleanup = step({
  title: "Merge cleanup",
  body: "CI publishes it, and Flux applies it from the artifact: from now on every change comes this way.",
  commands: [reconcileSource, reconcileRoot, getSource],
  expect: "The source is still there and Ready.",
});

const deleteBranch = step({
  when: ({ trialBranch }) => trialBranch,
  title: (_, trialBranch) => `Delete the branch ${trialBranch}`,
  body: "The publish job does not follow it any more. The Git secret may go as well, unless something stays on Git.",
  commands: (_, trialBranch) => sh`git push origin --delete ${trialBranch}`,
});

/** The steps of each phase, in the order a person takes them. */
export const OCI_STEPS: Record<OciFacts["phase"], readonly Step<OciFacts>[]> = {
  prepare: [...PULL_SECRET, makeKey, mergePrepare, proveFetched],
  switch: [publishFirst, publishByHand, applyByHand, tellByHand, mergeSwitch, checkReaders],
  cleanup: [mergeCleanup, deleteBranch],
};
