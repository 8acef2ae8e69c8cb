import { findLostSources } from "../../transforms/charts-to-oci/verify.ts";
import type { Agreed } from "../../transforms/contract.ts";
import { OCI_TRANSFORMS } from "../../transforms/oci-index.ts";
import type { OciTarget } from "../../transforms/shared/oci/types.ts";
import { unrootTree } from "../../transforms/shared/oci/unroot.ts";
import { leftOnGit } from "../../transforms/shared/oci/verify.ts";
import { stateOf } from "../cluster/instances.ts";
import { buildModel } from "../cluster/model.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import { lineOf } from "../contract/errors.ts";
import type { DraftFinding, FactFinding } from "../contract/finding.ts";
import { OCI_PHASES } from "../contract/options.ts";
import type { ClusterPlan } from "../contract/plan.ts";
import type { Tree } from "../files/tree.ts";
import { holdSharers } from "./hold-back.ts";
import { checkOciOrder, sameInstance } from "./oci-preconditions.ts";
import type { Route, RouteInput } from "./route.ts";
import { buildOciRunbook } from "./runbook/build.ts";

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
  buildRunbook: (input, agreed) => buildOciRunbook(input, targetOf(input.cluster, agreed)),
};

function checkTree(input: RouteInput): DraftFinding[] {
  const { cluster, agreed } = input;
  if (!isMigrated(cluster)) return [notMigrated(cluster)];
  const settled = agreed.target(cluster);
  return settled.target ? [] : [settled.finding];
}

function isMigrated(cluster: Cluster): boolean {
  return cluster.instances.length > 0 && ["done", "unsupported"].includes(stateOf(cluster));
}

function targetOf(cluster: Cluster, agreed: Agreed): OciTarget | undefined {
  return isMigrated(cluster) ? agreed.target(cluster).target : undefined;
}

/** After the switch nothing may be left that waits for the GitRepository the operator deletes (trap 48). */
function checkResult(input: RouteInput & { remotes: readonly string[] }): DraftFinding[] {
  const { phase, tree, cluster, options, remotes, agreed, model } = input;
  if (phase === "prepare") return checkCharts(input);
  // A run of single transforms leaves the others to whoever chose them.
  if (phase !== "switch" || options.only.length > 0) return [];
  const { target } = agreed.target(cluster);
  if (!target) return [];
  const after = buildModel({
    tree,
    remotes,
    options: { ...options, artifactPath: target.artifactPath },
    settled: model,
  });
  const there = after.clusters.find((other) => other.rootFrom === "instance" && sameInstance(other, cluster));
  return leftOnGit(tree, there ?? cluster, target, there !== undefined);
}

function checkCharts({ tree, cluster, options, remotes, model }: RouteInput & { remotes: readonly string[] }) {
  const changed = [...cluster.files].filter(
    (file) => tree.read(file) !== model.tree.read(file) && tree.read(file)?.includes("chartRef"),
  );
  if (changed.length === 0) return [];
  return findLostSources(model, buildModel({ tree, remotes, options, settled: model }), new Set(changed));
}

function safetyView({ before, cluster, tree, agreed }: RouteInput & { before: RepoModel }): Tree {
  const { target } = agreed.target(cluster);
  const was = before.clusters.find((other) => sameInstance(other, cluster));
  if (!target || !was || was.artifactRoot === target.artifactPath) return tree;
  return unrootTree(tree, was, target);
}

/** Files that two clusters share switch for both or for none. */
function holdBack(plans: readonly ClusterPlan[], staying: readonly Cluster[]): ReadonlyMap<string, DraftFinding> {
  return holdSharers(plans, staying, ({ phase }) => phase === "switch", sharedWithBlocked);
}

function sharedWithBlocked(cluster: string, other: string, file: string): FactFinding {
  return { rule: "oci-shared-blocked", level: "blocker", at: lineOf(file), facts: { cluster, other } };
}

function notMigrated({ name, root }: Cluster): FactFinding {
  return { rule: "oci-before-operator", level: "blocker", at: lineOf(root.file), facts: { cluster: name } };
}
