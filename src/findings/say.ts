import { hideCredentials } from "../contract/address.ts";
import type { DraftFinding, FactFinding, SaidFinding } from "../contract/finding.ts";
import type { RuleFacts } from "../contract/rule-facts.ts";
import { RULES } from "./catalogue.ts";
import type { RuleText, RuleWords } from "./rule-text.ts";

/** A finding in the words of the catalogue; one that came with words of its own keeps them. */
export function sayFinding(draft: DraftFinding): SaidFinding {
  const said = "facts" in draft ? sayFacts(draft) : draft;
  const { what, why, next } = said;
  // URLs of sources, charts and bases come to words in many places.
  return { ...said, what: hideCredentials(what), why: hideCredentials(why), next: hideCredentials(next) };
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
