import type { StayingFacts } from "../contract/oci-facts.ts";
import { ofOwn } from "../contract/of-own.ts";
import type { Forge } from "../contract/options.ts";
import { sh } from "../contract/shell.ts";
import { type Catalogue, rule } from "./rule-text.ts";

const FORGE_NAMES: Record<Forge, string> = {
  github: "GitHub",
  gitlab: "GitLab",
  azure: "Azure DevOps",
  forgejo: "Forgejo or Gitea",
  bitbucket: "Bitbucket",
};

const SECRETS_OF: Record<Forge, string> = {
  github: "secrets of the repository",
  forgejo: "secrets of the repository",
  gitlab: "masked CI/CD variables",
  azure: "secret variables of the pipeline",
  bitbucket: "secured repository variables",
};

/** What becomes of a field that only a GitRepository has, and what to do about it. */
const DROPPED_FIELDS: Record<string, readonly [what: string, next: string]> = {
  ref: ["the tag of the artifact takes its place", "Nothing to do: CI publishes the branch that Flux reads today."],
  url: ["the address of the artifact takes its place", "Nothing to do."],
  secretRef: ["the artifact is pulled with a secret of its own", "Create the pull secret as the runbook says."],
  provider: [
    "a login of a Git host means nothing to a registry",
    "See sync.provider of the instance for the registry's own.",
  ],
  serviceAccountName: ["it logs in to a Git host", "Set it again if your registry needs workload identity."],
  verify: [
    "commit signatures are not looked at any more",
    "Sign the artifact instead: fluxlift oci --sign lets CI sign it and Flux verify it.",
  ],
  recurseSubmodules: ["CI checks the submodules out before it publishes", "Nothing to do."],
  sparseCheckout: ["the artifact holds every folder", "Nothing to do; add ignore rules if that is too much."],
  gitImplementation: ["it is ignored since Flux 2.0", "Nothing to do."],
};

const droppedField = (field: string) =>
  ofOwn(DROPPED_FIELDS, field) ?? ["an OCIRepository has no such field", "Check whether you still need it."];

const OWN_CHART = "Publish the chart as an OCI artifact of its own if this cluster should do without Git altogether.";

/** Why a kind goes on reading Git, and what its owner has to keep for it. */
const STAYING: Record<string, readonly [why: string, next: string]> = {
  ImageUpdateAutomation: [
    "Image automation commits, and only a GitRepository can be committed to.",
    "Keep the secret with write access to Git. A push by it must start the publish job: a deploy key or an app does, a CI job's own token often does not.",
  ],
  HelmRelease: [
    "A chart in this repository is built from Git; an artifact of manifests holds no chart layer.",
    `Nothing to do. ${OWN_CHART}`,
  ],
  HelmChart: [
    "A HelmChart reads HelmRepository, GitRepository or Bucket, never an OCIRepository.",
    `Nothing to do. ${OWN_CHART}`,
  ],
  GitRepository: ["Only a GitRepository can be included by another.", "Nothing to do."],
};

const stayingReason = (kind: string) =>
  ofOwn(STAYING, kind) ?? [
    `Whether a ${kind} can read an OCIRepository is not known to fluxlift.`,
    "If it can, change its sourceRef to the OCIRepository.",
  ];

const sayStaying = ({ resource, source, secret, skips }: StayingFacts) =>
  `${resource} goes on reading Git, through GitRepository ${source}${secret ? ` and its secret ${secret}` : ""}.${skips ? ` Its commits say ${skips}, so no job publishes them: after the switch they reach no cluster.` : ""}`;

