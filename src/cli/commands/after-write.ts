import type { Phase } from "../../contract/options.ts";
import type { Plan } from "../../contract/plan.ts";
import { formatCommand } from "../../report/summary.ts";
import { findingsOf } from "../exit.ts";

/** The next phase, and what to wait for before it. */
const AFTER: Readonly<Record<Exclude<Phase, "cleanup">, readonly [next: Phase, wait: string]>> = {
  install: ["cutover", "wait until the FluxInstance is Ready in the cluster"],
  cutover: ["cleanup", "wait until the root Kustomization has reconciled it"],
  prepare: ["switch", "wait until CI has published the artifact and the OCIRepository is Ready"],
  switch: ["cleanup", "wait until the FluxInstance and every Kustomization are Ready"],
};

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
  const [next, wait] = AFTER[phase];
  return (
    `${review}, merge it, and ${wait}; the runbook has the checks.${blocked}\n` +
    `  Next phase: ${formatCommand("migrate", plan.options, next)}`
  );
}
