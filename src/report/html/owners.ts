import { OPERATOR } from "../../admission/key.ts";
import { getOrMake, groupBy } from "../../contract/group-by.ts";
import type { ObjectFate, SafetyTransfer } from "../../contract/safety.ts";
import { FATE_WORDS } from "../text-safety.ts";

/** Objects that go from one box of the map to another; several owners of the same objects are several lines of a box. */
export interface Flow {
  from: Box;
  to: Box;
  fate: ObjectFate;
  count: number;
}

export interface Box {
  lines: readonly string[];
  /** `none`: no owner at all, such as what is not there yet. */
  kind: "owner" | "operator" | "none";
}

/** More arrows than this are no picture any more. */
const MOST_FLOWS = 14;

/**
 * The map of owners as a picture can hold it. As long as there are too many arrows: who only keeps what it has becomes one box,
 * then owners of a namespace become one, then the smallest flows.
 */
export function drawFlows(transfers: readonly SafetyTransfer[]): Flow[] {
  const named = merge(transfers.map((transfer) => toFlow(transfer, (owner) => owner)));
  if (named.length <= MOST_FLOWS) return sorted(named);
  const quiet = findQuiet(transfers);
  const keepers = `${quiet.size} Kustomizations that keep theirs`;
  const asKeeper = (owner: string) => (quiet.size > 1 && quiet.has(owner) ? keepers : owner);
  const kept = merge(transfers.map((transfer) => toFlow(transfer, asKeeper)));
  if (kept.length <= MOST_FLOWS) return sorted(kept);
  const spaces = groupBy(
    [...ownersOf(transfers)].filter((owner) => !quiet.has(owner)),
    namespaceOf,
  );
  const bySpace = (owner: string) => {
    if (quiet.has(owner)) return asKeeper(owner);
    const all = spaces.get(namespaceOf(owner)) ?? [];
    return all.length > 2 ? `${all.length} Kustomizations in ${namespaceOf(owner)}` : owner;
  };
  const grouped = sorted(merge(transfers.map((transfer) => toFlow(transfer, bySpace))));
  if (grouped.length <= MOST_FLOWS) return grouped;
  const rest = grouped
    .slice(MOST_FLOWS - 3)
    .map((flow) => ({ ...flow, from: toOthers(flow.from), to: toOthers(flow.to) }));
  return sorted(merge([...grouped.slice(0, MOST_FLOWS - 3), ...rest]));
}

const RANK = new Map(FATE_WORDS.map(([fate], index) => [fate, index]));

/** Worst first, then most objects. */
function sorted(flows: readonly Flow[]): Flow[] {
  return [...flows].sort((a, b) => RANK.get(a.fate)! - RANK.get(b.fate)! || b.count - a.count);
}

/** Owners that keep everything they have, and get nothing. */
function findQuiet(transfers: readonly SafetyTransfer[]): Set<string> {
  const loud = new Set(
    transfers
      .filter(({ from, to, outcome }) => outcome !== "kept" || from !== to)
      .flatMap((one) => [...ownersOf([one])]),
  );
  return new Set([...ownersOf(transfers)].filter((owner) => !loud.has(owner)));
}

function ownersOf(transfers: readonly SafetyTransfer[]): Set<string> {
  return new Set(transfers.flatMap(({ from, to }) => [...splitOwners(from), ...splitOwners(to)]));
}

function splitOwners(owners: string | undefined): string[] {
  return owners ? owners.split(" + ") : [];
}

function namespaceOf(owner: string): string {
  return owner.includes("/") ? owner.slice(0, owner.indexOf("/")) : owner;
}

const ENDS: Partial<Record<ObjectFate, string>> = { deleted: "deleted", unknown: "not known" };

function toFlow({ from, to, outcome, count }: SafetyTransfer, nameOf: (owner: string) => string): Flow {
  const box = (owners: string | undefined, none: string): Box => {
    const lines = [...new Set(splitOwners(owners).map(nameOf))];
    if (lines.length === 0) return { lines: [none], kind: "none" };
    return { lines, kind: lines.includes(OPERATOR) ? "operator" : "owner" };
  };
  const end = ENDS[outcome];
  return {
    from: box(from, outcome === "created" ? "not there yet" : "no owner"),
    to: end && !to ? { lines: [end], kind: "none" } : box(outcome === "deleted" ? undefined : to, end ?? "no owner"),
    fate: outcome,
    count,
  };
}

function toOthers({ lines, kind }: Box): Box {
  if (kind === "none") return { lines, kind };
  const own = lines.filter((line) => line === OPERATOR);
  return { lines: lines.length > own.length ? ["other Kustomizations", ...own] : own, kind };
}

/** Flows between the same boxes with the same fate as one. */
function merge(flows: readonly Flow[]): Flow[] {
  const merged = new Map<string, Flow>();
  for (const flow of flows) {
    const key = JSON.stringify([flow.from.lines, flow.to.lines, flow.fate]);
    getOrMake(merged, key, () => ({ ...flow, count: 0 })).count += flow.count;
  }
  return [...merged.values()];
}
