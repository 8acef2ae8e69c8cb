import {
  type Comparison,
  compareTrees,
  judgeLosses,
  type Loss,
  printKey,
  type TreeChange,
} from "../flux/ownership/index.ts";
import { parseFluxVersion } from "../flux/releases.ts";
import type { Cluster, RepoModel } from "../flux/types.ts";
import { locateOutcome, reportSafety, saySwitch } from "./safety-findings.ts";
import type { DraftFinding } from "./transform.ts";
import type { Facts, MergeSafety, ObjectFate, SafetyDanger, SafetyTransfer } from "./types.ts";
import { joinUnknowns } from "./unknowns.ts";

/** Names listed of each outcome. */
const MAX_NAMES = 50;
const MAX_DANGERS = 200;
const MAX_EXAMPLES = 3;

export interface SafetyResult {
  safety: MergeSafety;
  findings: DraftFinding[];
}

/**
 * What Flux will do to one cluster when a change is merged, whatever the order of reconciling (design section 9).
 * @param model of the tree before the change
 * @param adopted whether the operator has reconciled its FluxInstance by then
 * @param facts what was measured on that cluster
 */
export function checkMergeSafety(
  change: TreeChange,
  model: RepoModel,
  cluster: Cluster,
  adopted: boolean,
  facts?: Facts,
): SafetyResult {
  const version = parseFluxVersion(facts?.fluxVersion ?? "");
  const compared = compareTrees(change, model, cluster, {
    adopted,
    ...(facts?.inventories ? { inventories: facts.inventories } : {}),
    ...(version ? { version } : {}),
  });
  const comparison = { ...compared, unknown: joinUnknowns(compared.unknown) };
  const losses = judgeLosses(comparison, change).sort(
    (a, b) => Number(b.wanted) - Number(a.wanted) || b.outcome.danger - a.outcome.danger,
  );
  return {
    safety: {
      adopted,
      outcomes: countOutcomes(comparison),
      dangers: losses.slice(0, MAX_DANGERS).map((loss) => toDanger(loss, change)),
      transfers: groupTransfers(comparison),
      unknown: [...comparison.switched.map(saySwitch), ...comparison.unknown],
    },
    findings: reportSafety({ comparison, losses, change, cluster }),
  };
}

function countOutcomes({ outcomes }: Comparison): MergeSafety["outcomes"] {
  const counts: MergeSafety["outcomes"] = {};
  for (const { fate, key } of outcomes) {
    counts[fate] ??= { count: 0, names: [] };
    const known = counts[fate];
    known.count++;
    // What stays is the rest of the tree: its number says enough.
    if (fate !== "kept" && known.names.length < MAX_NAMES) known.names.push(printKey(key));
  }
  return counts;
}

function toDanger({ outcome, wanted, because }: Loss, change: TreeChange): SafetyDanger {
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
  };
}

function groupTransfers({ outcomes }: Comparison): SafetyTransfer[] {
  const groups = new Map<string, SafetyTransfer>();
  for (const { fate, before, after, key } of outcomes) {
    const [from, to] = [before.join(" + "), after.join(" + ")];
    const id = JSON.stringify([from, to, fate]);
    let group = groups.get(id);
    if (!group) {
      group = { ...(from ? { from } : {}), ...(to ? { to } : {}), outcome: fate, count: 0, examples: [] };
      groups.set(id, group);
    }
    group.count++;
    if (group.examples.length < MAX_EXAMPLES) group.examples.push(printKey(key));
  }
  return [...groups.values()];
}

/** Order in which reports name outcomes: the worst first. */
export const FATES: readonly ObjectFate[] = [
  ...(["deleted", "recreated", "unknown", "orphaned", "moved", "adopted", "created", "kept"] as const),
];
