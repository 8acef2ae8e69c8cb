import type { RuleText } from "./rule-text.ts";

export const PATCH_RULES: Record<string, RuleText> = {
  "patch-unreadable": {
    levels: ["blocker"],
    title: "A patch of the install cannot be read",
    meaning: "It cannot be carried over, and without it the controllers would change.",
    next: "Repair or remove the patch.",
  },
  "patch-breaks-build": {
    levels: ["blocker"],
    title: "A patch does not fit the operator's manifests",
    meaning: "The instance would fail to build and stay stalled; Flux keeps running as it is.",
    next: "Change the patch so that it does not rely on that place.",
  },
  "patch-matches-nothing": {
    levels: ["caution"],
    title: "A patch matches nothing the operator generates",
    meaning: "It is left out: patches of an instance reach only what the operator generates.",
    next: "If it was meant for another object of the folder, keep it where that object is delivered.",
  },
  "patch-crd-version": {
    levels: ["info"],
    title: "A patch names another version of a CRD",
    meaning: "The CRD has other versions in this Flux release, so the index in the patch was moved.",
    next: "Nothing to do.",
  },
  "patch-escaped": {
    levels: ["info"],
    title: "Dollar signs in a patch are doubled",
    meaning: "The FluxKustomization that delivers the instance substitutes variables; one pass restores the text.",
    next: "Halve them again should that substitution be turned off.",
  },
  "patch-substitution-lost": {
    levels: ["blocker"],
    title: "Variables in a patch would stay literal",
    meaning: "Post-build substitution fills them in today, and the instance is delivered without it.",
    next: "Write the values in, or deliver the instance with the same postBuild.",
  },
  "patch-result-differs": {
    levels: ["caution"],
    title: "A controller will differ after the takeover",
    meaning: "The same patches meet another base: arguments the operator appends, or fields only bootstrap writes.",
    next: "Compare what the operator builds with the live objects, and adjust the patches.",
  },
  "patches-not-checked": {
    levels: ["caution"],
    title: "The patches could not be checked",
    meaning: "There are no manifests of that Flux minor to build them against.",
    next: "Move to a Flux version the operator manages, then run again.",
  },
  "feature-gate-refused": {
    levels: ["caution"],
    title: "A controller does not know a feature gate",
    meaning: "It exits at start.",
    next: "Take the gate out of the patch, or narrow its target.",
  },
  "workload-identity-wider": {
    levels: ["info"],
    title: "The workload identity gate is on for more controllers",
    meaning: "The first-class field is for all controllers, where the old patch named some.",
    next: "Nothing to do.",
  },
  "external-artifact-gate": {
    levels: ["info"],
    title: "The operator turns the ExternalArtifact gate on",
    meaning: "It does so wherever source-watcher is installed; without such sources it changes nothing.",
    next: "Nothing to do.",
  },
  "chart-version-read": {
    levels: ["info", "caution"],
    title: "The Flux version comes from the chart version",
    meaning: "A table says which Flux this release of the flux2 chart installs; for some only the minor is recorded.",
    next: "Compare with `flux version` where only the minor is known; pass `--flux-version` if it differs.",
  },
  "chart-values-elsewhere": {
    levels: ["blocker"],
    title: "Chart values lie outside the repository",
    meaning: "The release takes values from a Secret or ConfigMap that is not in the tree, so settings would be lost.",
    next: "Put the values into the HelmRelease or a generated ConfigMap, commit, and run fluxlift again.",
  },
  "chart-value-unknown": {
    levels: ["caution"],
    title: "A value of the flux2 chart is not understood",
    meaning: "fluxlift does not know it, so it is not carried over; the chart probably ignores it too.",
    next: "If it has an effect today, add a patch for it to the FluxInstance.",
  },
  "chart-value-lost": {
    levels: ["blocker", "caution", "info"],
    title: "A value of the flux2 chart does not come along",
    meaning: "It concerns something the operator does not install or does in another way.",
    next: "Read the finding for what takes its place.",
  },
};
