import type { Edit } from "../../../src/contract/edit.ts";
import type { Finding } from "../../../src/contract/finding.ts";
import type { PhasePlan, Plan } from "../../../src/contract/plan.ts";
import type { Data } from "./snapshot.ts";

export type { Edit, Finding, PhasePlan, Plan };

/** Reads what `plan --format json` printed; the gate trusts its shape, not its statements. */
export function readPlan(text: string): Plan {
  const start = text.indexOf("{");
  const plan = JSON.parse(text.slice(start)) as Plan;
  if (plan.tool !== "fluxlift" || !Array.isArray(plan.phases)) throw new Error("not a fluxlift plan");
  return plan;
}

/** Every finding of a plan, whole-repository ones first. */
export function findingsOf(plan: Plan): Finding[] {
  return [...(plan.findings ?? []), ...plan.phases.flatMap((phase) => phase.clusters.flatMap((one) => one.findings))];
}

export const editsOf = (phase: PhasePlan): Edit[] => phase.clusters.flatMap((one) => one.edits);

/** Final text of each file a phase touches; undefined = deleted, null = there, and not shown since it holds a Secret. */
export type PlannedFiles = Map<string, string | undefined | null>;

export function plannedFiles(phase: PhasePlan | undefined): PlannedFiles {
  const textOf = (file: PhasePlan["files"][number]) => (file.withheld?.includes("after") ? null : file.after);
  return new Map((phase?.files ?? []).map((file) => [file.path, textOf(file)]));
}

/** One line a person can read: rule, what, and where. */
export function sayFinding(finding: Finding): string {
  const at = finding.at ? ` (${finding.at.file}:${finding.at.line})` : "";
  return `${finding.rule}: ${finding.what}${at}`;
}

/** All text of a finding, for questions such as "does it name this file". */
export function findingText(finding: Finding): string {
  const at: Data = finding.at ? `${finding.at.file}:${finding.at.line}` : "";
  return [finding.rule, finding.what, finding.why, finding.next, finding.resource ?? "", at].join("\n");
}
