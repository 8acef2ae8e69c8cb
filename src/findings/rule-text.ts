import type { Level } from "../contract/finding.ts";
import { listSome } from "../contract/list-some.ts";
import type { RuleFacts } from "../contract/rule-facts.ts";
import type { RuleId } from "../contract/rules.ts";

/** What a rule means in general; a finding says it for one place. */
export interface RuleText {
  /** Levels it can have; the finding says which. */
  levels: readonly Level[];
  /** A few words. */
  title: string;
  /** What Flux, the operator or a rebuild does because of it. */
  meaning: string;
  /** What to do about it. */
  next: string;
}

/** The sentences of a rule at one place; what is left out, or empty, is said by `meaning` and `next`. */
export interface RuleWords<Facts> {
  what: (facts: Facts) => string;
  why?: (facts: Facts) => string | false | undefined;
  advice?: (facts: Facts) => string | false | undefined;
}

type Words<Facts> = [Facts] extends [never] ? unknown : RuleWords<Facts>;

export type Catalogue = {
  readonly [Rule in RuleId]: RuleText & Words<Rule extends keyof RuleFacts ? RuleFacts[Rule] : never>;
};

/** An entry of the catalogue; a rule whose findings bring facts has words for them. */
export function rule<Facts = never>(
  levels: Level | readonly Level[],
  title: string,
  text: Pick<RuleText, "meaning" | "next"> & Words<Facts>,
): RuleText & Words<Facts> {
  return { levels: [levels].flat(), title, ...text };
}

/** Places of one sentence; a single one is where the finding stands. */
export const listAll = (places: readonly string[]): string => (places.length > 1 ? `: ${listSome(places, 12)}` : "");
