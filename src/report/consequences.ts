import type { Finding } from "../contract/finding.ts";
import type { ClusterPlan } from "../contract/plan.ts";

/** Blockers that others follow from: `other` is any of the cluster that is named beside their own. */
const CAUSES: Readonly<Record<string, "other" | readonly string[]>> = {
  "shared-with-blocked": "other",
  "oci-shared-blocked": "other",
  "install-not-found": ["kustomization-broken"],
  "build-breaks": ["path-taken"],
  "protection-undone": ["path-taken"],
  "wanted-may-go": [
    ...["flux-may-go", "build-breaks", "cluster-goes", "parent-suspended", "protection-undone", "guard-overridden"],
  ],
};

/**
 * Tells blockers that stand by themselves from those that are settled with another one: that of the cluster they share files
 * with, or that of the object whose loss takes theirs along. One that has no cause in the list is a cause: a cluster that
 * nobody chose is stopped by nothing, and has to be named.
 */
export function splitConsequences(findings: readonly Finding[]): { causes: Finding[]; consequences: Finding[] } {
  const blockers = findings.filter(({ level }) => level === "blocker");
  const stopped = new Set(blockers.flatMap(({ cluster }) => cluster ?? []));
  const there = new Set(blockers.map(({ rule, cluster }) => `${rule} ${cluster}`));
  const follows = ({ rule, cluster, what }: Finding): boolean => {
    const from = Object.hasOwn(CAUSES, rule) ? CAUSES[rule]! : [];
    return from === "other"
      ? [...stopped].some((name) => name !== cluster && what.includes(` with ${name}, `))
      : from.some((cause) => there.has(`${cause} ${cluster}`));
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
