import type { Phase } from "../contract/options.ts";
import type { ClusterPlan, PhasePlan } from "../contract/plan.ts";
import { sayFinding } from "../findings/say.ts";
import { isStopped } from "./route.ts";

/** Clusters that one of several phases stops, with what each phase says of them: all phases are one merge, so none is written. */
export type Barred = ReadonlyMap<string, ReadonlyMap<Phase, ClusterPlan>>;

/** Clusters that a phase stops although one before it has edits, without those edits. */
export function barHalfway(plans: readonly PhasePlan[]): Barred {
  const out = new Map<string, ReadonlyMap<Phase, ClusterPlan>>();
  for (const { phase: stoppedIn, clusters } of plans) {
    for (const { cluster } of clusters.filter(isStopped)) {
      const own = plans.flatMap(({ phase, clusters }) =>
        clusters.filter((one) => one.cluster === cluster).map((plan) => ({ phase, plan })),
      );
      if (!own.some(({ plan }) => plan.edits.length > 0)) continue;
      out.set(cluster, new Map(own.map(({ phase, plan }) => [phase, withoutEdits(plan, phase, stoppedIn)])));
    }
  }
  return out;
}

/** What a phase says of a cluster that another phase of the same merge stops. */
function withoutEdits(plan: ClusterPlan, phase: Phase, stoppedIn: Phase): ClusterPlan {
  if (plan.edits.length === 0) return plan;
  const waits = sayFinding({ rule: "phase-waits", level: "info", facts: { phase: stoppedIn, isOneMerge: true } });
  const findings = [...plan.findings, { ...waits, cluster: plan.cluster, phase }];
  return { ...plan, edits: [], patches: [], findings };
}
