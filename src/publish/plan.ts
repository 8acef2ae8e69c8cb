import type { Plan } from "../contract/plan.ts";
import { renderPlanComment } from "../report/plan-comment.ts";
import { collectFindings, listClusters, sayChanges, sayLevels, sayWhich } from "../report/summary.ts";
import { sayCount } from "../report/terminal.ts";
import type { Publication } from "./publication.ts";

/** A plan, for a pull request. @param isDone whether nothing is left for a person to do */
export function publishablePlan(plan: Plan, isDone: boolean, commit: string): Publication {
  const findings = collectFindings(plan);
  const phase = sayWhich(plan);
  const clusters = sayCount(listClusters(plan).length, "cluster");
  return {
    topic: "plan",
    state: isDone ? "success" : "failure",
    headline: `${phase} for ${clusters}: ${sayChanges(plan.phases)} · ${sayLevels(findings)}`,
    commit,
    markdown: (bytes) => renderPlanComment(plan, bytes),
    findings,
  };
}
