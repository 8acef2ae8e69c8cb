import type { Plan } from "../../engine/types.ts";
import { formatCommand } from "../../report/summary.ts";
import { findingsOf } from "../exit.ts";

/**
 * What to do once a plan is written: merge, wait, and the command of the next phase.
 * @param committed whether the files are committed already
 */
export function describeNextStep(plan: Plan, committed: boolean): string {
  const { phase } = plan.options;
  const review = committed ? "Review the commit" : "Review with 'git diff'";
  const blocked = findingsOf(plan).some((finding) => finding.level === "blocker")
    ? " Then settle the blockers of the clusters that were left out."
    : "";
  if (phase === "all" || phase === "cleanup") {
    return `${review}, merge it, and watch Flux reconcile: this was the last phase.${blocked}`;
  }
  const next = phase === "install" ? "cutover" : "cleanup";
  const wait =
    phase === "install"
      ? "wait until the FluxInstance is Ready in the cluster"
      : "wait until the root Kustomization has reconciled it";
  return (
    `${review}, merge it, and ${wait}; the runbook has the checks.${blocked}\n` +
    `  Next phase: ${formatCommand("migrate", plan.options, next)}`
  );
}
