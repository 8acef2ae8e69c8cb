import type { Plan } from "../../contract/plan.ts";
import type { Flags } from "../flags.ts";
import type { Io } from "../io.ts";
import type { Engine } from "../load-engine.ts";
import { planFromTop } from "./from-top.ts";

/** Keeps the reports of a plan, and tells the pull request of this job, as far as the flags say so. */
export async function tellPlan(
  io: Io,
  engine: Engine,
  plan: Plan,
  flags: Flags,
  { isDone, prefix = "" }: { isDone: boolean; prefix?: string | undefined },
): Promise<void> {
  const hosted = planFromTop(plan, prefix);
  if (flags.reports !== undefined) {
    const [{ writeReports }, { printCodeQuality }, { renderPlanHtml }, { collectFindings }] = await Promise.all([
      import("./reports.ts"),
      import("../../report/code-quality.ts"),
      import("../../report/html/index.ts"),
      import("../../report/summary.ts"),
    ]);
    await writeReports(io, flags, {
      "report.json": () => engine.render.json(plan),
      "report.md": () => engine.render.markdown(plan),
      "report.patch": () => engine.render.diff(plan),
      "fluxlift.sarif": () => engine.render.sarif(hosted),
      "code-quality.json": () => printCodeQuality(collectFindings(hosted)),
      "report.html": () => renderPlanHtml(plan),
    });
  }
  if (flags.publish === undefined) return;
  const [{ tellPullRequest }, { publishablePlan }] = await Promise.all([
    import("./publish.ts"),
    import("../../publish/plan.ts"),
  ]);
  const { git } = plan.scanned;
  await tellPullRequest(io, flags.publish, git?.head, (commit) => publishablePlan(plan, isDone, commit, hosted));
}
