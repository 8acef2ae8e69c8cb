import type { Phase } from "../contract/options.ts";
import type { Plan } from "../contract/plan.ts";
import { collectFindings, formatCommand, listClusters } from "./summary.ts";

export interface NextStep {
  /** One sentence. */
  says: string;
  commands: string[];
}

/** What to do after reading a plan. */
export function findNextStep(plan: Plan): NextStep {
  const clusters = listClusters(plan);
  const changes = plan.phases.some((phase) => phase.files.length > 0);
  const blocked = new Set(
    collectFindings(plan).flatMap((finding) => (finding.level === "blocker" ? [finding.cluster ?? ""] : [])),
  );
  const { options } = plan;
  if (clusters.length === 0) {
    return {
      says: "Run fluxlift in the folder that holds the Flux objects, or name it.",
      commands: ["fluxlift scan DIR"],
    };
  }
  if (changes) {
    const left = [...blocked].filter((name) => name !== "");
    const says =
      left.length > 0
        ? `Nothing is written yet. To write all but ${left.join(", ")}, which is blocked:`
        : "Nothing is written yet. To write these changes:";
    return { says, commands: [formatCommand("migrate", options, options.phase)] };
  }
  if (blocked.size > 0) {
    return {
      says: "Settle the blockers above, then plan again.",
      commands: [formatCommand("plan", options, options.phase)],
    };
  }
  if (options.oci) return afterOciPhase(plan);
  const steps = clusters.flatMap((cluster): { name: string; phase: Phase }[] => {
    if (cluster.state === "installed") return [{ name: cluster.cluster, phase: "cutover" }];
    if (cluster.state === "cut-over") return [{ name: cluster.cluster, phase: "cleanup" }];
    return [];
  });
  if (steps.length === 0) return { says: "Nothing is left to do.", commands: [] };
  const phases = [...new Set(steps.map((step) => step.phase))];
  return {
    says: "This phase is in the tree. Once it is merged, reconciled and checked by its runbook, plan the next one.",
    commands: phases.map((phase) => {
      const names = steps.filter((step) => step.phase === phase).map((step) => step.name);
      return formatCommand("plan", options, phase, names.length === clusters.length ? options.clusters : names);
    }),
  };
}

function afterOciPhase({ options }: Plan): NextStep {
  if (options.phase !== "prepare" && options.phase !== "switch")
    return { says: "Nothing is left to do.", commands: [] };
  const next = options.phase === "prepare" ? "switch" : "cleanup";
  return {
    says: "This phase is in the tree. Once it is merged, reconciled and checked by its runbook, plan the next one.",
    commands: [formatCommand("plan", options, next)],
  };
}
