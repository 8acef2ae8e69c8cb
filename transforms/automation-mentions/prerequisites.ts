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
  all: readonly Rule[];
  byTarget: ReadonlyMap<string, readonly Rule[]>;
}

/** What stands for itself before a colon: no variable that is set, nor one of a target alone. */
const HEAD = /^([^\s#:=][^#:=]*):(?![:=])([^=]*)$/;

/** Rules that are followed for one recipe; the next ones count as unknown. */
const MAX_RULES = 50;

/** The rules that make runs before the one whose recipe holds a line. */
export function rulesBefore(file: AutomationFile, number: number): readonly Rule[] {
  if (file.kind !== "make") return [];
  const { all, byTarget } = rulesOf(file);
  const own = all.findLast(({ from }) => from < number);
  const names = new Set(own?.needs);
  const found: Rule[] = [];
  for (const name of names) {
    for (const rule of byTarget.get(name) ?? []) {
      if (found.push(rule) >= MAX_RULES) return found;
      for (const next of rule.needs) names.add(next);
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
    const all = heads.map(({ from, needs }, at): Rule => ({ from, to: heads[at + 1]?.from ?? lines.length, needs }));
    const byTarget = new Map<string, Rule[]>();
    for (const [at, { targets }] of heads.entries())
      for (const target of targets) getOrMake(byTarget, target, () => []).push(all[at]!);
    return { all, byTarget };
  });
}

/** The bar stands before what only has to be there first. */
function wordsOf(text: string): string[] {
  return text.split(/[\s|]+/).filter((word) => word !== "");
}
