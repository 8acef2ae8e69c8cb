import { OCI_TRANSFORMS } from "../../transforms/oci-index.ts";
import { buildModel } from "../flux/model.ts";
import { findLostSources } from "../flux/oci/charts/verify.ts";
import { settleTarget } from "../flux/oci/target.ts";
import { unrootTree } from "../flux/oci/unroot.ts";
import { leftOnGit } from "../flux/oci/verify.ts";
import { stateOf } from "../flux/state.ts";
import type { Cluster, RepoModel } from "../flux/types.ts";
import type { Tree } from "../workspace/tree.ts";
import { holdSharers } from "./hold-back.ts";
import { checkOciOrder, sameInstance } from "./oci-preconditions.ts";
import { buildOciRunbook } from "./oci-runbook.ts";
import type { Route, RouteInput } from "./route.ts";
import type { DraftFinding } from "./transform.ts";
import { type ClusterPlan, OCI_PHASES } from "./types.ts";

/** From Git to OCI, for clusters that Flux Operator runs. */
export const OCI: Route = {
  phases: OCI_PHASES,
  transforms: OCI_TRANSFORMS,
  allNeedsDirect: [
    "All phases at once are only safe when the artifact of this very change is published before the instance reads it.",
    "Merge one phase at a time, or publish from a branch as the runbook says and say so with --direct.",
  ],
  checkTree,
  checkCommitted: checkOciOrder,
  checkResult,
  holdBack,
  safetyView,
  buildRunbook: buildOciRunbook,
};

function checkTree(input: RouteInput): DraftFinding[] {
  const { cluster } = input;
  const state = stateOf(cluster);
  if (cluster.instances.length === 0 || (state !== "done" && state !== "unsupported")) return [notMigrated(cluster)];
  const settled = settleTarget(input);
  return settled.target ? [] : [settled.finding];
}

/** After the switch nothing may be left that waits for the GitRepository the operator deletes (trap 48). */
function checkResult(input: RouteInput & { remotes: readonly string[] }): DraftFinding[] {
  const { phase, tree, cluster, options, remotes, model } = input;
  if (phase === "prepare") return checkCharts(input);
  // A run of single transforms leaves the others to whoever chose them.
  if (phase !== "switch" || options.only.length > 0) return [];
  const { target } = settleTarget({ phase, tree, cluster, options, model });
  if (!target) return [];
  const after = buildModel({ tree, remotes, options: { ...options, artifactPath: target.artifactPath } });
  const there = after.clusters.find((other) => other.rootFrom === "instance" && sameInstance(other, cluster));
  return leftOnGit({ phase, tree, cluster: there ?? cluster, options, model: after }, target, there !== undefined);
}

function checkCharts({ tree, cluster, options, remotes, model }: RouteInput & { remotes: readonly string[] }) {
  const changed = [...cluster.files].filter(
    (file) => tree.read(file) !== model.tree.read(file) && tree.read(file)?.includes("chartRef"),
  );
  if (changed.length === 0) return [];
  return findLostSources(model, buildModel({ tree, remotes, options }), new Set(changed));
}

function safetyView({ before, cluster, ...input }: RouteInput & { before: RepoModel }): Tree {
  const { target } = settleTarget({ ...input, cluster });
  const was = before.clusters.find((other) => sameInstance(other, cluster));
  if (!target || !was || was.artifactRoot === target.artifactPath) return input.tree;
  return unrootTree(input.tree, was, target);
}

/** Files that two clusters share switch for both or for none. */
function holdBack(plans: readonly ClusterPlan[], model: RepoModel): ReadonlyMap<string, DraftFinding> {
  return holdSharers(plans, model, ({ phase }) => phase === "switch", sharedWithBlocked);
}

function sharedWithBlocked(name: string, other: string, file: string): DraftFinding {
  return {
    rule: "oci-shared-blocked",
    level: "blocker",
    at: { file, line: 1, col: 1 },
    what: `${name} shares this file with ${other}, which is blocked; switching ${name} would leave ${other} waiting for a source that nothing makes there.`,
    why: "Both clusters read the same bytes, so they switch together or not at all.",
    next: `Settle the blockers of ${other} first, or give each cluster its own copy of this file.`,
  };
}

function notMigrated(cluster: Cluster): DraftFinding {
  return {
    rule: "oci-before-operator",
    level: "blocker",
    at: { file: cluster.root.file, line: 1, col: 1 },
    what: `Flux Operator does not run the sync of ${cluster.name} yet, so there is no FluxInstance that could read an artifact.`,
    why: "The move to OCI changes what the FluxInstance generates; it starts where `fluxlift migrate` ends.",
    next: "Take this cluster through `fluxlift migrate` up to cleanup first.",
  };
}
