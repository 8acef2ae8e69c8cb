import type { AnyRuleId, RuleId } from "../contract/rules.ts";
import { APP_RULES } from "./apps.ts";
import { AUTOMATION_RULES } from "./automation.ts";
import { CHART_RULES } from "./charts.ts";
import { FACTS_RULES } from "./facts.ts";
import { GOTK_RULES } from "./gotk.ts";
import { OCI_RULES } from "./oci.ts";
import { PATCH_RULES } from "./patches.ts";
import { REPOSITORY_RULES } from "./repository.ts";
import type { Catalogue, RuleText } from "./rule-text.ts";
import { SAFETY_RULES } from "./safety.ts";
import { SYNC_RULES } from "./sync.ts";
import { VERSION_RULES } from "./versions.ts";

export type { RuleText } from "./rule-text.ts";

/** Chapters of the catalogue, in the order in which a reader meets them. */
export const RULE_CHAPTERS: readonly { title: string; rules: Record<string, RuleText> }[] = [
  { title: "Repository, clusters and phases", rules: REPOSITORY_RULES },
  { title: "Installs of flux bootstrap", rules: GOTK_RULES },
  { title: "Versions of Flux and of the operator", rules: VERSION_RULES },
  { title: "Operator and instance", rules: APP_RULES },
  { title: "Source and root", rules: SYNC_RULES },
  { title: "Patches", rules: PATCH_RULES },
  { title: "Bootstrap, tasks and documentation", rules: AUTOMATION_RULES },
  { title: "What Flux does when a change is merged", rules: SAFETY_RULES },
  { title: "From Git to OCI", rules: { ...OCI_RULES, ...CHART_RULES } },
  { title: "Facts measured on the cluster", rules: FACTS_RULES },
];

/** Whether a rule is one of ours; those that a user brings along explain themselves. */
export function isKnownRule(rule: AnyRuleId): rule is RuleId {
  return Object.hasOwn(RULES, rule);
}

/** Every finding fluxlift can give, by rule id; `docs/findings.md` is generated from it. */
export const RULES: Catalogue = {
  ...REPOSITORY_RULES,
  ...GOTK_RULES,
  ...VERSION_RULES,
  ...APP_RULES,
  ...SYNC_RULES,
  ...PATCH_RULES,
  ...AUTOMATION_RULES,
  ...SAFETY_RULES,
  ...OCI_RULES,
  ...CHART_RULES,
  ...FACTS_RULES,
};