export const OCI_RULES = {
  "oci-before-operator": rule("blocker", "The cluster is not run by Flux Operator yet", {
    what: ({ cluster, isApart }) =>
      isApart
        ? `Nothing in this repository delivers the FluxInstance of ${cluster}, so no merge could have it read an artifact.`
        : `Flux Operator does not run the sync of ${cluster} yet, so there is no FluxInstance that could read an artifact.`,
    meaning: "The move to OCI changes what a FluxInstance generates; it starts where `fluxlift migrate` ends.",
    next: "Take this cluster through `fluxlift migrate` up to cleanup first. Where a FluxInstance runs it already that nothing here delivers, bring its manifest, as it is in the cluster, into what the cluster builds instead; merge that, wait until it is reconciled, and run fluxlift oci again.",
  }),
  "oci-without-sync": rule("blocker", "The FluxInstance syncs nothing", {
    what: () => "The FluxInstance syncs nothing, so there is no sync that could read an artifact.",
    meaning: "The source and the root of this cluster are manifests of their own (`--sync keep`).",
    next: "Give the instance a `sync` for this source and path first, merge that, and run fluxlift oci again.",
  }),
  "oci-not-from-git": rule("blocker", "The sync is a Bucket", {
    what: () => "The FluxInstance reads a Bucket, and fluxlift moves clusters from Git to OCI only.",
    meaning: "What fills the bucket is not in this repository, so nothing can be published in its place.",
    next: "Publish an artifact from wherever the bucket is filled, and change sync.kind, url and ref by hand.",
  }),
  "oci-ref-no-branch": rule("blocker", "The sync follows no branch", {
    what: ({ ref }) =>
      `The sync follows ${ref || "no ref"}, not a branch, so no push would ever publish what this cluster should run.`,
    meaning: "CI publishes an artifact for every push to a branch; a tag or a commit is never pushed to.",
    next: "Let sync.ref name a branch (refs/heads/NAME), merge that, and run fluxlift oci again.",
  }),
  "oci-registry-unknown": rule("blocker", "Where the artifact goes is not known", {
    what: ({ given, identity }) =>
      given
        ? `--registry ${given} is no address of a registry.`
        : `Nothing says which registry the artifact${identity ? ` for ${identity}` : ""} goes to.`,
    meaning:
      "The forge has no registry of its own, answers on a private host, or is not recognised; or --registry is no address.",
    why: ({ given, forge }) => {
      if (given)
        return "An address is a host with a path, such as oci://registry.example.com/fleet/manifests, or a host alone.";
      if (!forge) return "Neither the remote nor a CI file tells the forge.";
      const hasNone = forge === "azure" || forge === "bitbucket";
      return `${forge === "azure" ? "An" : "A"} ${FORGE_NAMES[forge]} repository ${hasNone ? "comes with no registry of its own" : "on a private host does not tell where its registry answers"}.`;
    },
    next: "Name it: --registry oci://HOST/PATH (and --forge, if the forge is not recognised).",
  }),
  "oci-tag-unknown": rule("blocker", "No tag can be made of the branch", {
    what: ({ branch }) => `Nothing in the name of the branch ${branch} can stand in the tag of an artifact.`,
    meaning: "A tag holds letters from a to z, digits, dots, dashes and underscores.",
    next: "Name the tag: --tag NAME.",
  }),
  "oci-tag-shared": rule("blocker", "Branches and tags do not go together one to one", {
    what: ({ url, own, other }) =>
      own.tag === other.tag
        ? `Branch ${own.branch} of ${own.name} and branch ${other.branch} of ${other.name} would both move tag ${own.tag} of ${url}: each cluster would run what was pushed last to either branch.`
        : `Branch ${own.branch} would have to move tag ${own.tag} of ${url} for ${own.name} and tag ${other.tag} for ${other.name}; the publish job moves one.`,
    meaning: "Flux prunes what an artifact does not hold, and one that is made of another branch holds other objects.",
    next: "Give clusters of one branch the same tag, and those of another branch another one.",
    advice: ({ own, other }) =>
      own.tag === other.tag
        ? `Take the clusters one by one, and give this one a tag of its own: ${sh`--cluster ${own.name} --tag NAME`.line}`
        : `Let both follow the same one: --tag ${other.tag}`,
  }),
  "oci-flags-unheard": rule("caution", "Flags say something else than the tree", {
    what: ({ flags, url, tag }) =>
      `${flags.join(" and ")} ${flags.length === 1 ? "does" : "do"} not count: prepare has declared ${url} with tag ${tag}.`,
    meaning: "All phases have to name one artifact; the first one decides.",
    next: "Leave the flags out; or take prepare back and begin again with them.",
  }),
  "oci-git-secret": rule("blocker", "The pull secret holds Git credentials", {
    what: ({ secret }) => `source-controller could not pull the artifact with ${secret}: it holds credentials for Git.`,
    meaning: "An OCIRepository needs a Secret of type kubernetes.io/dockerconfigjson; the types cannot be mixed.",
    next: "Choose another name with --pull-secret.",
  }),
  "oci-name-taken": rule("blocker", "An OCIRepository bears the name of the sync", {
    what: ({ name }) => `The operator would generate an OCIRepository called ${name} and overwrite this one.`,
    meaning: "The generated source bears the name of the sync, which cannot change, and this object already has it.",
    next: "Rename this object and what refers to it, merge that, and run fluxlift oci again.",
  }),
  "oci-shared-file": rule("blocker", "A file is shared with a cluster that stays on Git", {
    what: ({ cluster, other, source }) =>
      `This file is delivered to ${cluster} and to ${other}; with another source than GitRepository ${source} in it, ${other} would be left without one.`,
    meaning: "The other cluster goes on reading Git, so nothing makes the new source there.",
    next: "Take both along, or give each cluster its own copy.",
    advice: ({ cluster, other }) =>
      `Take both along (${sh`--cluster ${`${cluster},${other}`}`.line}) once ${other} can be moved under the same sync name, or give each cluster its own copy of this file.`,
  }),
  "oci-shared-blocked": rule("blocker", "A cluster that shares files is blocked or not part of the run", {
    what: ({ cluster, other }) =>
      `${cluster} shares this file with ${other}, which this run leaves as it is; changed for ${cluster} alone, it would have ${other} wait for a source that nothing makes there.`,
    meaning: "Both clusters read the same bytes, so they move together or not at all.",
    next: "Settle the blockers of the other cluster first, or name it with --cluster too; or give each its own copy of the file.",
  }),
  "oci-still-on-git": rule("blocker", "Something would still read Git after the switch", {
    what: (facts) =>
      "unread" in facts
        ? `After the switch the sync of ${facts.unread} could not be read back from the tree.`
        : `${facts.resource} would still read GitRepository ${facts.source}, which the operator deletes at the switch; it would stall.`,
    meaning: "The reference comes from a replacement, a variable or a patch that cannot be evaluated here.",
    why: (facts) =>
      "unread" in facts
        ? "The instance must say kind: OCIRepository with the path of a folder that is there."
        : "fluxlift could not follow where this reference comes from: a replacement, a variable or a patch it cannot evaluate.",
    next: "Change it by hand to kind: OCIRepository in the same merge, or to a GitRepository of its own, and run fluxlift oci again.",
  }),
  "oci-path-outside": rule("blocker", "A path lies outside the artifact", {
    what: ({ builder, path, artifact, isMissing }) =>
      isMissing
        ? `${builder} would build ${path}, which is no folder of this repository.`
        : `${builder} builds ${path}, which an artifact of ${artifact} would not hold.`,
    meaning:
      "Paths count from the root of the artifact; a FluxKustomization whose path is missing stalls and applies nothing any more.",
    next: "Publish a folder that holds it too, or the whole repository (leave --artifact-path out).",
  }),
  "oci-path-patched": rule("blocker", "A patch sets a path", {
    what: ({ resource, artifact }) =>
      artifact === undefined
        ? `A patch of its parent sets the path of ${resource}, so it cannot be seen here what it becomes.`
        : `${resource} names folders of the source, which begin at ${artifact}/ once it reads the artifact.`,
    meaning: "Paths count from the root of the artifact; one that is wrong stalls, or prunes what it does not hold.",
    next: "Write the path into the FluxKustomization itself, or publish the whole repository (leave --artifact-path out).",
  }),
  "oci-ignore": rule("blocker", "Ignore rules would keep other files", {
    what: ({ artifact }) => `These ignore rules would keep other files once the artifact begins at ${artifact}/.`,
    meaning: "Rules count from the root of the artifact; a file that they hide by mistake is pruned.",
    next: "Write rules that name no folder above it, or publish the whole repository (leave --artifact-path out).",
  }),
  "oci-include": rule("blocker", "The source includes other repositories", {
    what: () =>
      "The source includes other repositories, and Flux would prune what comes from them once it reads an artifact.",
    meaning: "An OCIRepository has no include; the folders it adds would be missing from the artifact.",
    next: "Let FluxKustomizations read those repositories through GitRepositories of their own first, or let CI copy them in before it publishes.",
  }),
  "oci-field-dropped": rule(["info", "caution"], "A patch on the source loses a field", {
    what: ({ field, value }) =>
      `The patch on the generated source loses ${field}${value === undefined ? "" : ` (${value})`}: ${droppedField(field)[0]}.`,
    meaning: "An OCIRepository has no such field, or says it in another way.",
    why: ({ field }) => `An OCIRepository has no ${field} of a GitRepository's kind.`,
    next: "See what takes its place.",
    advice: ({ field }) => droppedField(field)[1],
  }),
  "pull-secret-missing": rule("caution", "The pull secret has to be created", {
    what: ({ host, secret, namespace }) =>
      `Flux cannot pull from ${host} before Secret ${secret} exists in ${namespace}; nothing in this repository makes it.`,
    meaning: "It holds credentials, and fluxlift neither makes nor reads any.",
    next: "Create it as the runbook says, with a token that may only read packages; for a public artifact pass --pull-secret ''.",
  }),
  "pull-secret-entry": rule("caution", "The secret store needs an entry", {
    what: ({ host, secret, store }) =>
      `The new ExternalSecret stays not Ready until store ${store} has an entry ${secret} with username and password for ${host}.`,
    meaning: "It holds credentials, and fluxlift neither makes nor reads any.",
    next: "Create the entry with a token that may only read packages, or change the key and the fields to one that is there.",
  }),
  "oci-forge-unknown": rule("blocker", "No forge is recognised", {
    what: () =>
      "Nobody would publish the artifact: neither the remote nor a CI file tells which forge runs this repository's CI.",
    meaning: "Flux would wait for an artifact that no job pushes.",
    next: "Name it: --forge github, gitlab, azure, forgejo or bitbucket.",
  }),
  "publish-name-refused": rule("blocker", "A name cannot be written into a publish job", {
    what: ({ name, isBranch, isTrial }) =>
      isTrial
        ? `The cluster reads the branch ${name}, which the publish job needs for the trial: cleanup would take the branch out of it.`
        : `The publish job is not written: in its ${isBranch ? "patterns and scripts the branch" : "scripts the folder"} ${name} would not be read as a name.`,
    meaning:
      "Forges give a meaning of their own to characters such as `$`, `{`, `*` and `,` in patterns of branches, and to what looks like a command in the output of a job. The job would publish from other branches, or run what it should name.",
    next: "Rename it; or write the job yourself and say --forge none.",
  }),
  "publisher-kept": rule(["info", "caution"], "A job publishes the artifact already", {
    what: ({ url, open }) =>
      open === undefined
        ? `This job publishes ${url} already, so no other one is added.`
        : `This job publishes to ${open === "" ? "an address" : open}, which only its run knows: it is taken for ${url}, so no other one is added.`,
    meaning: "Flux follows what it pushes.",
    why: ({ tag, path }) =>
      `Flux follows tag ${tag}, and what this job pushes${path === "" ? "" : ` begins at ${path}/`}.`,
    next: "Check that it runs for every push to the branch Flux reads, and moves the tag last.",
    advice: ({ branch, tag, open, url }) =>
      `Check that it ${open === undefined ? "" : `pushes to ${url}, `}runs for every push to ${branch ?? "the branch Flux reads"} and moves tag ${tag} last.`,
  }),
  "publish-action-newer": rule("info", "An action is newer than where the repository uses it", {
    what: ({ action, from, to }) => `The publish job uses ${action}@${to}; your other workflows have ${from}.`,
    meaning: "A release that needs a Node which the runners no longer have does not start.",
    next: "Raise it in the other workflows too.",
  }),
  "publish-stage": rule("caution", "The stage of the publish job may not exist", {
    what: ({ stage }) =>
      `The stages of this pipeline stand in a file that it includes; if ${stage} is none of them, GitLab runs no job at all.`,
    meaning: "GitLab refuses a pipeline as a whole where a job names a stage that there is not.",
    next: "Check the stage of the job publish-artifact before you merge.",
  }),
  "publish-hides": rule("caution", "Workflows of another folder do not run any more", {
    what: ({ folder, unread }) =>
      `The publish job brings ${folder} along; Forgejo and Gitea read ${unread} only while that is not there, so nothing in it runs there any more.`,
    meaning:
      "Forgejo reads the first of `.forgejo/workflows`, `.gitea/workflows` and `.github/workflows` that there is, Gitea the first of the last two. On a mirror at GitHub nothing changes.",
    next: "Copy what has to run into the folder of the publish job, in the same merge.",
  }),
  "publish-replaces": rule("caution", "Another pipeline of the branch does not run any more", {
    what: ({ branch, others }) =>
      `Bitbucket runs one pipeline for a push to ${branch}: beside the one that publishes, ${others.join(", ")} would not run for it.`,
    meaning:
      "Of all pipelines that fit a branch Bitbucket runs the one that names it best, and `default` only where none fits.",
    next: "Put the steps of the other pipeline into this one, before the one that publishes.",
    advice: ({ branch }) =>
      `Put their steps into the pipeline of ${branch} too, before the one that publishes; and take the branch out of a pattern that lists it ({a,b}), which Bitbucket may prefer.`,
  }),
  "publish-login": rule("caution", "The publish job needs credentials", {
    what: ({ forge, host }) =>
      `The publish job fails until REGISTRY_USER and REGISTRY_TOKEN exist as ${SECRETS_OF[forge]}, with the right to push to ${host}.`,
    meaning: "The forge gives jobs no token for this registry.",
    next: "Create them before you merge.",
    advice: ({ provider }) =>
      `Create them before you merge.${provider ? ` Better: let the job log in to ${provider} by OIDC before it pushes, and drop both.` : ""}`,
  }),
  "publish-pipeline": rule("caution", "The pipeline has to be created", {
    what: () => "Azure DevOps runs this file only once a pipeline is created from it.",
    meaning: "Pipelines are registered in the project, not found in the repository.",
    next: "Create the pipeline before you merge.",
    advice: ({ file }) =>
      `Create it before you merge: ${sh`az pipelines create --name publish-artifact --yml-path ${file}`.line}`,
  }),
  "publish-sign-key": rule("caution", "Signing needs a key", {
    what: ({ forge, secret, namespace }) =>
      `The publish job fails until COSIGN_PRIVATE_KEY and COSIGN_PASSWORD exist as ${SECRETS_OF[forge]}, and Flux refuses every artifact until Secret ${secret} with cosign.pub is in ${namespace}.`,
    meaning:
      "This forge gives its jobs no identity that Sigstore knows, so the artifact is signed with a key; fluxlift makes no keys.",
    next: "Make the pair as the runbook says before you merge.",
  }),
  "publish-trial-left": rule("caution", "The trial branch still publishes", {
    what: () => "A push to the branch oci-artifacts still publishes what Flux runs.",
    meaning: "The branch was needed before the switch; this job names it in a way fluxlift does not know.",
    next: "Take it out of the job, and delete the branch.",
  }),
  "stays-on-git": rule(["info", "caution"], "Something goes on reading Git", {
    what: sayStaying,
    meaning:
      "Image automation commits, charts in the repository and includes are read from Git; none of them can use an artifact.",
    why: ({ kind }) => stayingReason(kind)[0],
    next: "Keep the Git secret. Nothing else to do.",
    advice: ({ kind, skips }) =>
      `${skips ? `Take ${skips} out of its messageTemplate before the switch. ` : ""}${stayingReason(kind)[1]}`,
  }),
  "oci-reader-unknown": rule("caution", "An unknown kind reads the source", {
    what: sayStaying,
    meaning: "Whether it can read an OCIRepository is not known, so it stays on a GitRepository, which always works.",
    why: ({ kind }) => `Whether a ${kind} can read an OCIRepository is not known to fluxlift.`,
    next: "If it can, change its sourceRef by hand.",
    advice: ({ source }) =>
      `If it can, change its sourceRef to the OCIRepository and drop ${source} once nothing reads it.`,
  }),
  "oci-reader-lost": rule("blocker", "Something waits for a GitRepository that is gone", {
    what: ({ resource, source }) => `${resource} waits for GitRepository ${source}, which nothing makes any more.`,
    meaning: "The FluxInstance syncs an OCIRepository, so the operator has deleted the GitRepository of that name.",
    next: "Declare a GitRepository of another name for it.",
    advice: ({ instead }) => `Declare a GitRepository ${instead} for this repository and let it read that one.`,
  }),
  "receiver-too-early": rule("caution", "A webhook fires before the artifact is published", {
    what: ({ type, interval }) =>
      `The ${type} webhook of this Receiver fires on the push, before CI has published the artifact, so Flux finds nothing new and waits for its interval (${interval}).`,
    meaning: "Flux follows the registry now; a push to Git is only the beginning of a publication.",
    next: "Send the webhook when the artifact is there, or shorten sync.interval.",
    advice: ({ type }) =>
      `${type === "github" ? "Let the webhook send `Packages` or `Workflow runs` events instead of `Pushes`, and list them in spec.events (registry_package, workflow_run)." : "Let the publish job call the Receiver's URL as its last step, with type: generic-hmac."} A shorter sync.interval does as well.`,
  }),
  "notification-misses-artifact": rule("info", "Every GitRepository is named, and the sync is none any more", {
    what: ({ resource }) => `${resource} names every GitRepository, which no longer includes the source of the sync.`,
    meaning: "A Receiver or an Alert with the name `*` meant the source of the sync too.",
    next: "Add the OCIRepository, if the sync matters there.",
    advice: ({ source, field }) => `Add kind: OCIRepository, name: ${source} to ${field}, if the sync matters here.`,
  }),
  "commit-status-needs-revision": rule(["info", "caution"], "Commit statuses need the revision in the artifact", {
    what: ({ without }) =>
      without === undefined
        ? "This Alert goes on setting commit statuses: the publish job writes branch and commit into the artifact."
        : `This Alert goes on setting commit statuses only if ${without} passes --revision BRANCH@sha1:COMMIT to flux push artifact.`,
    meaning:
      "Without --revision the only revision of an artifact is a digest, and the provider fails with `failed to extract commit hash`.",
    next: "Keep --revision in the publish job.",
    advice: ({ without }) => without !== undefined && "Add it to the command in that file.",
  }),
} satisfies Partial<Catalogue>;
