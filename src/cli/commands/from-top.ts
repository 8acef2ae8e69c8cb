import type { Finding } from "../../contract/finding.ts";
import type { Plan } from "../../contract/plan.ts";

/** A finding as a code host looks for its file: from the top of the repository. @param prefix the way from there, with a slash at its end */
export function fromTop(finding: Finding, prefix: string): Finding {
  const { at } = finding;
  return at && prefix !== "" ? { ...finding, at: { ...at, file: `${prefix}${at.file}` } } : finding;
}

/** The same of all findings of a plan. */
export function planFromTop(plan: Plan, prefix: string): Plan {
  if (prefix === "") return plan;
  const lift = <T extends { findings: Finding[] }>(one: T): T => ({
    ...one,
    findings: one.findings.map((finding) => fromTop(finding, prefix)),
  });
  return lift({ ...plan, phases: plan.phases.map((phase) => ({ ...phase, clusters: phase.clusters.map(lift) })) });
}
