import type { PairRow } from "./types.ts";

export interface RepositoryRows {
  unit: string;
  rows: PairRow[];
}

const LIMIT = 12;

function listed(title: string, lines: readonly string[], all: boolean): string[] {
  const shown = all ? lines : lines.slice(0, LIMIT);
  const rest = lines.length - shown.length;
  return [
    ...shown.map((line) => `    ${title} ${line.slice(0, 260)}`),
    ...(rest > 0 ? [`    ${title} … ${rest} more`] : []),
  ];
}

/** One pair: verdict, what went, what was said, what was missed or invented. */
export function sayPair(unit: string, row: PairRow, all: boolean): string {
  const { pair, said, went, handovers, unread, touched, missed, covered, invented, notes } = row;
  const gone = went.filter(({ how }) => how === "gone");
  const maybe = went.length - gone.length;
  const mark = missed.length > 0 ? "MISSED" : invented.length > 0 ? "INVENTED" : "ok";
  const head = [
    `${mark.padEnd(8)} ${unit.replace("merges/", "")} ${pair}: ${said.verdict} (exit ${said.exit})`,
    `went ${gone.length}${maybe > 0 ? ` + ${maybe} perhaps` : ""}`,
    `said ${said.deleted.length + said.recreated.length}`,
    ...(handovers > 0 ? [`handed over ${handovers}`] : []),
    ...(unread.length > 0 ? [`unread ${unread.length}, touched ${touched.length}`] : []),
  ];
  const details = [
    ...listed(
      "went    ",
      went.map(({ resource, how, why }) => `${resource}${how === "maybe" ? " perhaps" : ""}: ${why}`),
      all,
    ),
    ...listed("said    ", [...said.deleted, ...said.recreated.map((one) => `${one} recreated`)], all),
    ...listed("unknown ", said.unknown, all),
    ...listed("unread  ", touched, all),
    ...listed("missed  ", missed, true),
    ...listed("covered ", covered, all),
    ...listed("invented", invented, true),
    ...listed("note    ", notes, true),
  ];
  return [head.join("; "), ...details].join("\n");
}

const percent = (part: number, whole: number): string => `${((100 * part) / Math.max(1, whole)).toFixed(1)} %`;

/** Counts over all pairs. */
export function sumUp(all: readonly RepositoryRows[], seconds: number): string {
  const rows = all.flatMap((one) => one.rows);
  const verdicts = new Map<string, number>();
  for (const { said } of rows) {
    const key = said.verdict.startsWith("error") ? "error" : said.verdict;
    verdicts.set(key, (verdicts.get(key) ?? 0) + 1);
  }
  const sum = (pick: (row: PairRow) => number): number => rows.reduce((total, row) => total + pick(row), 0);
  const pairs = (pick: (row: PairRow) => number): number => rows.filter((row) => pick(row) > 0).length;
  const gone = (row: PairRow): number => row.went.filter(({ how }) => how === "gone").length;
  const unproven = rows.filter(({ said }) => said.verdict === "unproven");
  const groundless = unproven.filter(({ touched }) => touched.length === 0).length;
  const calm = rows.filter(({ said, touched }) => /^(safe|deletes)$/.test(said.verdict) && touched.length > 0).length;
  const times = rows.map(({ said }) => said.seconds).sort((a, b) => a - b);
  return [
    `${rows.length} pairs: ${[...verdicts].map(([verdict, count]) => `${count} ${verdict}`).join(", ")}`,
    `went     ${sum(gone)} objects in ${pairs(gone)} pairs`,
    `missed   ${sum((row) => row.missed.length)} in ${pairs((row) => row.missed.length)} pairs`,
    `covered  ${sum((row) => row.covered.length)} in ${pairs((row) => row.covered.length)} pairs (not named, but the verdict is unproven)`,
    `invented ${sum((row) => row.invented.length)} in ${pairs((row) => row.invented.length)} pairs`,
    `unproven ${percent(unproven.length, rows.length)}; in ${groundless} of ${unproven.length} the judge reads everything that is touched`,
    `calm     ${calm} pairs touch what does not build under the verdict safe or deletes`,
    `cut      ${rows.filter(({ said }) => said.cut).length} answers with a list of names that is cut`,
    `time     verify median ${times[Math.floor(times.length / 2)]?.toFixed(2)} s, all of it ${seconds.toFixed(0)} s`,
  ].join("\n");
}
