import type { RuleText } from "./rule-text.ts";

export const OCI_RULES: Record<string, RuleText> = {
  "oci-before-operator": {
    levels: ["blocker"],
    title: "The cluster is not run by Flux Operator yet",
    meaning: "The move to OCI changes what a FluxInstance generates; it starts where `fluxlift migrate` ends.",
    next: "Take the cluster through `fluxlift migrate` up to cleanup first.",
  },
  "oci-without-sync": {
    levels: ["blocker"],
    title: "The FluxInstance syncs nothing",
    meaning: "Source and root are manifests of their own, so there is no sync that could read an artifact.",
    next: "Give the instance a `sync` for this source and path first.",
  },
  "oci-not-from-git": {
    levels: ["blocker"],
    title: "The sync is a Bucket",
    meaning: "What fills the bucket is not in this repository, so nothing can be published in its place.",
    next: "Publish from wherever the bucket is filled, and change the sync by hand.",
  },
  "oci-ref-no-branch": {
    levels: ["blocker"],
    title: "The sync follows no branch",
    meaning: "CI publishes for every push to a branch; a tag or a commit is never pushed to.",
    next: "Let sync.ref name a branch.",
  },
  "oci-registry-unknown": {
    levels: ["blocker"],
    title: "Where the artifact goes is not known",
    meaning:
      "The forge has no registry of its own, answers on a private host, or is not recognised; or --registry is no address.",
    next: "Name it with --registry oci://HOST/PATH.",
  },
  "oci-git-secret": {
    levels: ["blocker"],
    title: "The pull secret holds Git credentials",
    meaning: "An OCIRepository needs a Secret of type kubernetes.io/dockerconfigjson.",
    next: "Choose another name with --pull-secret.",
  },
  "oci-name-taken": {
    levels: ["blocker"],
    title: "An OCIRepository bears the name of the sync",
    meaning: "The operator would overwrite it with the source it generates.",
    next: "Rename that OCIRepository and what refers to it first.",
  },
  "oci-shared-file": {
    levels: ["blocker"],
    title: "A file is shared with a cluster that stays on Git",
    meaning: "Both clusters read the same bytes, but only one of them has the OCIRepository.",
    next: "Take both along, or give each cluster its own copy.",
  },
  "oci-shared-blocked": {
    levels: ["blocker"],
    title: "A cluster that shares files is blocked",
    meaning: "Switching this one would change files of the other, which then reads a source that nothing makes there.",
    next: "Settle the blockers of the other cluster first.",
  },
  "oci-still-on-git": {
    levels: ["blocker"],
    title: "Something would still read Git after the switch",
    meaning:
      "The operator deletes the generated GitRepository; what still names it stalls. The reference comes from a replacement, a variable or a patch that cannot be evaluated here.",
    next: "Change it by hand in the same merge.",
  },
  "oci-path-outside": {
    levels: ["blocker"],
    title: "A path lies outside the artifact",
    meaning: "A FluxKustomization whose path is missing stalls and applies nothing any more.",
    next: "Publish a folder that holds it too, or the whole repository.",
  },
  "oci-path-patched": {
    levels: ["blocker"],
    title: "A patch sets a path",
    meaning: "Paths count from the root of the artifact; what this one becomes cannot be seen in the file.",
    next: "Write the path into the FluxKustomization itself, or publish the whole repository.",
  },
  "oci-ignore": {
    levels: ["blocker"],
    title: "Ignore rules would keep other files",
    meaning: "Rules count from the root of the artifact; a file that they hide by mistake is pruned.",
    next: "Write rules that name no folder above it, or publish the whole repository.",
  },
  "oci-include": {
    levels: ["blocker"],
    title: "The source includes other repositories",
    meaning: "An OCIRepository has no include; Flux would prune what comes from them.",
    next: "Give those repositories GitRepositories of their own, or let CI copy them in.",
  },
  "oci-field-dropped": {
    levels: ["info", "caution"],
    title: "A patch on the source loses a field",
    meaning: "An OCIRepository has no such field, or says it in another way.",
    next: "The finding says what takes its place.",
  },
  "pull-secret-missing": {
    levels: ["caution"],
    title: "The pull secret has to be created",
    meaning: "Flux cannot pull the artifact before the secret exists; fluxlift makes no credentials.",
    next: "Create it as the runbook says.",
  },
  "pull-secret-entry": {
    levels: ["caution"],
    title: "The secret store needs an entry",
    meaning: "The new ExternalSecret stays not Ready until the store has the entry it names.",
    next: "Create the entry, or change the key to one that is there.",
  },
  "oci-forge-unknown": {
    levels: ["blocker"],
    title: "No forge is recognised",
    meaning: "Nobody would publish the artifact, and Flux would wait for it.",
    next: "Name the forge with --forge.",
  },
  "publisher-kept": {
    levels: ["info"],
    title: "A job publishes the artifact already",
    meaning: "No other one is added; Flux follows what it pushes.",
    next: "Check its branches, and that the tag moves last.",
  },
  "publish-login": {
    levels: ["caution"],
    title: "The publish job needs credentials",
    meaning: "The forge gives jobs no token for this registry, so the job fails until two secrets exist.",
    next: "Create REGISTRY_USER and REGISTRY_TOKEN before you merge.",
  },
  "publish-pipeline": {
    levels: ["caution"],
    title: "The pipeline has to be created",
    meaning: "Azure DevOps runs a file only once a pipeline is made from it.",
    next: "Create the pipeline before you merge.",
  },
  "publish-sign-key": {
    levels: ["caution"],
    title: "Signing needs a key",
    meaning: "The forge gives its jobs no identity that Sigstore knows: CI needs the private key, Flux the public one.",
    next: "Make the pair as the runbook says before you merge.",
  },
  "publish-trial-left": {
    levels: ["caution"],
    title: "The trial branch still publishes",
    meaning: "Whoever can push to oci-artifacts can deploy.",
    next: "Take the branch out of the job, and delete it.",
  },
  "stays-on-git": {
    levels: ["info"],
    title: "Something goes on reading Git",
    meaning:
      "Image automation commits, charts in the repository and includes are read from Git; none of them can use an artifact.",
    next: "Keep the Git secret. Nothing else to do.",
  },
  "oci-reader-unknown": {
    levels: ["caution"],
    title: "An unknown kind reads the source",
    meaning: "Whether it can read an OCIRepository is not known, so it stays on a GitRepository, which always works.",
    next: "If it can, change its sourceRef by hand.",
  },
  "oci-reader-lost": {
    levels: ["blocker"],
    title: "Something waits for a GitRepository that is gone",
    meaning: "The cluster syncs an OCIRepository already, and the operator has deleted the GitRepository.",
    next: "Declare a GitRepository of another name for it.",
  },
  "receiver-too-early": {
    levels: ["caution"],
    title: "A webhook fires before the artifact is published",
    meaning: "A push to Git is only the beginning of a publication; Flux then waits for its interval.",
    next: "Send the webhook when the artifact is there, or shorten sync.interval.",
  },
  "notification-misses-artifact": {
    levels: ["info"],
    title: "Every GitRepository is named, and the sync is none any more",
    meaning: "A Receiver or an Alert with the name `*` meant the source of the sync too.",
    next: "Add the OCIRepository, if the sync matters there.",
  },
  "commit-status-needs-revision": {
    levels: ["info", "caution"],
    title: "Commit statuses need the revision in the artifact",
    meaning: "The only revision of an artifact is a digest, unless `flux push artifact` gets --revision.",
    next: "Keep --revision BRANCH@sha1:COMMIT in the publish job.",
  },
  "charts-can-move": {
    levels: ["info"],
    title: "Charts could be read from the registry directly",
    meaning:
      "HelmReleases read charts of a registry through a HelmRepository; an OCIRepository does the same with digests.",
    next: "Run fluxlift oci --charts, or leave them.",
  },
  "charts-upgrade-once": {
    levels: ["caution"],
    title: "Releases that move are upgraded once",
    meaning: "The version of a chart from an OCIRepository carries its digest, so helm-controller sees another chart.",
    next: "Merge when a rollout is welcome.",
  },
  "chart-from-registry": {
    levels: ["caution"],
    title: "A chart comes from another place",
    meaning: "Its HelmRepository is no registry; the owner of the charts publishes them in one too.",
    next: "Check that the version is there before you merge.",
  },
  "chart-stays": {
    levels: ["info"],
    title: "A release keeps its HelmRepository",
    meaning: "An OCIRepository could not say the same, or a patch, a name or a substitution stands in the way.",
    next: "Nothing; or settle the reason and run again with --charts.",
  },
  "chart-not-published": {
    levels: ["info"],
    title: "Charts are not known to be in a registry",
    meaning: "The chart repository is not in the table of those that publish OCI artifacts too.",
    next: "Add it with --chart-mirrors if it does.",
  },
  "chart-not-followed": {
    levels: ["info"],
    title: "Charts are read where fluxlift cannot follow",
    meaning:
      "An ExternalArtifact carries the release, or a ResourceSet makes it; what reaches the cluster is not in the files.",
    next: "Move these by hand.",
  },
  "chart-version-moved": {
    levels: ["caution"],
    title: "A script reads the version of a chart",
    meaning: "The version of a release that moved is in its OCIRepository.",
    next: "Let it read spec.ref.tag there.",
  },
  "renovate-misses-chart": {
    levels: ["caution"],
    title: "Renovate does not look at a new source",
    meaning: "No pattern of its flux manager matches the file that holds the version now.",
    next: "Add a pattern.",
  },
  "chart-repository-kept": {
    levels: ["info"],
    title: "A HelmRepository that no release reads stays",
    meaning: "Something else names it, or its folder would not build without it.",
    next: "Remove it by hand.",
  },
  "chart-source-lost": {
    levels: ["blocker"],
    title: "A release would not find its source",
    meaning: "The new OCIRepository does not reach the cluster with the release, or in another namespace.",
    next: "Leave charts out, or move this one by hand.",
  },
};
