import type { RuleText } from "./rule-text.ts";

export const REPOSITORY_RULES: Record<string, RuleText> = {
  "parent-suspended": {
    levels: ["blocker"],
    title: "What delivers the operator is suspended",
    meaning: "Flux applies nothing below a suspended FluxKustomization, so operator and instance would never arrive.",
    next: "Resume it, merge that, wait until it is reconciled, and run fluxlift again.",
  },
  "shared-with-blocked": {
    levels: ["blocker"],
    title: "A cluster that shares files is blocked",
    meaning: "This phase would change files of the other one too, where the operator may not have adopted Flux yet.",
    next: "Settle the blockers of the other cluster first, or give each cluster its own copy of the file.",
  },
  "phase-not-proven": {
    levels: ["blocker"],
    title: "Without git nothing shows that the phase before is reconciled",
    meaning: "Phases merged together let Flux delete itself before the operator has adopted it.",
    next: "Run this in the git checkout, or say with `--direct` that operator and instance are installed and Ready.",
  },
  "phase-not-pushed": {
    levels: ["caution"],
    title: "The phase before is committed but not pushed",
    meaning: "Flux applies the newest commit only; one push of both phases lets it delete itself.",
    next: "Push the phase before, wait until it is reconciled, and merge this one after that.",
  },
  "controllers-elsewhere": {
    levels: ["blocker"],
    title: "The controllers live in another namespace than source and root",
    meaning: "The operator puts all of them into one namespace, so a second Flux would be installed.",
    next: "Move source and root to the namespace of the controllers first, or migrate this cluster by hand.",
  },
  "nothing-recognised": {
    levels: ["blocker"],
    title: "No Flux cluster was recognised",
    meaning: "No source and root that read this repository were found, whatever the files are called.",
    next: "Run fluxlift at the top of the GitOps repository, or name the folder.",
  },
  "root-not-found": {
    levels: ["blocker"],
    title: "There are Flux objects, but no root",
    meaning:
      "No source in the repository belongs to a FluxKustomization that builds it, so it is unknown what the cluster reads.",
    next: "Run fluxlift at the top of the repository; for an OCI or Bucket source give the published folder with --artifact-path.",
  },
  "root-ambiguous": {
    levels: ["blocker"],
    title: "Which FluxKustomization is the root cannot be told",
    meaning:
      "Two build the same part of the repository, so what they deliver has no sure owner; or several are applied by hand and none delivers the others, while a FluxInstance syncs one path.",
    next: "Decide on one root, with prune: false reconciled first: remove the other, or deliver them all from one.",
  },
  "yaml-broken": {
    levels: ["caution"],
    title: "A file that mentions Flux is not valid YAML",
    meaning: "Nothing in it was read and nothing in it will be edited; Flux cannot apply it either.",
    next: "Correct it, or check by hand that it names nothing that moves.",
  },
  "kustomization-broken": {
    levels: ["blocker", "caution"],
    title: "A kustomization cannot be read",
    meaning: "Flux cannot build it either; what it lists is unknown, so references in it would be missed.",
    next: "Mend it, let Flux reconcile it, and run fluxlift again.",
  },
  "kustomization-repeats": {
    levels: ["caution"],
    title: "A kustomization says one key twice",
    meaning: "Flux takes the last one and leaves out what the first one lists; fluxlift cannot edit such a file.",
    next: "Join the two, and look at what that newly delivers.",
  },
  "kustomization-incomplete": {
    levels: ["blocker", "caution"],
    title: "A kustomization names a file that is not there",
    meaning: "Flux applies nothing of it, nor what this phase adds to it, until it builds.",
    next: "Add the file or take the entry out before the phase is merged.",
  },
  "other-branch": {
    levels: ["caution"],
    title: "The cluster reads another branch",
    meaning: "Merging into the branch that is checked out changes nothing for this cluster.",
    next: "Check out the branch the cluster reads, or merge every phase into it as well.",
  },
  "detached-head": {
    levels: ["caution"],
    title: "HEAD is detached",
    meaning: "fluxlift cannot tell which branch the changes will be on, and so which clusters read them.",
    next: "Check out the branch the cluster reads.",
  },
  "phase-not-reached": {
    levels: ["blocker"],
    title: "An earlier phase is not committed",
    meaning: "Two phases in one merge would let Flux prune its controllers before the operator has adopted them.",
    next: "Merge the earlier phase, wait until it is reconciled, then come back.",
  },
  "edit-refused": {
    levels: ["blocker"],
    title: "A file cannot be edited safely",
    meaning:
      "The edit would not have had exactly the intended effect: templates, duplicate keys, encrypted or unusual YAML.",
    next: "Make this change by hand, commit it, and run fluxlift again.",
  },
  "install-not-found": {
    levels: ["blocker"],
    title: "Nothing delivered installs Flux",
    meaning:
      "Version, components and patches of the running Flux are unknown; guessed ones would change the controllers.",
    next: "Deliver the install from the root, or migrate this cluster by hand.",
  },
  "install-contradiction": {
    levels: ["blocker"],
    title: "Two installs are applied at once",
    meaning: "Which of them decides version, components and patches depends on the order of reconciliation.",
    next: "Remove the one that should not count and merge that first.",
  },
  "shared-reference": {
    levels: ["blocker"],
    title: "A file is delivered to two clusters",
    meaning: "A new source name written here would leave the other cluster without its source.",
    next: "Bring the other cluster to the same phase with the same --sync, or give each its own copy.",
  },
  "undelivered-reference": {
    levels: ["info"],
    title: "Undelivered files name the old source",
    meaning: "Nothing delivers them, so Flux does not notice; they would fail if they were listed again.",
    next: "Change them when they are used again.",
  },
};
