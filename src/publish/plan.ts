import type { Plan } from "../contract/plan.ts";
import { renderPlanComment } from "../report/plan-comment.ts";
import { collectFindings, listClusters, sayChanges, sayLevels, sayWhich } from "../report/summary.ts";
import { sayCount } from "../report/terminal.ts";
import type { Publication } from "./publication.ts";

/**
 * A plan, for a pull request.
 * @param isDone whether nothing is left for a person to do
 * @param hosted the plan with paths as a code host looks for them
 */
export function publishablePlan(plan: Plan, isDone: boolean, commit: string, hosted: Plan = plan): Publication {
  const findings = collectFindings(hosted);
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
