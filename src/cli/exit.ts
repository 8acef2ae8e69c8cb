import { FluxliftError, InternalError } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import type { Plan } from "../contract/plan.ts";

/**
 * The three exit codes; each has one meaning.
 * 0: finished, or nothing to do. 1: a person has to act, nothing failed. 2: the tool, its input or its usage failed.
 */
export const EXIT = { done: 0, attention: 1, failed: 2 } as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

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
  | "partial";

export function exitCodeOf(outcome: Outcome): ExitCode {
  return outcome === "done" ? EXIT.done : EXIT.attention;
}

/** Exit code of anything thrown: always 2, whether the user, the repository or fluxlift is at fault. */
export function exitCodeOfError(_error: unknown): ExitCode {
  return EXIT.failed;
}

/** Whether an error is a defect of fluxlift that the user should report; a full disk or a missing right is not. */
export function isDefect(error: unknown): boolean {
  if (error instanceof FluxliftError) return error instanceof InternalError;
  return !(error instanceof Error && "syscall" in error);
}

/** All findings of a plan: of the repository first, then by phase and cluster. */
export function findingsOf(plan: Plan): Finding[] {
  return [...plan.findings, ...plan.phases.flatMap((phase) => phase.clusters.flatMap((cluster) => cluster.findings))];
}

/** How a command that only looks ends. `check` makes pending changes count. */
export function outcomeOfLooking(plan: Plan, check: boolean): Outcome {
  const changes = plan.phases.some((phase) => phase.files.length > 0);
  if (findingsOf(plan).some((finding) => finding.level === "blocker")) return changes ? "partial" : "blocked";
  return check && changes ? "pending" : "done";
}

/** How a command that wrote everything in the plan ends. */
export function outcomeOfWriting(plan: Plan): Outcome {
  return outcomeOfLooking(plan, false);
}
