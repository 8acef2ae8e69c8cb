import { formatLoc } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import type { Plan } from "../contract/plan.ts";
import { type Ignores, makeIgnores } from "./ignore.ts";
import type { ReadConfig } from "./read.ts";

/** What is left after the entries of `ignore`, and a line about each that was used. */
interface Rest<T> {
  rest: T;
  notes: string[];
}

/** @param today `2026-11-21` */
export function leaveOutOfPlan(plan: Plan, read: ReadConfig, today: string): Rest<Plan> {
  const ignores = makeIgnores(read, today);
  const keep = (findings: readonly Finding[]) => findings.filter((finding) => !ignores.covers(finding));
  const phases = plan.phases.map((phase) => ({
    ...phase,
    clusters: phase.clusters.map((cluster) => ({ ...cluster, findings: keep(cluster.findings) })),
  }));
  const findings = keep(plan.findings);
  return { rest: { ...plan, phases, findings: [...findings, ...ignores.report()] }, notes: noteUsed(ignores) };
}

/** @param today `2026-11-21` */
export function leaveOutOfList(findings: readonly Finding[], read: ReadConfig, today: string): Rest<Finding[]> {
  const ignores = makeIgnores(read, today);
  const rest = findings.filter((finding) => !ignores.covers(finding));
  return { rest: [...rest, ...ignores.report()], notes: noteUsed(ignores) };
}

/** `2 findings of other-branch left out by fluxlift.config.yaml:4:5: two branches on purpose`. */
function noteUsed(ignores: Ignores): string[] {
  return ignores.listUsed().map(({ entry, at, count }) => {
    const many = `${count} ${count === 1 ? "finding" : "findings"} of ${entry.rule}`;
    return `${many} left out by ${formatLoc(at)}: ${entry.reason}`;
  });
}
