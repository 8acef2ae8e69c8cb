import { formatLoc } from "../contract/errors.ts";
import type { Finding, Level } from "../contract/finding.ts";
import { groupBy } from "../contract/group-by.ts";
import { cleanText, hangDim, hangText, type Screen, type Style, sayCount, shorten, wrapText } from "./terminal.ts";

const LOOK: Record<Level, { mark: string; style: Style; noun: string; says: string }> = {
  blocker: { mark: "✗", style: "red", noun: "blocker", says: "stops the phase for its cluster" },
  caution: { mark: "⚠", style: "yellow", noun: "caution", says: "read before you merge" },
  info: { mark: "·", style: "cyan", noun: "note", says: "no action needed now" },
};
/** Notes of one rule that are shown one by one without `--verbose`. */
const SHOWN_NOTES = 3;

/**
 * Findings under one heading a level, biggest danger first. `findings` come sorted from `collectFindings`.
 * @param stops what blockers do, where there is no phase that they stop
 */
export function findingLines(findings: readonly Finding[], screen: Screen, stops?: string): string[] {
  const { paint, verbose } = screen;
  const lines: string[] = [];
  for (const level of ["blocker", "caution", "info"] as const) {
    const some = findings.filter((finding) => finding.level === level);
    if (some.length === 0) continue;
    const { mark, style, noun } = LOOK[level];
    const says = (level === "blocker" ? stops : undefined) ?? LOOK[level].says;
    lines.push("", `${paint(style, mark)} ${paint("bold", sayCount(some.length, noun))} ${paint("dim", `· ${says}`)}`);
    if (level === "info" && !verbose) lines.push(...noteLines(some, screen));
    else lines.push(...some.flatMap((finding) => fullLines(finding, screen)));
  }
  return lines;
}

function fullLines(finding: Finding, screen: Screen): string[] {
  const { paint, width } = screen;
  const place = finding.at && formatLoc(finding.at);
  const owner = [place, finding.cluster, finding.resource].flatMap((text) =>
    text === undefined ? [] : cleanText(text),
  );
  return [
    "",
    `  ${[...owner, paint(LOOK[finding.level].style, finding.rule)].join("  ")}`,
    ...wrapText(finding.what, width - 4).map((line) => `    ${line}`),
    ...hangDim("    why   ", finding.why, screen),
    ...hangText("    next  ", finding.next, width),
  ];
}

/** Notes are folded: those of one rule that say the same are one sentence and a list of places. */
function noteLines(notes: readonly Finding[], { paint, width }: Screen): string[] {
  const groups = groupBy(notes, ({ rule, what }) => `${rule}\u0000${what}`);
  return [...groups.values()].flatMap((group) => {
    const { rule, what } = group[0]!;
    const places = new Set(group.flatMap(({ at }) => (at ? [cleanText(formatLoc(at))] : [])));
    const [shown, hidden] = shorten([...places], SHOWN_NOTES);
    return [
      "",
      ...hangText("  ", `${what} (${rule})`, width),
      ...shown.map((place) => paint("dim", `    ${place}`)),
      ...(hidden > 0 ? [paint("dim", `    and ${sayCount(hidden, "more place")}; --verbose lists them`)] : []),
    ];
  });
}
