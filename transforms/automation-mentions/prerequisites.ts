import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import { getOrMake } from "../../src/contract/group-by.ts";
import { linesOf } from "../shared/automation/lines.ts";

/** A rule of a Makefile, as indices of its lines: from, and to but not with. */
interface Rule {
  from: number;
  to: number;
  needs: readonly string[];
}

interface Rules {
  /** By the index of each line the rule above it. */
  byLine: readonly (Rule | undefined)[];
  byTarget: ReadonlyMap<string, readonly Rule[]>;
}

/** What stands for itself before a colon: no variable that is set, nor one of a target alone. */
const HEAD = /^([^\s#:=][^#:=]*):(?![:=])([^=]*)$/;

/** Rules that are followed for one recipe, and lines that are read of each; the next ones count as unknown. */
const MAX_RULES = 50;
const MAX_LINES = 50;

/** The rules that make runs before the one whose recipe holds a line. */
export function rulesBefore(file: AutomationFile, number: number): readonly Rule[] {
  if (file.kind !== "make") return [];
  const { byLine, byTarget } = rulesOf(file);
  const own = byLine[number - 1];
  return own === undefined ? [] : getOrMake(followed, own, () => follow(own, byTarget));
}

/** Every line of a recipe asks for what its rule needs. */
const followed = new WeakMap<Rule, readonly Rule[]>();

function follow(own: Rule, byTarget: Rules["byTarget"]): readonly Rule[] {
  const names = new Set(own.needs.slice(0, MAX_RULES));
  const found: Rule[] = [];
  for (const name of names) {
    for (const rule of byTarget.get(name) ?? []) {
      if (found.push(rule) >= MAX_RULES) return found;
      for (const next of rule.needs.slice(0, MAX_RULES)) if (names.size < MAX_RULES) names.add(next);
    }
  }
  return found;
}

const rules = new WeakMap<AutomationFile, Rules>();

function rulesOf(file: AutomationFile): Rules {
  return getOrMake(rules, file, () => {
    const lines = linesOf(file);
    const heads = lines.flatMap((text, from) => {
      const [, targets, after] = HEAD.exec(text) ?? [];
      return targets === undefined ? [] : [{ from, targets: wordsOf(targets), needs: wordsOf(after!.split(";")[0]!) }];
    });
    const made = new Set(heads.flatMap(({ targets }) => targets));
    const all = heads.map(({ from, needs }, at): Rule => {
      const to = Math.min(heads[at + 1]?.from ?? lines.length, from + 1 + MAX_LINES);
      // Files that lie there are made by no rule.
      return { from, to, needs: needs.filter((name) => made.has(name)) };
    });
    const starts = new Map(all.map((rule) => [rule.from, rule]));
    let own: Rule | undefined;
    const byLine = lines.map((_, index) => (own = starts.get(index) ?? own));
    const byTarget = new Map<string, Rule[]>();
    for (const [at, { targets }] of heads.entries())
      for (const target of targets) getOrMake(byTarget, target, () => []).push(all[at]!);
    return { byLine, byTarget };
  });
}

/** The bar stands before what only has to be there first. */
function wordsOf(text: string): string[] {
  return text.split(/[\s|]+/).filter((word) => word !== "");
}
