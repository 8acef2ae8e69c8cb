import { formatLoc } from "../contract/errors.ts";
import type { Finding, Level } from "../contract/finding.ts";
import { cleanText, hangText, type Paint, type Style, sayCount, wrapText } from "./terminal.ts";

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
export function findingLines(
  findings: readonly Finding[],
  paint: Paint,
  width: number,
  verbose: boolean,
  stops?: string,
): string[] {
  const lines: string[] = [];
  for (const level of ["blocker", "caution", "info"] as const) {
    const some = findings.filter((finding) => finding.level === level);
    if (some.length === 0) continue;
    const { mark, style, noun } = LOOK[level];
    const says = (level === "blocker" ? stops : undefined) ?? LOOK[level].says;
    lines.push("", `${paint(style, mark)} ${paint("bold", sayCount(some.length, noun))} ${paint("dim", `· ${says}`)}`);
    if (level === "info" && !verbose) lines.push(...noteLines(some, paint, width));
    else for (const finding of some) lines.push(...fullLines(finding, paint, width));
  }
  return lines;
}

function fullLines(finding: Finding, paint: Paint, width: number): string[] {
  const { style } = LOOK[finding.level];
  const owner = [finding.cluster, finding.resource].filter((text) => text !== undefined).map(cleanText);
  const place = finding.at ? [cleanText(formatLoc(finding.at))] : [];
  return [
    "",
    `  ${[...place, ...owner].join("  ")}${place.length + owner.length > 0 ? "  " : ""}${paint(style, finding.rule)}`,
    ...wrapText(finding.what, width - 4).map((line) => `    ${line}`),
    ...hangText("    why   ", finding.why, width, (line) => paint("dim", line)),
    ...hangText("    next  ", finding.next, width),
  ];
}

/** Notes are folded: those of one rule that say the same are one sentence and a list of places. */
function noteLines(notes: readonly Finding[], paint: Paint, width: number): string[] {
  const groups = new Map<string, Finding[]>();
  for (const note of notes) {
    const key = `${note.rule}\u0000${note.what}`;
    groups.set(key, [...(groups.get(key) ?? []), note]);
  }
  const lines: string[] = [];
  for (const group of groups.values()) {
    lines.push("", ...hangText("  ", `${group[0]!.what} (${group[0]!.rule})`, width));
    const places = [...new Set(group.flatMap((note) => (note.at ? [cleanText(formatLoc(note.at))] : [])))];
    const shown = places.length > SHOWN_NOTES + 1 ? places.slice(0, SHOWN_NOTES) : places;
    lines.push(...shown.map((place) => paint("dim", `    ${place}`)));
    const hidden = places.length - shown.length;
    if (hidden > 0) lines.push(paint("dim", `    and ${sayCount(hidden, "more place")}; --verbose lists them`));
  }
  return lines;
}
