import { isPruning } from "../../src/cluster/pruning-folders.ts";
import type { ApplyFacts } from "../../src/contract/automation-facts.ts";
import { lineOf } from "../../src/contract/errors.ts";
import type { DraftFinding } from "../../src/contract/finding.ts";
import { given } from "../../src/contract/given.ts";
import type { TransformContext } from "../contract.ts";
import type { Apply } from "../shared/automation/applies.ts";
import { listTargets, type Role } from "../shared/automation/targets.ts";

const LOST: Record<Role, string> = { operator: "the Flux install", instance: "the source and root" };

/**
 * What the cleanup will find of what a line applies; undefined where this phase takes all of it.
 * @param roles the parts that the line stands for: the install may be another line's
 */
export function laterPart(
  context: TransformContext,
  { match: { target } }: Apply,
  roles: readonly Role[],
): "all" | "rest" | undefined {
  if (listTargets(context, "cutover").some(({ path, stays }) => path === target.path && !stays)) return undefined;
  return roles.includes("operator") && target.roles.includes("operator") ? "rest" : "all";
}

/** A line that applies what goes, and what to run instead. */
export function reportApply(
  { line, match }: Apply,
  roles: readonly Role[],
  sharers: readonly string[],
  said: Pick<ApplyFacts, "commands" | "later" | "byCommand" | "onPush">,
): DraftFinding {
  const { target, others, certain: isCertain, byDefault, bySearch } = match;
  const lost = target.stays ? roles.map((role) => LOST[role]).join(" or ") || LOST.operator : undefined;
  const prunes = isPruning(line.text) || undefined;
  const isEmptied = target.isEmptied || undefined;
  const facts = {
    path: target.path,
    lost,
    others,
    sharers,
    isCertain,
    ...given({ byDefault, bySearch, prunes, isEmptied }),
    ...said,
  };
  const rest = { level: "caution", at: lineOf(line.file.path, line.told), facts } as const;
  return others.length + sharers.length > 0
    ? { rule: "automation-shared-line", ...rest }
    : { rule: "automation-applies-removed", ...rest };
}
