import { GATE_ITEMS, type GateItem } from "./gate/types.ts";
import type { Outcome, Row } from "./verdict.ts";

const statusOf = (row: Row, item: GateItem): string =>
  row.results.find((result) => result.item === item)?.status ?? "-";

/** Lines of the table, one a row, columns padded, the reason last and cut to fit. */
export function renderTable(rows: Row[], reasonWidth = 160): string {
  const header = [
    "state",
    "scenario",
    "cluster",
    "style",
    "flux",
    "reached",
    ...GATE_ITEMS.map(String),
    "outcome",
    "reason",
  ];
  const body = rows.map((row) => [
    row.state,
    row.scenario,
    row.cluster,
    row.style,
    row.version,
    row.reached,
    ...GATE_ITEMS.map((item) => statusOf(row, item)),
    row.outcome,
    row.reason.replace(/\s+/g, " ").slice(0, reasonWidth),
  ]);
  const widths = header.map((title, column) =>
    Math.max(title.length, ...body.map((line) => line[column]?.length ?? 0)),
  );
  const print = (line: string[]): string =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [header, ...body].map(print).join("\n");
}

/** Reasons of every failed or unchecked item, grouped by row; at most `limit` an item. */
export function renderReasons(rows: Row[], limit = 12): string {
  return rows
    .flatMap((row) => {
      const bad = row.results.filter((result) => result.status === "FAIL" || result.status === "n.c.");
      if (bad.length === 0) return [];
      const lines = bad.flatMap((result) => [
        ...result.reasons.slice(0, limit).map((reason) => `  ${result.item} ${result.status}: ${reason}`),
        ...(result.reasons.length > limit ? [`  ${result.item} and ${result.reasons.length - limit} more`] : []),
      ]);
      return [`${row.state} ${row.cluster} (${row.scenario})`, ...lines];
    })
    .join("\n");
}

const WORST: Outcome[] = ["FAIL", "blocked?", "blocked", "pass", "n/a"];

/** Counts by state: a state is as good as its worst row. */
export function summarise(rows: Row[]): string {
  const count = (wanted: Row[]): string => {
    const states = new Map<string, Outcome>();
    for (const row of wanted) {
      const known = states.get(row.state);
      if (!known || WORST.indexOf(row.outcome) < WORST.indexOf(known)) states.set(row.state, row.outcome);
    }
    const of = (outcome: Outcome): number => [...states.values()].filter((value) => value === outcome).length;
    return `${states.size} states: ${of("pass")} pass, ${of("blocked")} stop with a blocker that the gate confirms, ${of("blocked?")} stop with a blocker to judge, ${of("FAIL")} fail, ${of("n/a")} not applicable`;
  };
  const required = rows.filter((row) => row.required);
  return [`all       ${count(rows)}`, `required  ${count(required)}`, sumBoundaries(rows)].join("\n");
}

/** How many of the clusters that pass are proven safe at every boundary, and what keeps the others from it. */
function sumBoundaries(rows: Row[]): string {
  const passing = rows.filter((row) => row.outcome === "pass" && row.scenario === "all");
  const proven = passing.filter((row) => statusOf(row, 7) === "ok");
  const share = passing.length === 0 ? 100 : (100 * proven.length) / passing.length;
  const open = passing.filter((row) => statusOf(row, 7) !== "ok");
  const lines = open.map((row) => {
    const reasons = row.results.find(({ item }) => item === 7)?.reasons ?? [];
    const more = reasons.length > 1 ? ` (and ${reasons.length - 1} more)` : "";
    return `  ${row.state} ${row.cluster}: ${reasons[0] ?? "?"}${more}`;
  });
  return [
    `safety    ${proven.length} of ${passing.length} passing clusters are proven safe at every boundary (${share.toFixed(1)} %)`,
    ...lines,
  ].join("\n");
}
