import { listGuards } from "./guards.ts";
import { listAssumptions } from "./runbook-assumptions.ts";
import { findLandmarks, type Landmarks, type RunbookInput } from "./runbook-landmarks.ts";
import { listPreChecks } from "./runbook-prechecks.ts";
import { listRebuild, listSyncNeeds } from "./runbook-rebuild.ts";
import { listRollback } from "./runbook-rollback.ts";
import { listSteps } from "./runbook-steps.ts";
import type { MeasureTargets, Runbook, RunbookStep } from "./types.ts";

export type { RunbookInput } from "./runbook-landmarks.ts";

/**
 * Writes the runbook of one phase of one cluster: what to check before, what to do and to expect, how to go back, how
 * to rebuild the cluster from the repository, and what the plan assumes. Every name and path is this repository's.
 * A phase with a blocker has no steps, since it must not be merged.
 */
export function buildRunbook(input: RunbookInput): Runbook {
  const marks = once(() => findLandmarks(input));
  const blocked = input.findings.filter((finding) => finding.level === "blocker");
  return onDemand({
    preChecks: () => listPreChecks(input, marks()),
    steps: () => (blocked.length > 0 ? [explainBlock(input, blocked.length)] : listSteps(input, marks())),
    rollback: () => listRollback(input, marks()),
    rebuild: () => listRebuild(input, marks()),
    assumptions: () => listAssumptions(input, marks()),
    measure: () => listTargets(input, marks()),
  });
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** An object whose fields are made when first read: most formats print only some of a runbook. */
function onDemand<T extends object>(makers: { [K in keyof T]: () => T[K] }): T {
  const out = {} as T;
  for (const key of Object.keys(makers) as (keyof T)[]) {
    Object.defineProperty(out, key, { enumerable: true, get: once(makers[key]) });
  }
  return out;
}

function explainBlock({ cluster, phase }: RunbookInput, count: number): RunbookStep {
  return {
    title: `${phase} is blocked`,
    body: [
      `${count === 1 ? "One finding stops" : `${count} findings stop`} this phase for ${cluster.name}. Nothing was planned for it; settle ${count === 1 ? "it" : "them"} and plan again.`,
    ],
    commands: [],
  };
}

function listTargets({ cluster, options }: RunbookInput, { namespace, root, source, sync }: Landmarks): MeasureTargets {
  const sources = source ? [{ kind: source.kind, namespace: source.namespace, name: source.name }] : [];
  if (source && sync && sync !== source.name) sources.push({ kind: source.kind, namespace, name: sync });
  return {
    namespace,
    root: { namespace: root.namespace, name: root.name },
    sources,
    guards: listGuards(cluster, options),
    needs: listSyncNeeds(cluster)
      .filter((need) => !need.optional)
      .map((need) => ({ kind: need.kind, namespace: need.namespace, name: need.name })),
  };
}
