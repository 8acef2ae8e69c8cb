import { compareText } from "../contract/compare-text.ts";
import type { Finding, Level } from "../contract/finding.ts";
import type { Options, Phase } from "../contract/options.ts";
import type { ClusterPlan, ClusterState, Plan, Standing } from "../contract/plan.ts";
import { composeChanges } from "../plan/changes.ts";
import { sayCount } from "./terminal.ts";

const LEVELS: readonly Level[] = ["blocker", "caution", "info"];

/** What happens to files over all phases: `9 files created, 2 edited`; `no changes` when there are none. */
export function sayChanges(phases: Plan["phases"]): string {
  const counts = { created: 0, edited: 0, deleted: 0 };
  for (const { before, after } of composeChanges({ phases })) {
    counts[before === undefined ? "created" : after === undefined ? "deleted" : "edited"] += 1;
  }
  const some = Object.entries(counts).filter(([, count]) => count > 0);
  const parts = some.map(([verb, count], index) => `${index === 0 ? sayCount(count, "file") : count} ${verb}`);
  return parts.join(", ") || "no changes";
}

function allFindings(plan: Pick<Plan, "findings" | "phases">): Finding[] {
  return [...plan.findings, ...plan.phases.flatMap((phase) => phase.clusters.flatMap((cluster) => cluster.findings))];
}

/** Whether a plan changes any file. */
export function hasChanges({ phases }: Pick<Plan, "phases">): boolean {
  return phases.some(({ files }) => files.length > 0);
}

/** What a plan is of: `cutover`, `all phases`. */
export function sayWhich({ options: { phase } }: Pick<Plan, "options">): string {
  return phase === "all" ? "all phases" : phase;
}

export function hasBlocker(plan: Plan): boolean {
  return allFindings(plan).some((finding) => finding.level === "blocker");
}

/** Every finding of a plan once, biggest danger first, then by place. */
export function collectFindings(plan: Pick<Plan, "findings" | "phases">): Finding[] {
  const unique = new Map(
    allFindings(plan).map((finding) => [JSON.stringify({ ...finding, phase: undefined }), finding]),
  );
  return [...unique.values()].sort(compareFindings);
}

/** Whether no cluster was recognised because Flux Operator runs all of this Flux by what is not in Git. */
export function isDoneElsewhere(plan: Pick<Plan, "findings">): boolean {
  return plan.findings.some(({ rule }) => rule === "instance-elsewhere");
}

/** The headline where no cluster was recognised. */
export function sayNoCluster(plan: Pick<Plan, "findings">): string {
  return isDoneElsewhere(plan) ? "Flux Operator runs this Flux already" : "No Flux cluster was recognised";
}

/** Places that may be clusters which nobody looked at. */
export function countLeftOut(findings: readonly Finding[]): number {
  return findings.filter(({ rule, level }) => rule === "cluster-left-out" && level !== "info").length;
}

/** Biggest danger first; those of one level as they are. */
export function compareLevels(a: Finding, b: Finding): number {
  return LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level);
}

function compareFindings(a: Finding, b: Finding): number {
  return (
    compareLevels(a, b) ||
    compareText(a.cluster ?? "", b.cluster ?? "") ||
    compareText(a.rule, b.rule) ||
    compareText(a.at?.file ?? "", b.at?.file ?? "") ||
    (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
    (a.at?.col ?? 0) - (b.at?.col ?? 0)
  );
}

/** `1 blocker, 2 cautions, 6 notes`; `nothing to report` when there are none. */
export function sayLevels(findings: readonly Finding[]): string {
  const counts = { blocker: 0, caution: 0, info: 0 };
  for (const { level } of findings) counts[level]++;
  return listLevels(counts).join(", ") || "nothing to report";
}

const LEVEL_NOUNS: Record<Level, string> = { blocker: "blocker", caution: "caution", info: "note" };

/** `1 blocker`, `2 cautions`, `6 notes`: those that are there. */
export function listLevels(counts: Readonly<Record<Level, number>>): string[] {
  return LEVELS.flatMap((level) => (counts[level] > 0 ? [sayCount(counts[level], LEVEL_NOUNS[level])] : []));
}

/** The clusters of a plan, each once, with what the first phase says of it. */
export function listClusters(plan: Pick<Plan, "phases">): ClusterPlan[] {
  const clusters = new Map<string, ClusterPlan>();
  for (const cluster of plan.phases.flatMap((phase) => phase.clusters)) {
    if (!clusters.has(cluster.cluster)) clusters.set(cluster.cluster, cluster);
  }
  return [...clusters.values()];
}

/** Where a cluster stands, in words. */
export const STATE_WORDS: Readonly<Record<ClusterState, string>> = {
  "not-started": "not started",
  "partly-installed": "install begun, not complete",
  installed: "installed, waits for cutover",
  "cut-over": "cut over, waits for cleanup",
  done: "done",
  unsupported: "recognised, not supported yet",
};
const REACHED_WORDS: Partial<Record<Standing["reached"], string>> = {
  begun: "not complete",
  tree: "not committed",
  branch: "not merged",
  local: "not pushed",
};

/** Where a cluster stands, and what keeps it there: `installed, not pushed`. */
export function sayState({ state, standing }: Pick<ClusterPlan, "state" | "standing">): string {
  const words = STATE_WORDS[state];
  const { next, reached = "read", into } = standing ?? {};
  const late = next === "cleanup" && reached === "begun" ? undefined : REACHED_WORDS[reached];
  const isWritten = state === "installed" || state === "cut-over" || state === "done";
  return late && isWritten ? `${words.replace(/,.*/, "")}, ${late}${into ? ` into ${into}` : ""}` : words;
}

const PHASE_MEANING: Record<Phase, string> = {
  install:
    "Adds flux-operator and a FluxInstance beside the old install. Nothing is removed; after the merge the operator adopts the running controllers.",
  cutover:
    "Removes the old install and points every reference at the generated source. Safe only once the FluxInstance is Ready.",
  cleanup: "Drops the guards and what the new sync has replaced, and updates bootstrap, tasks and docs.",
  prepare:
    "Publishes the repository as an artifact and lets source-controller fetch it, while Flux goes on reading Git. Nothing depends on the artifact yet.",
  switch:
    "Points the sync and every FluxKustomization at the artifact. Safe only once the artifact of this very change is published and fetched.",
};
const OCI_CLEANUP =
  "Drops what only bridged the switch: the operator generates the source now. Flux reads the registry and nothing else.";

const KEEPING_CUTOVER =
  "Removes the old install; source and root stay as they are. Safe only once the FluxInstance is Ready.";

/** What was asked for, as far as it changes what a phase means. */
export type Asked = Partial<Pick<Options, "oci" | "sync">>;

export function sayPhase(phase: Phase, { oci, sync }: Asked): string {
  if (oci && phase === "cleanup") return OCI_CLEANUP;
  return sync === "keep" && phase === "cutover" ? KEEPING_CUTOVER : PHASE_MEANING[phase];
}
