import type { Row } from "./weigh.ts";

type Kept = Pick<Row, "outcome" | "verdict" | "kind">;

const countBy = (rows: readonly Kept[], by: (row: Kept) => string): string => {
  const counts = new Map<string, number>();
  for (const row of rows) counts.set(by(row), (counts.get(by(row)) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([key, count]) => `${count} ${key}`)
    .join(", ");
};

/** What this run found in full, and the counts of everything that is recorded. */
export function sumUp(judged: readonly Row[], kept: readonly Kept[], seconds: number): string {
  const bad = judged.filter(({ outcome }) => !/^(ok|idle|none)$/.test(outcome));
  const rows = kept.filter(({ kind }) => kind);
  return [
    ...bad.map((row) =>
      [
        `${row.outcome.toUpperCase()} seed ${row.seed} ${row.state}: ${row.kind}; ${row.what}; says ${row.verdict}`,
        ...row.details.map((line) => `    ${line.slice(0, 240)}`),
        ...row.findings.filter((line) => !line.startsWith("info")).map((line) => `    said ${line.slice(0, 200)}`),
      ].join("\n"),
    ),
    `judged   ${judged.length} in ${seconds.toFixed(0)} s`,
    `recorded ${rows.length} of ${new Set(rows.map(({ kind }) => kind)).size} kinds`,
    `verdicts ${countBy(rows, ({ verdict }) => verdict)}`,
    `outcomes ${countBy(rows, ({ outcome }) => outcome)}`,
  ].join("\n");
}
