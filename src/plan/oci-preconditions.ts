import { stateOf } from "../cluster/instances.ts";
import type { Cluster } from "../cluster/types.ts";
import type { Finding } from "../contract/finding.ts";
import type { Phase } from "../contract/options.ts";
import { REMOVAL_TRANSFORMS } from "./oci-removals.ts";
import type { PreconditionInput } from "./preconditions.ts";
import { runTransforms } from "./run-transforms.ts";

const BEFORE: Partial<Record<Phase, Phase>> = { switch: "prepare", cleanup: "switch" };

/**
 * `oci` starts where migrate's cleanup is in the commit that the cluster reads, and each phase needs the one before it
 * there: merged together, the instance would read an artifact that nobody has published yet (trap 54).
 */
export function checkOciOrder(input: PreconditionInput): Finding[] {
  const { phase, cluster, committed, options } = input;
  // A tree that is not there yet is judged before: `oci-before-operator`.
  if (options.direct || stateOf(cluster) !== "done") return [];
  const there = committed.model.clusters.find(
    (other) => other.namespace === cluster.namespace && sameInstance(other, cluster),
  );
  if (!there || stateOf(there) !== "done") return [notReached(input, "cleanup", "migrate")];
  const removals = runTransforms({
    ...input,
    ...committed,
    transforms: REMOVAL_TRANSFORMS,
    cluster: there,
    phase: "cleanup",
    options: { ...options, only: [], skip: [] },
  });
  if (removals.edits.length > 0) return [notReached(input, "cleanup", "migrate", removals.edits[0]!.path)];
  const needed = BEFORE[phase];
  if (needed === undefined) return [];
  const rest = runTransforms({ ...input, ...committed, cluster: there, phase: needed });
  const blocker = rest.findings.find(({ level }) => level === "blocker");
  if (rest.edits.length === 0 && !blocker) return [];
  return [notReached(input, needed, "oci", rest.edits[0]?.path ?? blocker?.at?.file)];
}

/** Whether two models speak of the same cluster: the same file describes its instance. */
export function sameInstance(a: Cluster, b: Cluster): boolean {
  return a.instances.some(({ object }) => b.instances.some((other) => other.object.file === object.file));
}

function notReached(
  { cluster, phase, committed }: PreconditionInput,
  needed: Phase,
  command: "migrate" | "oci",
  open?: string,
): Finding {
  return {
    rule: "phase-not-reached",
    level: "blocker",
    cluster: cluster.name,
    phase,
    at: { file: open ?? cluster.root.file, line: 1, col: 1 },
    what: `The ${needed} phase of fluxlift ${command} is not complete in ${committed.label}${open ? ` (${open} still differs)` : ""}, so ${phase} cannot be merged yet.`,
    why: REASONS[phase] ?? "Each phase rests on the one before it.",
    next: `Run \`fluxlift ${command} --phase ${needed}\`, merge it, wait until it is reconciled, then come back.`,
  };
}

const REASONS: Partial<Record<Phase, string>> = {
  prepare: "The move to OCI changes the sync that the FluxInstance generates; the old install must be out of the way.",
  switch: "Flux must have fetched an artifact before anything reads it; without one every FluxKustomization waits.",
  cleanup: "The declared source may go only once the operator has adopted it.",
};
