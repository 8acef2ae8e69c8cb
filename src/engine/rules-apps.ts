import type { RuleText } from "./rule-text.ts";

export const APP_RULES: Record<string, RuleText> = {
  "version-unknown": {
    levels: ["blocker"],
    title: "The running Flux version is unknown",
    meaning:
      "The install floats or pins something that is no release; the operator could down- or upgrade the controllers.",
    next: "Pass --flux-version, or --facts with the output of preflight.sh.",
  },
  "flux-too-old": {
    levels: ["blocker"],
    title: "Flux is older than the operator can manage",
    meaning: "The operator refuses versions before 2.2.",
    next: "Upgrade Flux with the present install, one minor at a time, to 2.2.3 or later.",
  },
  "flux-not-embedded": {
    levels: ["blocker"],
    title: "No known operator embeds this Flux version",
    meaning: "The operator installs only versions it embeds; another one would be a downgrade or a failed build.",
    next: "Use a newer fluxlift, or --operator-version together with --flux-version.",
  },
  "patch-upgrade": {
    levels: ["info"],
    title: "The operator runs a newer patch release",
    meaning:
      "The instance stays on the installed minor and gets the newest patch release of it that the operator embeds.",
    next: "Nothing to do; pin an exact version later if you want one.",
  },
  "bootstrap-newer": {
    levels: ["blocker"],
    title: "Bootstrap installs a newer Flux",
    meaning: "If bootstrap ran last, the instance would downgrade the running controllers.",
    next: "Check with `flux version`, then pass --flux-version or --facts.",
  },
  "bootstrap-differs": {
    levels: ["info"],
    title: "Bootstrap installs another Flux",
    meaning: "The install that Flux reconciles decides; what bootstrap says was applied once.",
    next: "Nothing to do; cleanup replaces the bootstrap.",
  },
  "operator-too-old": {
    levels: ["info"],
    title: "The pinned operator is too old",
    meaning: "It does not embed the installed Flux, so the chart version is raised.",
    next: "Nothing to do, or choose another release with --operator-version.",
  },
  "app-shared": {
    levels: ["blocker"],
    title: "Another cluster reads the app that has to change",
    meaning: "A merge for one cluster would change the operator of another that this run does not look at.",
    next: "Leave --cluster out, or make the change first and let it reconcile everywhere.",
  },
  "no-safe-place": {
    levels: ["blocker"],
    title: "No folder can hold operator and instance",
    meaning:
      "A FluxInstance in a folder that is built recursively is applied before its CRD exists and stalls the root.",
    next: "Let the source's ignore rules keep the folder the finding names, or give the root's folder a kustomization.yaml.",
  },
  "path-taken": {
    levels: ["blocker"],
    title: "A file is in the way",
    meaning: "The file fluxlift would create exists and is no app that could be completed.",
    next: "Move or finish that file and commit it.",
  },
  "app-prunable": {
    levels: ["caution", "info"],
    title: "The app of operator or instance may be pruned",
    meaning:
      "When its files leave the folder Flux deletes the HelmRelease, and Helm uninstalls it: for the instance that is Flux itself.",
    next: "Set spec.prune: false on its FluxKustomization.",
  },
  "app-without-owner": {
    levels: ["blocker"],
    title: "An unfinished app that nothing delivers",
    meaning: "A HelmRelease of operator or instance lies there, but no FluxKustomization builds its folder.",
    next: "Add a FluxKustomization for it, or delete it.",
  },
  "release-may-uninstall": {
    levels: ["blocker", "caution"],
    title: "A failed release would be uninstalled",
    meaning: "Remediation by uninstall removes the operator, or the FluxInstance and with it all of Flux.",
    next: "Remove the remediation, or use strategy RetryOnFailure from Flux 2.7 on.",
  },
  "instance-contradiction": {
    levels: ["blocker"],
    title: "The FluxInstance contradicts the running install",
    meaning:
      "On adoption the operator makes the instance come true; components it leaves out lose their CRDs with every object of those kinds.",
    next: "Make both say the same.",
  },
  "instance-duplicate": {
    levels: ["blocker", "caution"],
    title: "A second FluxInstance",
    meaning: "A cluster has one FluxInstance, called flux; two owners fight over it.",
    next: "Remove one of the two.",
  },
  "install-setting-lost": {
    levels: ["blocker", "caution"],
    title: "A setting of the old install is no patch",
    meaning: "It reaches the controllers today, and the FluxInstance would be made without it.",
    next: "Say it as a patch or take it out, let that reconcile, and run fluxlift again.",
  },
  "install-source-lost": {
    levels: ["caution"],
    title: "The source of the old manifests does more than fetch them",
    meaning:
      "A mirror, a login, a proxy or a signature check of the old OCIRepository has no counterpart in the FluxInstance, which fetches another artifact.",
    next: "Where only your own registry is within reach, mirror the operator's artifact, charts and images, and name them in the instance.",
  },
  "instance-displaced": {
    levels: ["blocker"],
    title: "Operator or instance arrive under another name or namespace",
    meaning:
      "A prefix, a namespace or a chart value on the way changes them; the operator ignores every FluxInstance but flux in its own namespace.",
    next: "Take the prefix, suffix, namespace or override away for these apps.",
  },
  "instance-before-crd": {
    levels: ["blocker"],
    title: "The FluxInstance comes before its CRD",
    meaning:
      "One FluxKustomization applies the instance and what installs its CRD; nothing of it is applied on an empty cluster.",
    next: "Give the FluxInstance a FluxKustomization of its own that depends on the operator's.",
  },
  "instance-waits-for-root": {
    levels: ["blocker"],
    title: "Root and instance would wait for each other",
    meaning: "The operator waits for the root it generates, and the root checks the health of the FluxInstance.",
    next: "Let nothing between the root and the instance check the instance's health.",
  },
  "instance-field-ignored": {
    levels: ["caution"],
    title: "The chart drops a field of the instance",
    meaning: "The flux-instance chart has no such value, so the FluxInstance is made without it.",
    next: "Remove the value, or describe the FluxInstance as a manifest.",
  },
  "instance-changes-more": {
    levels: ["caution"],
    title: "The FluxInstance says more than the running install",
    meaning: "What the old install does not have is added to the controllers when the operator adopts them.",
    next: "Remove it until the migration is done, unless the change is wanted.",
  },
  "namespace-adopted": {
    levels: ["info"],
    title: "The operator adopts the Namespace",
    meaning: "Flux stops applying the labels and annotations of the file; a patch of the instance carries them over.",
    next: "Change them in the patch from now on.",
  },
  "guard-added": {
    levels: ["info"],
    title: "A guard for the time of the migration",
    meaning: "A field that keeps Flux from deleting what later phases remove; cleanup takes it out again.",
    next: "Wait until it is reconciled before cutover is merged.",
  },
  "protection-undone": {
    levels: ["blocker"],
    title: "A parent patches the protections away",
    meaning: "After the patches of its parents an app could be pruned, or its release uninstalled.",
    next: "Narrow the parent's patch so that it leaves the two apps alone.",
  },
  "orphan-left": {
    levels: ["caution"],
    title: "An object stays after its file is gone",
    meaning: "The root has prune: false, so Flux deletes nothing that leaves Git, and the object goes on reconciling.",
    next: "Delete it by hand as the runbook says.",
  },
};
