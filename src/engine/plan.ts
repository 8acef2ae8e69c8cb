import { TRANSFORMS } from "../../transforms/index.ts";
import { UsageError } from "../errors.ts";
import { matchesClusterName } from "../flux/clusters.ts";
import { buildModel } from "../flux/model.ts";
import { stateOf, strategyInTree } from "../flux/state.ts";
import type { Cluster, RepoModel } from "../flux/types.ts";
import { VERSION } from "../version.ts";
import { sha256 } from "../workspace/hash.ts";
import { applyEdits } from "../workspace/overlay.ts";
import { openRevision, resolveRevision } from "../workspace/revision.ts";
import type { Workspace } from "../workspace/snapshot.ts";
import type { Tree } from "../workspace/tree.ts";
import { describeCluster } from "./detected.ts";
import { checkFacts } from "./facts-check.ts";
import { checkPreconditions } from "./preconditions.ts";
import { reportRepository } from "./repository-findings.ts";
import { runTransforms, type TransformRun } from "./run-transforms.ts";
import { buildRunbook } from "./runbook.ts";
import {
  type ClusterPlan,
  type Edit,
  type Finding,
  type Options,
  PHASES,
  type Phase,
  type PhasePlan,
  type Plan,
} from "./types.ts";

/**
 * Makes the plan of one phase, or of all three on the direct route. Nothing is written.
 * @throws UsageError for a cluster name that matches nothing, or `--phase all` without `--direct`.
 */
export function makePlan(workspace: Workspace, options: Options): Plan {
  if (options.phase === "all" && !options.direct) {
    throw new UsageError(
      "all-needs-direct",
      "All phases at once are only safe when the operator and the instance already run in the cluster.",
      "Merge one phase at a time, or install both first (see the runbook) and say so with --direct.",
    );
  }
  const remotes = workspace.git?.remotes().map(({ url }) => url) ?? [];
  const phases = options.phase === "all" ? PHASES : [options.phase];
  let tree: Tree = workspace.tree;
  let first: RepoModel | undefined;
  const plans: PhasePlan[] = [];
  for (const phase of phases) {
    const model = buildModel({ tree, remotes, options });
    first ??= model;
    const plan = planPhase({ workspace, tree, model, phase, options, remotes });
    plans.push(plan.phase);
    tree = plan.tree;
  }
  const findings = [...first!.findings, ...reportRepository(workspace, first!, options)];
  return {
    tool: "fluxlift",
    version: VERSION,
    schema: 1,
    options,
    scanned: {
      files: workspace.tree.paths.length,
      fluxFiles: workspace.tree.grep("toolkit.fluxcd.io").length,
      git: workspace.git
        ? {
            ...(workspace.git.head ? { head: workspace.git.head } : {}),
            ...(workspace.git.branch ? { branch: workspace.git.branch } : {}),
          }
        : null,
    },
    phases: plans,
    findings,
    base: hashBase(workspace.tree, plans),
  };
}

interface PhaseInput {
  workspace: Workspace;
  tree: Tree;
  model: RepoModel;
  phase: Phase;
  options: Options;
  remotes: readonly string[];
}

function planPhase(input: PhaseInput): { phase: PhasePlan; tree: Tree } {
  const { model, options, phase } = input;
  let tree = input.tree;
  const clusters: ClusterPlan[] = [];
  const edits: Edit[] = [];
  for (const cluster of selectClusters(model.clusters, options)) {
    const planned = planCluster({ ...input, tree }, cluster);
    clusters.push(planned.plan);
    edits.push(...planned.plan.edits);
    tree = planned.tree;
  }
  return { phase: { phase, clusters, files: applyEdits(input.tree, edits).changes }, tree };
}

