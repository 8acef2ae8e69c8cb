import { groupSteps } from "./differ.ts";
import type { Difference } from "./types.ts";

export interface SayOptions {
  /** Lines of a file's diff or of a finding's words that are shown. */
  details: number;
  width: number;
}

const MAX_STEPS = 4;

/** Differences of one unit, by kind, what several steps share once. */
export function sayUnit(unit: string, differences: readonly Difference[], { details, width }: SayOptions): string {
  const lines = [`${unit}: ${differences.length} differences`];
  let kind = "";
  const grouped = groupSteps(differences).sort((a, b) => a.kind.localeCompare(b.kind));
  for (const difference of grouped) {
    if (difference.kind !== kind) lines.push(`  ${difference.kind}`);
    kind = difference.kind;
    const { steps, side, text, detail } = difference;
    const more = steps.length > MAX_STEPS ? `, ${steps.length - MAX_STEPS} more` : "";
    const where = `${steps.slice(0, MAX_STEPS).join(", ")}${more}`;
    const [first = "", ...rest] = text.split("\n");
    lines.push(`    ${side} ${first.slice(0, width)}  {${where}}`);
    const below = [...rest, ...(detail ? detail.split("\n") : [])];
    for (const line of below.slice(0, details)) lines.push(`        ${line.slice(0, width)}`);
    if (details > 0 && below.length > details) lines.push(`        … ${below.length - details} lines more`);
  }
  return lines.join("\n");
}

/** How often each kind of difference, and each rule, was met: what one change of the tool did everywhere. */
export function saySummary(differences: readonly Difference[]): string {
  const counts = new Map<string, { times: number; units: Set<string> }>();
  for (const { kind, side, text, unit } of differences) {
    const rule = kind === "finding" ? ` ${text.split(" ").slice(0, 2).join(" ")}` : kind === "exit" ? ` ${text}` : "";
    const key = `${kind} ${side}${rule}`;
    const known = counts.get(key) ?? { times: 0, units: new Set<string>() };
    counts.set(key, known);
    known.times++;
    known.units.add(unit);
  }
  return [...counts]
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([key, { times, units }]) => `  ${String(times).padStart(5)} in ${String(units.size).padStart(3)}  ${key}`)
    .join("\n");
}
