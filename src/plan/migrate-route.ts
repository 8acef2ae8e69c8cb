import { TRANSFORMS } from "../../transforms/index.ts";
import { stateOf, strategyInTree } from "../cluster/instances.ts";
import type { Cluster } from "../cluster/types.ts";
import { barePath } from "../contract/cut.ts";
import { lineOf } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { PHASES } from "../contract/options.ts";
import type { ClusterState } from "../contract/plan.ts";
import { checkFacts } from "./facts-check.ts";
import { findOpen, notReached, type PreconditionInput, type Route } from "./route.ts";
import { buildRunbook } from "./runbook/build.ts";
import { holdSharers } from "./territory-check.ts";

/** From a bootstrapped Flux to Flux Operator. */
export const MIGRATE: Route = {
  phases: PHASES,
  transforms: TRANSFORMS,
  allNeedsDirect: [
    "All phases at once are only safe when the operator and the instance already run in the cluster.",
    "Merge one phase at a time, or install both first (see the runbook) and say so with --direct.",
  ],
  checkTree: (input) => checkFacts(input.options.facts, input),
  checkCommitted: checkOrder,
  checkResult: () => [],
  holdBack: (plans, staying) => holdSharers(plans, staying, sharedWithBlocked),
  buildRunbook,
};

const REACHED: Record<ClusterState, number> = {
  unsupported: 0,
  "not-started": 0,
  "partly-installed": 0,
  installed: 1,
  "cut-over": 2,
  done: 3,
};

/**
 * Cutover and cleanup need the phase before them in the commit the cluster reads: merged together they would make
 * kustomize-controller prune Flux before the operator adopted it (flux-facts 2.5, trap 1).
 */
function checkOrder(input: PreconditionInput): DraftFinding[] {
  const { phase, cluster, committed } = input;
  if (phase === "install") return [];
  const there = committed.model.clusters.find((other) => isSameRoot(other, cluster));
  const reached = there ? REACHED[stateOf(there)] : 0;
  const isKept = there !== undefined && strategyInTree(there) === "keep";
  // Of two phases that are missing the first one is named: the other would be refused.
  const [needed, before] =
    phase === "cutover" || (reached === 0 && !isKept)
      ? (["install", "The operator must have adopted the controllers"] as const)
      : (["cutover", "References must have moved"] as const);
  const isThere = isKept || reached >= (phase === "cutover" ? 1 : 2);
  const open = there && isThere ? findOpen(input, there, needed) : {};
  const so = `merging ${phase} now could let Flux delete itself`;
  const why = `${before} before what ${phase} removes may go.`;
  return open ? [notReached(input, needed, { command: "migrate", so, why }, open)] : [];
}

function isSameRoot(one: Cluster, other: Cluster): boolean {
  const path = ({ root }: Cluster) => barePath(String(root.data.spec?.path ?? ""));
  return one.namespace === other.namespace && path(one) === path(other);
}

/** A shared base that leaves one cluster leaves the other too, adopted there or not (trap 41). */
function sharedWithBlocked(name: string, other: string, file: string): DraftFinding {
  return {
    rule: "shared-with-blocked",
    level: "blocker",
    at: lineOf(file),
    what: `${name} shares this file with ${other}, which this run leaves as it is; this phase would change it for both.`,
    why: `What leaves the file leaves ${other} as well, where the operator may not have adopted Flux yet.`,
    next: `Settle the blockers of ${other} first, or name it with --cluster too; or give each cluster its own copy of this file.`,
  };
}
