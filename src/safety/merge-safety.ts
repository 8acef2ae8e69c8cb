import type { Cluster, RepoModel } from "../cluster/types.ts";
import type { SaidFinding } from "../contract/finding.ts";
import type { Facts } from "../contract/options.ts";
import type { MergeSafety, SafetyDanger, SafetyTransfer } from "../contract/safety.ts";
import { parseFluxVersion } from "../release/releases.ts";
import { makeDecides } from "./decides.ts";
import { locateOutcome, reportSafety } from "./findings.ts";
import { type Comparison, compareTrees, judgeLosses, type Loss, printKey, type TreeChange } from "./index.ts";
import { joinOpenPoints } from "./unknowns.ts";
import { judgeVerdict } from "./verdict.ts";

export interface SafetyResult {
  safety: MergeSafety;
  findings: SaidFinding[];
}

export interface SafetyOptions {
  /** Whether the operator has reconciled its FluxInstance by then. */
  adopted: boolean;
  /** What was measured on that cluster. */
  facts?: Facts | undefined;
  /** `Kind namespace/name` of losses and unknowns that the owner takes. */
  accept?: readonly string[] | undefined;
}

/**
 * What Flux will do to one cluster when a change is merged, in every order of reconciling (docs/commands/verify.md).
 * @param model of the tree before the change
 */
export function checkMergeSafety(
  change: TreeChange,
  model: RepoModel,
  cluster: Cluster,
  { adopted, facts, accept = [] }: SafetyOptions,
): SafetyResult {
  const version = parseFluxVersion(facts?.fluxVersion ?? "");
  const comparison = compareTrees(change, model, cluster, {
    adopted,
    ...(facts?.inventories ? { inventories: facts.inventories } : {}),
    ...(version ? { version } : {}),
  });
  const named = new Set(accept);
  const isAccepted = (resource: string) => named.has(resource);
  const unknown = joinOpenPoints(comparison.open, { decides: makeDecides(change, cluster), isAccepted });
  const losses = judgeLosses(comparison, change, cluster.artifactRoot)
    .map((loss) => (isTaken(loss, isAccepted) ? { ...loss, accepted: true as const } : loss))
    .sort((a, b) => Number(b.wanted) - Number(a.wanted) || b.outcome.danger - a.outcome.danger);
  const findings = reportSafety({ comparison, losses, unknown, change, cluster });
  return {
    safety: {
      verdict: judgeVerdict(findings, losses.length > 0, unknown),
      adopted,
      outcomes: countOutcomes(comparison),
      dangers: losses.map((loss) => toDanger(loss, change)),
      transfers: groupTransfers(comparison),
      unknown,
    },
    findings,
  };
}

/** Whoever takes the loss of something takes the loss of what goes with it. */
function isTaken({ outcome }: Loss, isAccepted: (resource: string) => boolean): boolean {
  return [outcome.key, ...outcome.leads].some((key) => isAccepted(printKey(key)));
}

function countOutcomes({ outcomes }: Comparison): MergeSafety["outcomes"] {
  const counts: MergeSafety["outcomes"] = {};
  for (const { fate, key } of outcomes) {
    counts[fate] ??= { count: 0, names: [] };
    counts[fate].count++;
    counts[fate].names.push(printKey(key));
  }
  return counts;
}

function toDanger({ outcome, wanted, because, accepted }: Loss, change: TreeChange): SafetyDanger {
  const at = locateOutcome(change, outcome);
  return {
    resource: printKey(outcome.key),
    outcome: outcome.fate as SafetyDanger["outcome"],
    wanted,
    rank: outcome.danger,
    what: outcome.reason,
    why: because,
    chain: [...outcome.chain],
    ...(at ? { at } : {}),
    ...(accepted ? { accepted } : {}),
  };
}

function groupTransfers({ outcomes }: Comparison): SafetyTransfer[] {
  const groups = new Map<string, SafetyTransfer>();
  for (const { fate, before, after, key } of outcomes) {
    const [from, to] = [before.join(" + "), after.join(" + ")];
    const id = JSON.stringify([from, to, fate]);
    let group = groups.get(id);
    if (!group) {
      group = { ...(from ? { from } : {}), ...(to ? { to } : {}), outcome: fate, count: 0, names: [] };
      groups.set(id, group);
    }
    group.count++;
    group.names.push(printKey(key));
  }
  return [...groups.values()];
}
