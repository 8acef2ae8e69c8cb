import type { RuleText } from "./rule-text.ts";

export const SYNC_RULES: Record<string, RuleText> = {
  "root-dependency-dropped": {
    levels: ["info"],
    title: "The root no longer waits for the old install",
    meaning:
      "What installs Flux from now on lies below the root; waiting for it would keep an empty cluster from starting.",
    next: "Nothing to do.",
  },
  "sync-not-expressible": {
    levels: ["blocker"],
    title: "Source or root have a form the instance cannot generate",
    meaning: "The generated source and root would read or build something else than the old ones.",
    next: "Use --sync keep, or bring them into the form of a Flux bootstrap first.",
  },
  "sync-name-taken": {
    levels: ["blocker"],
    title: "The name for the generated source is taken",
    meaning: "The operator would take over an unrelated source of that name.",
    next: "Rename the other source, or choose another --sync strategy.",
  },
  "sync-provider-refused": {
    levels: ["blocker"],
    title: "The API server refuses sync.provider",
    meaning: "The FluxInstance is rejected for this kind of source or this Flux version.",
    next: "Correct spec.provider of the source.",
  },
  "sync-metadata-lost": {
    levels: ["caution"],
    title: "Metadata of the sync objects does not come along",
    meaning: "Patches of a FluxInstance carry labels and annotations only.",
    next: "Take it out of the file, or set it on the live object by hand.",
  },
  "sync-field-lost": {
    levels: ["caution", "info"],
    title: "A field of the sync does not come along",
    meaning: "The API version the operator writes has no such field.",
    next: "Replace what it was for before the migration.",
  },
  "sync-ref-patched": {
    levels: ["caution"],
    title: "The reference of the source is kept by a patch",
    meaning: "The instance can only name one kind of reference; the patch puts the old one back.",
    next: "Keep the patch as long as that reference is wanted.",
  },
  "sync-ref-by-name": {
    levels: ["info"],
    title: "The branch is named by its full reference",
    meaning: "The operator writes ref.name; the same commits are fetched.",
    next: "Give an ImageUpdateAutomation on this source a branch of its own.",
  },
  "sync-suspended": {
    levels: ["caution"],
    title: "Source or root are suspended in Git",
    meaning: "What the instance generates is suspended as well, and nothing that is merged reaches the cluster.",
    next: "Resume it before the migration.",
  },
  "sync-root-waits": {
    levels: ["info"],
    title: "The root waits for what it delivers",
    meaning: "Operator and root would wait for each other if the instance were among what the root checks.",
    next: "Read the finding for what was done about it.",
  },
};
