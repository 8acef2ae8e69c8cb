import type { RuleText } from "./rule-text.ts";

export const FACTS_RULES: Record<string, RuleText> = {
  "facts-wrong-cluster": {
    levels: ["blocker"],
    title: "The facts come from another cluster",
    meaning:
      "The live source reads another repository than the cluster of this plan, so none of the measured values counts.",
    next: "Run preflight.sh with the right context and pass its output again.",
  },
  "facts-version-mismatch": {
    levels: ["blocker"],
    title: "Another Flux minor runs than the repository says",
    meaning:
      "The operator has no downgrade guard on its first reconcile: it would replace controllers and CRDs by those of the planned version.",
    next: "Make the repository say what runs, or pass the running version with --flux-version.",
  },
  "facts-stored-versions": {
    levels: ["caution", "blocker"],
    title: "CRDs still list old stored versions",
    meaning:
      "The API server refuses a CRD that drops such a version. It blocks only when the plan also raises the Flux minor.",
    next: "Run `flux migrate` with a Flux CLI of 2.7 or newer.",
  },
  "facts-suspended": {
    levels: ["caution", "blocker"],
    title: "Flux objects are suspended",
    meaning:
      "A suspended object neither applies nor prunes until it is resumed. A suspended source or root blocks, since nothing merged would reach the cluster.",
    next: "Resume it and wait for Ready, or keep it suspended on purpose and check it by hand after each phase.",
  },
  "facts-not-ready": {
    levels: ["caution", "blocker"],
    title: "Sources or FluxKustomizations are not Ready",
    meaning:
      "A failing root keeps the FluxInstance from becoming Ready; failures of other objects cannot be told from what the migration breaks.",
    next: "Repair them before the merge.",
  },
  "facts-missing-secret": {
    levels: ["caution"],
    title: "A Secret or ConfigMap of the sync is missing",
    meaning:
      "Without its credentials a source is not fetched, and without what it substitutes and decrypts with a root is not built.",
    next: "Create the object, or remove the reference.",
  },
  "facts-instance-not-ready": {
    levels: ["blocker"],
    title: "The FluxInstance is not Ready",
    meaning: "The controllers still belong to the old install, so removing its files makes Flux delete itself.",
    next: "Repair the instance and wait for Ready before cutover or cleanup.",
  },
  "facts-not-adopted": {
    levels: ["blocker"],
    title: "The operator has not adopted every object",
    meaning:
      "Live objects carry the labels of their old owner, or lack the annotation that protects them, and are pruned once their files go.",
    next: "Let the operator reconcile the instance again, and measure again.",
  },
  "facts-guards-missing": {
    levels: ["blocker"],
    title: "A guard is not in effect",
    meaning: "Flux decides from the live object what to prune; a guard that is only in Git protects nothing yet.",
    next: "Reconcile the root, and measure again.",
  },
};
