import type { Finding } from "../contract/finding.ts";
import type { ClusterPlan } from "../contract/plan.ts";

/** Blockers that others follow from: `any` is every blocker that is none of these itself. */
const CAUSES: Readonly<Record<string, "any" | readonly string[]>> = {
  "shared-with-blocked": "any",
  "oci-shared-blocked": "any",
  "wanted-may-go": ["flux-may-go", "build-breaks", "parent-suspended", "protection-undone", "guard-overridden"],
};

/**
 * Tells blockers that stand by themselves from those that are settled with another one: that of the cluster they share files
 * with, or that of the object whose loss takes theirs along. One that has no cause in the list is a cause.
 */
export function splitConsequences(findings: readonly Finding[]): { causes: Finding[]; consequences: Finding[] } {
  const blockers = findings.filter(({ level }) => level === "blocker");
  const isAnyCause = blockers.some(({ rule }) => !Object.hasOwn(CAUSES, rule) || CAUSES[rule] !== "any");
  const there = new Set(blockers.map(({ rule, cluster }) => `${rule} ${cluster}`));
  const follows = ({ rule, cluster }: Finding): boolean => {
    const from = Object.hasOwn(CAUSES, rule) ? CAUSES[rule]! : [];
    return from === "any" ? isAnyCause : from.some((cause) => there.has(`${cause} ${cluster}`));
  };
  const consequences = blockers.filter(follows);
  const all = new Set(consequences);
  return { causes: findings.filter((finding) => !all.has(finding)), consequences };
}

/** Why a phase has no edits although the tree does not have them either: another phase is stopped. */
export const waitingFor = (findings: readonly Finding[]): Finding | undefined =>
  findings.find(({ rule }) => rule === "phase-waits");

/** Whether a phase changes a cluster by the edits of others alone: those of the files that it shares with them. */
export function isChangedByOthers({ edits, findings, safety }: Pick<ClusterPlan, "edits" | "findings" | "safety">) {
  const isStopped = findings.some(({ level }) => level === "blocker") || waitingFor(findings) !== undefined;
  const moves = Object.entries(safety?.outcomes ?? {}).some(([fate, { count }]) => fate !== "kept" && count > 0);
  return edits.length === 0 && moves && !isStopped;
}

/** Whether a phase changes anything of a cluster. */
export const isChanged = (plan: Pick<ClusterPlan, "edits" | "findings" | "safety">): boolean =>
  plan.edits.length > 0 || isChangedByOthers(plan);

/** In place of a list of edits. */
export const CHANGED_BY_OTHERS = "the files that it shares are changed with those of another cluster";
