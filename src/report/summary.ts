import { compareText } from "../contract/compare-text.ts";
import type { Finding, Level } from "../contract/finding.ts";
import type { Options, Phase } from "../contract/options.ts";
import type { ClusterPlan, ClusterState, Plan } from "../contract/plan.ts";
import { composeChanges } from "../plan/changes.ts";
import { sayCount } from "./terminal.ts";

export interface ChangeCounts {
  created: number;
  edited: number;
  deleted: number;
}

const LEVELS: readonly Level[] = ["blocker", "caution", "info"];

/** Counts what happens to files; one that several phases touch counts once when phases are composed. */
export function countChanges(phases: Plan["phases"]): ChangeCounts {
  const counts = { created: 0, edited: 0, deleted: 0 };
  for (const { before, after } of composeChanges({ phases })) {
    if (before === undefined) counts.created += 1;
    else if (after === undefined) counts.deleted += 1;
    else counts.edited += 1;
  }
  return counts;
}

/** `9 files created, 2 edited`; `no changes` when there are none. */
export function sayChanges({ created, edited, deleted }: ChangeCounts): string {
  const parts: string[] = [];
  for (const [count, verb] of [
    [created, "created"],
    [edited, "edited"],
    [deleted, "deleted"],
  ] as const) {
    if (count > 0) parts.push(parts.length === 0 ? `${sayCount(count, "file")} ${verb}` : `${count} ${verb}`);
  }
  return parts.join(", ") || "no changes";
}

function allFindings(plan: Pick<Plan, "findings" | "phases">): Finding[] {
  return [...plan.findings, ...plan.phases.flatMap((phase) => phase.clusters.flatMap((cluster) => cluster.findings))];
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

/** Places that may be clusters which nobody looked at. */
export function countLeftOut(findings: readonly Finding[]): number {
  return findings.filter(({ rule, level }) => rule === "cluster-left-out" && level !== "info").length;
}

function compareFindings(a: Finding, b: Finding): number {
  return (
    LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) ||
    compareText(a.cluster ?? "", b.cluster ?? "") ||
    compareText(a.rule, b.rule) ||
    compareText(a.at?.file ?? "", b.at?.file ?? "") ||
    (a.at?.line ?? 0) - (b.at?.line ?? 0) ||
    (a.at?.col ?? 0) - (b.at?.col ?? 0)
  );
}

export function countLevels(findings: readonly Finding[]): Record<Level, number> {
  const counts = { blocker: 0, caution: 0, info: 0 };
  for (const finding of findings) counts[finding.level] += 1;
  return counts;
}

/** `1 blocker, 2 cautions, 6 notes`; `nothing to report` when there are none. */
export function sayLevels(counts: Record<Level, number>): string {
  const nouns: Record<Level, string> = { blocker: "blocker", caution: "caution", info: "note" };
  const parts = LEVELS.filter((level) => counts[level] > 0).map((level) => sayCount(counts[level], nouns[level]));
  return parts.join(", ") || "nothing to report";
}

/** The clusters of a plan, each once, with what the first phase says of it. */
export function listClusters(plan: Pick<Plan, "phases">): ClusterPlan[] {
  const clusters = new Map<string, ClusterPlan>();
  for (const cluster of plan.phases.flatMap((phase) => phase.clusters)) {
    if (!clusters.has(cluster.cluster)) clusters.set(cluster.cluster, cluster);
  }
  return [...clusters.values()];
}

const STATES: Record<ClusterState, string> = {
  "not-started": "not migrated yet",
  "partly-installed": "install phase begun, not complete",
  installed: "install phase is in the tree",
  "cut-over": "cutover phase is in the tree",
  done: "migrated",
  unsupported: "recognised, not supported yet",
};

export function sayState(state: ClusterState): string {
  return STATES[state];
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

/** @param oci whether the plan is one of `fluxlift oci` */
export function sayPhase(phase: Phase, oci = false): string {
  return oci && phase === "cleanup" ? OCI_CLEANUP : PHASE_MEANING[phase];
}

/** The command line that gives this plan again, with a verb and a phase of choice. */
export function formatCommand(
  verb: string,
  options: Options,
  phase: Options["phase"],
  clusters = options.clusters,
): string {
  const { oci } = options;
  const words = ["fluxlift", oci ? "oci" : verb];
  if (oci && verb === "plan") words.push("--dry-run");
  if (phase !== (oci ? "prepare" : "install")) words.push("--phase", phase);
  if (options.direct) words.push("--direct");
  if (options.sync !== "adopt") words.push("--sync", options.sync);
  if (clusters.length > 0) words.push("--cluster", clusters.join(","));
  if (options.only.length > 0) words.push("--only", options.only.join(","));
  if (options.skip.length > 0) words.push("--skip", options.skip.join(","));
  if (options.fluxVersion) words.push("--flux-version", options.fluxVersion);
  if (options.operatorVersion) words.push("--operator-version", options.operatorVersion);
  if (options.artifactPath !== undefined) words.push("--artifact-path", options.artifactPath || "''");
  if (options.bootstrap) words.push(...formatBootstrapFlags(options.bootstrap));
  if (options.layout !== "auto") words.push("--layout", options.layout);
  if (options.operatorUpgrades) words.push("--operator-upgrades", options.operatorUpgrades);
  if (options.upgradeApis) words.push("--upgrade-apis");
  if (options.serviceMonitor) words.push("--service-monitor");
  if (options.facts) words.push("--facts", "FILE");
  if (oci) words.push(...formatOciFlags(oci));
  return words.join(" ");
}

function formatBootstrapFlags({ url, branch, path, secretName }: NonNullable<Options["bootstrap"]>): string[] {
  const flags = [
    ["--url", url],
    ["--branch", branch],
    ["--path", path],
    ["--secret-name", secretName],
  ] as const;
  return flags.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value]));
}

function formatOciFlags(oci: NonNullable<Options["oci"]>): string[] {
  const { forge, registry, tag, pullSecret, sign, charts, chartMirrors } = oci;
  return [
    ...(forge ? ["--forge", forge] : []),
    ...(registry ? ["--registry", registry] : []),
    ...(tag ? ["--tag", tag] : []),
    ...(pullSecret === undefined ? [] : ["--pull-secret", pullSecret || "''"]),
    ...(sign ? ["--sign"] : []),
    ...(charts ? ["--charts"] : []),
    ...(chartMirrors ? ["--chart-mirrors", "FILE"] : []),
  ];
}
