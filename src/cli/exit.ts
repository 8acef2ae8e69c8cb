/** How a command ended. Commands return this; only `exitCodeOf` knows the numbers. */
export type Outcome =
  /** Did what it was asked, or there was nothing to do. */
  | "done"
  /** `--check` found changes that are not made. */
  | "pending"
  /** Changes exist but nobody agreed to them: no terminal and no `--yes`, or the answer was no. */
  | "unconfirmed"
  /** A blocker stopped every cluster, or the only one. */
  | "blocked"
  /** Some clusters were done, a blocker stopped the others. */
  | "partial"
  /** Something was thrown, whether the user, the repository or fluxlift is at fault. */
  | "failed";

/** 0: finished, or nothing to do. 1: a person has to act, nothing failed. 2: the tool, its input or its usage failed. */
export function exitCodeOf(outcome: Outcome): 0 | 1 | 2 {
  if (outcome === "failed") return 2;
  return outcome === "done" ? 0 : 1;
}
