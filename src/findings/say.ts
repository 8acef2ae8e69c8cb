import type { DraftFinding, FactFinding, SaidFinding } from "../contract/finding.ts";
import type { RuleFacts } from "../contract/rule-facts.ts";
import { RULES } from "./catalogue.ts";
import type { RuleText, RuleWords } from "./rule-text.ts";

/** A finding in the words of the catalogue; one that came with words of its own keeps them. */
export function sayFinding(draft: DraftFinding): SaidFinding {
  return "facts" in draft ? sayFacts(draft) : draft;
}

function sayFacts<Rule extends keyof RuleFacts>({ facts, ...place }: FactFinding & { rule: Rule }): SaidFinding {
  const words = RULES[place.rule] as RuleText & RuleWords<RuleFacts[Rule]>;
  const said = facts as RuleFacts[Rule];
  return {
    ...place,
    what: words.what(said),
    why: words.why?.(said) || words.meaning,
    next: words.advice?.(said) || words.next,
  };
}