function selectClusters(clusters: readonly Cluster[], { clusters: names }: Options): Cluster[] {
  for (const name of names) {
    if (clusters.some((cluster) => matchesClusterName(cluster, name))) continue;
    throw new UsageError(
      "unknown-cluster",
      `No cluster is called ${name}.`,
      clusters.length > 0
        ? `Found: ${clusters.map((cluster) => cluster.name).join(", ")}.`
        : "No cluster was found at all; see `fluxlift scan`.",
    );
  }
  if (names.length === 0) return [...clusters];
  return clusters.filter((cluster) => names.some((name) => matchesClusterName(cluster, name)));
}

function planCluster(input: PhaseInput, cluster: Cluster): { plan: ClusterPlan; tree: Tree } {
  const { tree, model, phase, workspace } = input;
  // Later phases follow what the tree already does, not the flag of this call.
  const options: Options = { ...input.options, sync: strategyInTree(cluster) ?? input.options.sync };
  const findings: Finding[] = [...cluster.findings];
  findings.push(
    ...checkFacts(options.facts, { cluster, phase, options, tree }).map((finding) => own(finding, cluster, phase)),
  );
  if (!options.direct || input.options.phase !== "all") findings.push(...checkCommitted(input, cluster, options));
  const blocked = findings.some(({ level }) => level === "blocker");
  const run: TransformRun = blocked
    ? { edits: [], findings: [], patches: [], tree, changes: [] }
    : runTransforms({ transforms: TRANSFORMS, tree, model, cluster, phase, options });
  findings.push(...run.findings);
  const stop = findings.some(({ level }) => level === "blocker");
  const edits = stop ? [] : run.edits;
  const branch = workspace.git?.branch;
  const state = stateOf(cluster);
  return {
    plan: {
      cluster: cluster.name,
      state: phase === "install" && state === "installed" && edits.length > 0 ? "partly-installed" : state,
      detected: describeCluster(tree, cluster),
      edits,
      findings,
      patches: stop ? [] : run.patches,
      runbook: buildRunbook({
        cluster,
        phase,
        options,
        tree: stop ? tree : run.tree,
        edits,
        findings,
        version: VERSION,
        ...(branch ? { branch } : {}),
      }),
    },
    tree: stop ? tree : run.tree,
  };
}

function own(finding: Omit<Finding, "cluster" | "phase">, cluster: Cluster, phase: Phase): Finding {
  return { ...finding, cluster: cluster.name, phase };
}

/** Judges the phase order on the commit the cluster reads: its own branch where that is here, else HEAD. */
function checkCommitted(
  { workspace, tree, model, phase, remotes }: PhaseInput,
  cluster: Cluster,
  options: Options,
): Finding[] {
  if (phase === "install") return [];
  const { git } = workspace;
  const other =
    cluster.branch !== undefined && git?.branch !== undefined && cluster.branch !== git.branch
      ? cluster.branch
      : undefined;
  const revision = other
    ? (resolveRevision(workspace.root, other) ?? resolveRevision(workspace.root, `origin/${other}`))
    : git && git.dirty().length > 0
      ? git.head
      : undefined;
  if (revision === undefined) {
    return checkPreconditions({
      transforms: TRANSFORMS,
      cluster,
      phase,
      options,
      committed: { tree, model, label: git?.branch ?? "this tree" },
    });
  }
  const committed = openRevision(workspace.root, revision);
  const label = other ? `branch ${other}` : "HEAD";
  const committedModel = buildModel({ tree: committed, remotes, options });
  return checkPreconditions({
    transforms: TRANSFORMS,
    cluster,
    phase,
    options,
    committed: { tree: committed, model: committedModel, label },
  });
}

/** SHA-256 of every file of the working tree that an edit changes or was derived from. */
function hashBase(tree: Tree, phases: readonly PhasePlan[]): Record<string, string> {
  const base: Record<string, string> = {};
  for (const { clusters } of phases) {
    for (const edit of clusters.flatMap(({ edits }) => edits)) {
      for (const path of [edit.path, ...edit.evidence.map(({ file }) => file)]) {
        const text = tree.read(path);
        if (text !== undefined) base[path] ??= sha256(text);
      }
    }
  }
  return Object.fromEntries(Object.entries(base).sort(([a], [b]) => a.localeCompare(b)));
}
