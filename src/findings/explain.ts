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

/** Rules that may have been meant: those that hold all its words, then those that few letters tell apart. */
export function suggestRules(wrong: string): string[] {
  const ids = Object.keys(RULES);
  const asked = wrong.toLowerCase().slice(0, 60);
  const words = asked.split(/[^a-z0-9]+/).filter((word) => word !== "");
  const holding = words.length > 0 ? ids.filter((id) => words.every((word) => id.includes(word))) : [];
  const near = ids
    .map((id) => ({ id, distance: countEdits(asked, id) }))
    .filter(({ id, distance }) => distance <= Math.max(2, id.length / 3))
    .sort((a, b) => a.distance - b.distance);
  return [...new Set([...holding, ...near.map(({ id }) => id)])].slice(0, MOST);
}

/** Letters to add, drop or replace to make one text of another. */
function countEdits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
