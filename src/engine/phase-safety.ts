import { repositoryPath } from "../flux/graph.ts";
import { buildModel } from "../flux/model.ts";
import type { Cluster, RepoModel } from "../flux/types.ts";
import type { Tree } from "../workspace/tree.ts";
import { factsFor } from "./facts.ts";
import { checkMergeSafety } from "./merge-safety.ts";
import type { DraftFinding } from "./transform.ts";
import type { FileChange, MergeSafety, Options, Phase } from "./types.ts";

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
  cluster: Cluster;
  phase: Phase;
  options: Options;
}

/**
 * What Flux does when a phase of one cluster is merged. Only blockers become findings: what the migration deletes on
 * purpose is in the result. Other clusters that read a changed file are looked at as well.
 */
export function checkPhaseSafety(input: PhaseSafetyInput): { safety?: MergeSafety; findings: DraftFinding[] } {
  const { base, after, changes, cluster, phase, options } = input;
  if (changes.length === 0) return { findings: [] };
  const changed = new Set([...base.changed, ...changes.map(({ path }) => path)]);
  const change = { before: base.tree, after, changed };
  const own = findCluster(base.model, cluster);
  if (!own) return { findings: [] };
  const result = checkMergeSafety(
    change,
    base.model,
    own,
    isAdopted(own, phase, options),
    factsFor(options.facts, own.name),
  );
  const findings = result.findings.filter(({ level }) => level === "blocker");
  for (const other of base.model.clusters) {
    if (other === own || ![...changed].some((file) => other.files.has(file))) continue;
    const found = checkMergeSafety(
      change,
      base.model,
      other,
      isAdopted(other, phase, options),
      factsFor(options.facts, other.name),
    );
    for (const finding of found.findings.filter(({ level }) => level === "blocker")) {
      findings.push({ ...finding, what: `Cluster ${other.name} reads files that this edits. ${finding.what}` });
    }
  }
  return { safety: result.safety, findings };
}

/**
 * What Flux does when a merged phase is reverted: the same analysis on the trees in reverse, once the operator has adopted
 * its objects. An instance that leaves Git stays in the cluster unless what carries it is deleted.
 */
export function checkReversal(input: PhaseSafetyInput, remotes: readonly string[]): MergeSafety | undefined {
  const { base, after, changes, cluster, options } = input;
  if (changes.length === 0) return undefined;
  const model = buildModel({ tree: after, remotes, options });
  const own = findCluster(model, cluster) ?? model.clusters.find((other) => readsSamePath(other, cluster));
  if (!own) return undefined;
  const changed = new Set([...base.changed, ...changes.map(({ path }) => path)]);
  return checkMergeSafety({ before: after, after: base.tree, changed }, model, own, true).safety;
}

function readsSamePath(a: Cluster, b: Cluster): boolean {
  const path = ({ root, artifactRoot }: Cluster) => repositoryPath(root.data?.spec, artifactRoot);
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
