import { RepoError } from "../../contract/errors.ts";
import type { Finding } from "../../contract/finding.ts";
import type { Plan } from "../../contract/plan.ts";
import type { Workspace } from "../../files/snapshot.ts";
import { makeOciPlan } from "../oci-plan.ts";
import { makePlan } from "../plan.ts";
import { isBlocker, NOT_PUSHED } from "../route.ts";

const ORDER: readonly string[] = ["phase-not-reached", "phase-not-proven", NOT_PUSHED];

/**
 * A saved plan that says of the order of its phases what holds here and now: in this clone, or since it was saved, the phase
 * before may be no part of what the cluster reads, though every file is the same.
 * @throws RepoError `phase-order` where it would change a cluster before its time
 */
export function judgeOrder(workspace: Workspace, plan: Plan): Plan {
  const { options } = plan;
  if (options.direct && options.phase === "all") return plan;
  // Of another branch less may be known here than where the plan was saved.
  const isSameBranch = plan.scanned.git?.branch === workspace.git?.branch;
  const phases = plan.phases.map((phase) => {
    const now = phase.phase === "install" ? [] : findOrder(workspace, { ...options, phase: phase.phase });
    const idle = new Set(phase.clusters.filter(({ edits }) => edits.length === 0).map(({ cluster }) => cluster));
    const early = now.find((finding) => isBlocker(finding) && !idle.has(finding.cluster!));
    if (early) throw new RepoError("phase-order", early.what, `Nothing was written. ${early.next}`);
    const clusters = phase.clusters.map((cluster) => {
      const others = cluster.findings.filter((finding) => !isSameBranch || !isOfOrder(finding));
      return { ...cluster, findings: [...others, ...now.filter((finding) => finding.cluster === cluster.cluster)] };
    });
    return { ...phase, clusters };
  });
  return { ...plan, phases };
}

function findOrder(workspace: Workspace, options: Plan["options"]): Finding[] {
  const { phases } = (options.oci ? makeOciPlan : makePlan)(workspace, options);
  return phases.flatMap(({ clusters }) => clusters).flatMap(({ findings }) => findings.filter(isOfOrder));
}

function isOfOrder({ rule, level }: Finding): boolean {
  return level === "blocker" && ORDER.includes(rule);
}
