import type { SaidFinding } from "../contract/finding.ts";
import type { SafetyUnknown, Verdict } from "../contract/safety.ts";

/** Worst first. */
const ORDER: readonly Verdict[] = ["unsafe", "unproven", "deletes", "safe"];

/** Rules whose blockers say that something cannot be known, not that it breaks. */
const UNPROVEN: ReadonlySet<string> = new Set(["safety-unknown", "source-switches"]);

/** The verdict on one cluster (docs/commands/verify.md). What was accepted counts as taken out on purpose. */
export function judgeVerdict(
  findings: readonly Pick<SaidFinding, "rule" | "level">[],
  loses: boolean,
  unknown: readonly SafetyUnknown[],
): Verdict {
  if (findings.some(({ rule, level }) => level === "blocker" && !UNPROVEN.has(rule))) return "unsafe";
  if (unknown.some(({ accepted }) => !accepted)) return "unproven";
  return loses || unknown.length > 0 ? "deletes" : "safe";
}

/** The verdict on several: the worst of them. */
export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return ORDER.find((one) => verdicts.includes(one)) ?? "safe";
}
