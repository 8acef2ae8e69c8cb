import { factsFor } from "../cluster/facts.ts";
import { repositoryPath } from "../cluster/graph.ts";
import { rootIsRenamed } from "../cluster/guards.ts";
import { appliesFile } from "../cluster/territory.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import type { FileChange } from "../contract/edit.ts";
import type { SaidFinding } from "../contract/finding.ts";
import type { Options, Phase } from "../contract/options.ts";
import { SUSPEND_RELEASE } from "../contract/runbook.ts";
import type { MergeSafety } from "../contract/safety.ts";
import { sh } from "../contract/shell.ts";
import { describe } from "../delivery/kinds.ts";
import type { Tree } from "../files/tree.ts";
import { type Acceptances, makeAcceptances } from "./fate/acceptance.ts";
import { makeMeant } from "./fate/meant.ts";
import { checkMergeSafety } from "./merge-safety.ts";

/** What is merged together with a phase: nothing but itself, or on the direct route everything since the start. */
export interface MergeBase {
  tree: Tree;
  model: RepoModel;
  /** Paths that earlier phases of the same merge change. */
  changed: ReadonlySet<string>;
}

export interface PhaseSafetyInput {
  base: MergeBase;
  /** The tree with the edits of this cluster and of those before it. */
  after: Tree;
  changes: readonly FileChange[];
  /** Whether clusters before it in this phase change files that it reads, too. */
  isShared: boolean;
  /** Whether what this does to another cluster is judged with that one, whose own edits are still to come. */
  awaits: (other: Cluster) => boolean;
  /** Whether a cluster before it has left the judgement of what it shares to this one. */
  isAwaited: boolean;
  cluster: Cluster;
  phase: Phase;
  options: Options;
  accept: Acceptances;
}

/**
 * What Flux does when a phase of one cluster is merged. Blockers become findings, and what cannot be known: what the
 * migration deletes on purpose is in the result. Other clusters that read a changed file are looked at as well.
 */
export function checkPhaseSafety(input: PhaseSafetyInput): { safety?: MergeSafety; findings: SaidFinding[] } {
  const { base, after, changes, isShared, awaits, isAwaited, cluster, phase, options, accept } = input;
  if (changes.length === 0 && !isShared) return { findings: [] };
  const changed = new Set([...base.changed, ...changes.map(({ path }) => path)]);
  const change = { before: base.tree, after, changed };
  const own = findCluster(base.model, cluster);
  if (!own) return { findings: [] };
  const check = (one: Cluster) => {
    const { facts } = options;
    const adopted = isAdopted(one, phase, options);
    return checkMergeSafety(change, base.model, one, {
      adopted,
      planned: true,
      facts: factsFor(facts, one.name),
      accept,
      isMeant: makeMeant(base.tree, one),
    });
  };
  const result = check(own);
  // What is to be said of it was said with the cluster that has the edits.
  if (changes.length === 0 && !isAwaited) return { safety: result.safety, findings: [] };
  const onRoute = (finding: SaidFinding) => forRename(forChart(finding, own, options), own, options);
  const findings = result.findings.filter(isWorthSaying).map(onRoute);
  for (const other of base.model.clusters) {
    // What others change is told of them, each in its own plan.
    if (other === own || !changes.some(({ path }) => appliesFile(other, path))) continue;
    const said = check(other).findings.filter(isWorthSaying);
    if (said.length === 0 || awaits(other)) continue;
    for (const finding of said) {
      findings.push({ ...finding, what: `Cluster ${other.name} reads files that this edits. ${finding.what}` });
    }
  }
  return { safety: result.safety, findings };
}

/** In one merge Git never suspends the release of the old chart, and whether a person did is not in the tree. */
function forChart(finding: SaidFinding, { install }: Cluster, { direct }: Options): SaidFinding {
  if (!direct || finding.rule !== "flux-may-go" || install?.style !== "community-chart") return finding;
  const next = `Do the step “${SUSPEND_RELEASE}” of the runbook and plan again with --facts and what preflight.sh says; or merge the install phase by itself, which suspends the release in Git: \`fluxlift migrate --phase install\`.`;
  return { ...finding, next };
}

/** In one merge the guard of a root that gets another name comes too late: the cluster has to have it before. */
function forRename(finding: SaidFinding, cluster: Cluster, options: Options): SaidFinding {
  const { root } = cluster;
  if (!options.direct || !rootIsRenamed(cluster, options) || root.data.spec?.prune === false) return finding;
  if (!finding.next?.startsWith(`Set prune: false on ${describe(root)} `)) return finding;
  const next = `${describe(root)} gets another name with --sync rename, and its guard, prune: false, has to be in the cluster before the merge that takes it out; the direct route is one merge. Merge the install phase by itself, which sets the guard: ${sh`fluxlift migrate --phase install --sync rename --cluster ${cluster.name}`.line}. Or keep the name with --sync adopt.`;
  return { ...finding, next };
}

function isWorthSaying({ rule, level }: SaidFinding): boolean {
  return level === "blocker" || (level === "caution" && (rule === "safety-unknown" || rule === "source-switches"));
}

/**
 * What Flux does to a cluster when a merged phase is reverted: the same analysis on the trees in reverse, once the operator
 * has adopted its objects. An instance that leaves Git stays in the cluster unless what carries it is deleted.
 * @param merged what the phase leaves, with all clusters, and every path that it changes
 * @param base what it was merged into
 */
export function checkReversal(merged: MergeBase, base: MergeBase, cluster: Cluster): MergeSafety | undefined {
  const { tree, model, changed } = merged;
  const own = findCluster(model, cluster) ?? model.clusters.find((other) => readsSamePath(other, cluster));
  if (!own) return undefined;
  return checkMergeSafety({ before: tree, after: base.tree, changed }, model, own, {
    adopted: true,
    planned: true,
    accept: makeAcceptances([]),
  }).safety;
}

function readsSamePath(a: Cluster, b: Cluster): boolean {
  const path = ({ root, artifactRoot }: Cluster) => repositoryPath(root.data.spec, artifactRoot);
  return a.namespace === b.namespace && path(a) === path(b);
}

/** Whether the operator owns what the FluxInstance generates when the phase is merged: measured, stated, or required. */
function isAdopted(cluster: Cluster, phase: Phase, options: Options): boolean {
  const measured = factsFor(options.facts, cluster.name)?.adopted;
  if (measured !== undefined) return measured;
  if (phase === "install") return options.direct || cluster.rootFrom === "instance";
  return options.direct || cluster.instances.some(({ delivered }) => delivered);
}

function findCluster({ clusters }: RepoModel, cluster: Cluster): Cluster | undefined {
  const same = clusters.filter(({ root }) => root.file === cluster.root.file && root.name === cluster.root.name);
  return (
    // Overlays of one base share the manifest of their root; what tells them apart is the folder it builds.
    same.find((other) => readsSamePath(other, cluster)) ?? same[0] ?? clusters.find(({ name }) => name === cluster.name)
  );
}
