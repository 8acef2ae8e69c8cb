import { findLostSources } from "../../transforms/charts-to-oci/findings.ts";
import type { Agreed } from "../../transforms/contract.ts";
import { OCI_TRANSFORMS } from "../../transforms/oci-index.ts";
import removeBootstrap from "../../transforms/remove-bootstrap/index.ts";
import { leftOnGit, rerootPaths, rootOutside, unrootTree } from "../../transforms/shared/oci/reroot.ts";
import type { OciTarget } from "../../transforms/shared/oci/types.ts";
import { stateOf } from "../cluster/instances.ts";
import { buildModel } from "../cluster/model.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import { lineOf } from "../contract/errors.ts";
import type { DraftFinding, FactFinding } from "../contract/finding.ts";
import { OCI_PHASES, type Phase } from "../contract/options.ts";
import type { Tree } from "../files/tree.ts";
import { findOpen, notReached, type Open, type PreconditionInput, type Route } from "./route.ts";
import { type PhaseContext, runTransforms } from "./run-transforms.ts";
import { buildOciRunbook } from "./runbook/build.ts";
import { holdSharers } from "./territory-check.ts";

/** From Git to OCI, for clusters that Flux Operator runs. */
export const OCI: Route = {
  phases: OCI_PHASES,
  transforms: OCI_TRANSFORMS,
  allNeedsDirect: [
    "All phases at once are only safe when the artifact of this very change is published before the instance reads it.",
    "Merge one phase at a time, or publish from a branch as the runbook says and say so with --direct.",
  ],
  checkTree,
  checkCommitted: checkOrder,
  checkResult,
  /** Files that two clusters share change for both or for none. */
  holdBack: (plans, staying) => holdSharers(plans, staying, sharedWithBlocked),
  safetyView,
  buildRunbook: (input, agreed) => buildOciRunbook(input, targetOf(input.cluster, agreed)),
};

function checkTree(input: PhaseContext): DraftFinding[] {
  const { cluster, agreed } = input;
  if (!isMigrated(cluster)) return [notMigrated(cluster)];
  const { target, finding } = { finding: undefined, ...agreed.target(cluster) };
  if (!target) return finding ? [finding] : [];
  // Found at the switch, the wrong folder would be published already.
  const isFirst = input.phase === "prepare" && target.sync.kind === "GitRepository";
  return [...unheard(target), ...(isFirst ? [...rootOutside(target), ...rerootPaths(input, target).findings] : [])];
}

function unheard({ unheard: flags = [], url, tag, at }: OciTarget): DraftFinding[] {
  return flags.length === 0 ? [] : [{ rule: "oci-flags-unheard", level: "caution", at, facts: { flags, url, tag } }];
}

function isMigrated(cluster: Cluster): boolean {
  return cluster.instances.length > 0 && ["done", "unsupported"].includes(stateOf(cluster));
}

function targetOf(cluster: Cluster, agreed: Agreed): OciTarget | undefined {
  return isMigrated(cluster) ? agreed.target(cluster).target : undefined;
}

/** After the switch nothing may be left that waits for the GitRepository the operator deletes (trap 48). */
function checkResult(input: PhaseContext & { remotes: readonly string[] }): DraftFinding[] {
  const { phase, tree, cluster, options, remotes, agreed, model } = input;
  if (phase === "prepare") return checkCharts(input);
  // A run of single transforms leaves the others to whoever chose them.
  if (phase !== "switch" || options.only.length > 0) return [];
  const { target } = agreed.target(cluster);
  if (!target) return [];
  const { artifactPath } = target;
  const after = buildModel({ tree, remotes, options: { ...options, artifactPath }, settled: model });
  const there = after.clusters.find((other) => other.rootFrom === "instance" && sameInstance(other, cluster));
  return leftOnGit(tree, there ?? cluster, target, there !== undefined);
}

function checkCharts({ tree, cluster, options, remotes, model }: PhaseContext & { remotes: readonly string[] }) {
  const isChanged = (file: string) =>
    tree.read(file) !== model.tree.read(file) && tree.read(file)?.includes("chartRef") === true;
  const changed = new Set([...cluster.files].filter(isChanged));
  if (changed.size === 0) return [];
  return findLostSources(model, buildModel({ tree, remotes, options, settled: model }), changed);
}

function safetyView({ before, cluster, tree, agreed }: PhaseContext & { before: RepoModel }): Tree {
  const { target } = agreed.target(cluster);
  const was = before.clusters.find((other) => sameInstance(other, cluster));
  if (!target || !was || was.artifactRoot === target.artifactPath) return tree;
  return unrootTree(tree, was, target);
}

function sharedWithBlocked(cluster: string, other: string, file: string): FactFinding {
  return { rule: "oci-shared-blocked", level: "blocker", at: lineOf(file), facts: { cluster, other } };
}

function notMigrated(cluster: Cluster): FactFinding {
  const apart = stateOf(cluster) === "done" ? { isApart: true as const } : {};
  const facts = { cluster: cluster.name, ...apart };
  return { rule: "oci-before-operator", level: "blocker", at: lineOf(cluster.root.file), facts };
}

const BEFORE: Partial<Record<Phase, Phase>> = { switch: "prepare", cleanup: "switch" };
const REASONS: Partial<Record<Phase, string>> = {
  prepare: "The move to OCI changes the sync that the FluxInstance generates; the old install must be out of the way.",
  switch: "Flux must have fetched an artifact before anything reads it; without one every FluxKustomization waits.",
  cleanup: "The declared source may go only once the operator has adopted it.",
};

/**
 * `oci` starts where migrate's cleanup is in the commit that the cluster reads, and each phase needs the one before it
 * there: merged together, the instance would read an artifact that nobody has published yet (trap 54).
 */
function checkOrder(input: PreconditionInput): DraftFinding[] {
  const { phase, cluster, committed, options } = input;
  // A tree that is not there yet is judged before: `oci-before-operator`.
  if (options.direct || !isMigrated(cluster) || stateOf(cluster) !== "done") return [];
  const say = (needed: Phase, command: "migrate" | "oci", open?: Open) => {
    const why = REASONS[phase] ?? "Each phase rests on the one before it.";
    const said = { command, of: ` of fluxlift ${command}`, so: `${phase} cannot be merged yet`, why };
    return [notReached(input, needed, said, open)];
  };
  const there = committed.model.clusters.find(
    (other) => other.namespace === cluster.namespace && sameInstance(other, cluster),
  );
  if (!there || stateOf(there) !== "done") return say("cleanup", "migrate");
  const whole = { ...options, only: [], skip: [] };
  // Of migrate's cleanup only the removals count: its other transforms tidy up, or serve a rebuild.
  const removals = { ...input, ...committed, transforms: [removeBootstrap], cluster: there, options: whole };
  const [left] = runTransforms({ ...removals, phase: "cleanup" }).edits;
  if (left) return say("cleanup", "migrate", { file: left.path });
  const needed = BEFORE[phase];
  const open = needed && findOpen(input, there, needed);
  return open ? say(needed, "oci", open) : [];
}

/** Whether two models speak of the same cluster: the same file describes its instance. */
function sameInstance(a: Cluster, b: Cluster): boolean {
  return a.instances.some(({ object }) => b.instances.some((other) => other.object.file === object.file));
}
