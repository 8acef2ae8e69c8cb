/** Items of the gate (docs/corpus.md). */
export type GateItem = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14;
export const GATE_ITEMS: readonly GateItem[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];

/** `n.c.` = could not be checked here, neither pass nor fail; `-` = does not apply. */
export type Status = "ok" | "FAIL" | "n.c." | "-";

export interface GateResult {
  item: GateItem;
  status: Status;
  /** Why it failed or could not be checked, one sentence each. */
  reasons: string[];
  /** Accepted differences a person may want to see, such as RBAC. */
  notes: string[];
}

/** Collects what one gate item saw; a failure outweighs an unchecked part. */
export class Verdict {
  readonly item: GateItem;
  private readonly failures: string[] = [];
  private readonly unchecked: string[] = [];
  private readonly notes: string[] = [];

  constructor(item: GateItem) {
    this.item = item;
  }

  fail(reason: string): void {
    if (!this.failures.includes(reason)) this.failures.push(reason);
  }

  skip(reason: string): void {
    if (!this.unchecked.includes(reason)) this.unchecked.push(reason);
  }

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }

  result(): GateResult {
    const status: Status = this.failures.length > 0 ? "FAIL" : this.unchecked.length > 0 ? "n.c." : "ok";
    return { item: this.item, status, reasons: [...this.failures, ...this.unchecked], notes: this.notes };
  }
}

/** Result of an item that has no meaning for this state or phase. */
export function notApplicable(item: GateItem, reason?: string): GateResult {
  return { item, status: "-", reasons: reason ? [reason] : [], notes: [] };
}

/** Sums up one item over several phases or clusters: FAIL, then n.c., then ok, then `-`. */
export function mergeResults(item: GateItem, results: GateResult[]): GateResult {
  const own = results.filter((result) => result.item === item);
  const status =
    (["FAIL", "n.c.", "ok"] as const).find((candidate) => own.some((result) => result.status === candidate)) ?? "-";
  const of = (wanted: Status) => own.filter((result) => result.status === wanted);
  return {
    item,
    status,
    reasons: [...new Set(of(status).flatMap((result) => result.reasons))],
    notes: [...new Set(own.flatMap((result) => result.notes))],
  };
}

/** One place that still names something the migration removed. */
export interface Mention {
  file: string;
  line: number;
  what: string;
}
