import { compareText } from "../compare-text.ts";
import { UsageError } from "../errors.ts";
import { matchesClusterName } from "../flux/clusters.ts";
import { buildModel } from "../flux/model.ts";
import { stateOf, strategyInTree } from "../flux/state.ts";
import type { Cluster, RepoModel } from "../flux/types.ts";
import { fillIn } from "../flux/unfilled/fill.ts";
import { VERSION } from "../version.ts";
import { sha256 } from "../workspace/hash.ts";
import { applyEdits } from "../workspace/overlay.ts";
import type { Workspace } from "../workspace/snapshot.ts";
import type { Tree } from "../workspace/tree.ts";
import { checkCommitted } from "./committed.ts";
import { describeCluster } from "./detected.ts";
import { MIGRATE } from "./migrate-route.ts";
import { checkPhaseSafety, checkReversal, type MergeBase } from "./phase-safety.ts";
import { onRealFiles } from "./placeholders.ts";
import { reportRepository } from "./repository-findings.ts";
import type { Route } from "./route.ts";
import { runTransforms, type TransformRun } from "./run-transforms.ts";
import type { DraftFinding } from "./transform.ts";
import type { ClusterPlan, Edit, Finding, Options, Phase, PhasePlan, Plan } from "./types.ts";

/**
 * Makes the plan of one phase, or of all of them on the direct route. Nothing is written.
 * @param route which way to go; `fluxlift oci` passes its own
 * @throws UsageError for a cluster name that matches nothing, or `--phase all` without `--direct`.
 */
export function makePlan(workspace: Workspace, options: Options, route: Route = MIGRATE): Plan {
  if (options.phase === "all" && !options.direct) throw new UsageError("all-needs-direct", ...route.allNeedsDirect);
  const remotes = workspace.git?.remotes().map(({ url }) => url) ?? [];
  const phases = options.phase === "all" ? route.phases : [options.phase];
  const branch = workspace.git?.branch;
  const filled = fillIn({ tree: workspace.tree, remotes, branch, options });
  let tree: Tree = filled.tree;
  let first: RepoModel | undefined;
  const plans: PhasePlan[] = [];
  for (const phase of phases) {
    const model = buildModel({ tree, remotes, options });
    filled.report(model);
    first ??= model;
    // All phases at once are one merge: each is judged together with those before it.
    const base: MergeBase =
      options.phase === "all"
        ? {
            tree: filled.tree,
            model: first,
            changed: new Set(plans.flatMap(({ files }) => files.map(({ path }) => path))),
          }
        : { tree, model, changed: new Set() };
    const plan = planPhase({ workspace, tree, model, phase, options, remotes, route, base });
    plans.push(onRealFiles(plan.phase, filled.placeholders));
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

/** Why a cluster must not change in this phase although nothing of its own stops it, by name. */
type HeldBack = ReadonlyMap<string, DraftFinding>;

interface PhaseInput {
  workspace: Workspace;
  tree: Tree;
  model: RepoModel;
  phase: Phase;
  options: Options;
  remotes: readonly string[];
  route: Route;
  base: MergeBase;
}

function planPhase(input: PhaseInput, held: HeldBack = new Map()): { phase: PhasePlan; tree: Tree } {
  const { model, options, phase } = input;
  let tree = input.tree;
  const clusters: ClusterPlan[] = [];
  const edits: Edit[] = [];
  let { base } = input;
  for (const cluster of selectClusters(model.clusters, options)) {
    const planned = planCluster({ ...input, tree, base }, cluster, held.get(cluster.name));
    clusters.push(planned.plan);
    edits.push(...planned.plan.edits);
    tree = planned.tree;
    base = { ...base, changed: new Set([...base.changed, ...planned.plan.edits.map(({ path }) => path)]) };
  }
  const more = input.route.holdBack?.(clusters, model) ?? new Map();
  if (more.size > 0) return planPhase(input, new Map([...held, ...more]));
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

function planCluster(
  input: PhaseInput,
  cluster: Cluster,
  held: DraftFinding | undefined,
): { plan: ClusterPlan; tree: Tree } {
  const { tree, model, phase, workspace } = input;
  const { route } = input;
  // Later phases follow what the tree already does, not the flag of this call.
  const options: Options = { ...input.options, sync: strategyInTree(cluster) ?? input.options.sync };
  const findings: Finding[] = [...cluster.findings];
  if (held) findings.push(own(held, cluster, phase));
  findings.push(...route.checkTree({ cluster, phase, options, tree, model }).map((item) => own(item, cluster, phase)));
  if (!options.direct || input.options.phase !== "all") findings.push(...checkCommitted(input, cluster, options));
  const blocked = findings.some(({ level }) => level === "blocker");
  const run: TransformRun = blocked
    ? { edits: [], findings: [], patches: [], tree, changes: [] }
    : runTransforms({ transforms: route.transforms, tree, model, cluster, phase, options });
  findings.push(...run.findings);
  const result = { cluster, phase, options, tree: run.tree, model, remotes: input.remotes };
  if (!findings.some(({ level }) => level === "blocker")) {
    findings.push(...route.checkResult(result).map((item) => own(item, cluster, phase)));
  }
  const { changes } = run;
  const after = blocked ? run.tree : (route.safetyView?.({ ...result, before: input.base.model }) ?? run.tree);
  const merge = { base: input.base, after, changes, cluster, phase, options };
  const checked = checkPhaseSafety(merge);
  findings.push(...checked.findings.map((item) => own(item, cluster, phase)));
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
      runbook: route.buildRunbook({
        cluster,
        phase,
        options,
        tree: stop ? tree : run.tree,
        edits,
        findings,
        version: VERSION,
        ...(branch ? { branch } : {}),
        ...(stop ? {} : { reverse: () => checkReversal(merge, input.remotes) }),
      }),
      ...(checked.safety ? { safety: checked.safety } : {}),
    },
    tree: stop ? tree : run.tree,
  };
}

function own(finding: Omit<Finding, "cluster" | "phase">, cluster: Cluster, phase: Phase): Finding {
  return { ...finding, cluster: cluster.name, phase };
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
  return Object.fromEntries(Object.entries(base).sort(([a], [b]) => compareText(a, b)));
}
