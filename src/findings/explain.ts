import { suggestNames } from "../contract/near.ts";
import { isKnownRule, RULE_CHAPTERS, RULES, type RuleText } from "./catalogue.ts";

/** What the catalogue says of a rule. */
export interface Explanation extends Pick<RuleText, "levels" | "title" | "meaning" | "next"> {
  rule: string;
  chapter: string;
}

/** Every rule, in the order of the catalogue. */
export function listRules(): Explanation[] {
  return RULE_CHAPTERS.flatMap(({ title: chapter, rules }) =>
    Object.entries(rules).map(([rule, text]) => explain(rule, chapter, text)),
  );
}

/** One rule; undefined where it is none of ours. */
export function findRule(rule: string): Explanation | undefined {
  if (!isKnownRule(rule as never)) return undefined;
  const chapter = RULE_CHAPTERS.find(({ rules }) => Object.hasOwn(rules, rule))!;
  return explain(rule, chapter.title, RULES[rule as keyof typeof RULES]);
}

function explain(rule: string, chapter: string, { levels, title, meaning, next }: RuleText): Explanation {
  return { rule, chapter, levels, title, meaning, next };
}

/** Suggestions for a rule that does not exist. */
const MOST = 3;

/** Rules that may have been meant. */
export function suggestRules(wrong: string): string[] {
  return suggestNames(wrong, Object.keys(RULES), MOST);
}
