import type { Plan } from "../../engine/types.ts";
import { formatCommand } from "../../report/summary.ts";
import { findingsOf } from "../exit.ts";

/** What to do once a plan is written: merge, wait, and the command of the next phase. */
export function describeNextStep(plan: Plan): string {
  const { phase } = plan.options;
  const blocked = findingsOf(plan).some((finding) => finding.level === "blocker")
    ? " Then settle the blockers of the clusters that were left out."
    : "";
  if (phase === "all" || phase === "cleanup") {
    return `Review with 'git diff', merge it, and watch Flux reconcile: this was the last phase.${blocked}`;
  }
  const next = phase === "install" ? "cutover" : "cleanup";
  const wait =
    phase === "install"
      ? "wait until the FluxInstance is Ready in the cluster"
      : "wait until the root Kustomization has reconciled it";
  return (
    `Review with 'git diff', merge it, and ${wait}; the runbook has the checks.${blocked}\n` +
    `  Next phase: ${formatCommand("migrate", plan.options, next)}`
  );
}
