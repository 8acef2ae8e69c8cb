import type { RuleText } from "./rule-text.ts";
import { APP_RULES } from "./rules-apps.ts";
import { AUTOMATION_RULES } from "./rules-automation.ts";
import { FACTS_RULES } from "./rules-facts.ts";
import { GOTK_RULES } from "./rules-gotk.ts";
import { OCI_RULES } from "./rules-oci.ts";
import { PATCH_RULES } from "./rules-patches.ts";
import { REPOSITORY_RULES } from "./rules-repository.ts";
import { SAFETY_RULES } from "./rules-safety.ts";
import { SYNC_RULES } from "./rules-sync.ts";

export type { RuleText } from "./rule-text.ts";

/** Chapters of the catalogue, in the order in which a reader meets them. */
export const RULE_CHAPTERS: readonly { title: string; rules: Record<string, RuleText> }[] = [
  { title: "Repository, clusters and phases", rules: REPOSITORY_RULES },
  { title: "Installs of flux bootstrap", rules: GOTK_RULES },
  { title: "Operator and instance", rules: APP_RULES },
  { title: "Source and root", rules: SYNC_RULES },
  { title: "Patches", rules: PATCH_RULES },
  { title: "Bootstrap, tasks and documentation", rules: AUTOMATION_RULES },
  { title: "What Flux does when a change is merged", rules: SAFETY_RULES },
  { title: "From Git to OCI", rules: OCI_RULES },
  { title: "Facts measured on the cluster", rules: FACTS_RULES },
];

/** Every finding fluxlift can give, by rule id. `docs/findings.md` is generated from it, and a test keeps it complete. */
export const RULES: Readonly<Record<string, RuleText>> = Object.assign({}, ...RULE_CHAPTERS.map(({ rules }) => rules));
