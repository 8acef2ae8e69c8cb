import { formatLoc } from "../contract/errors.ts";
import type { Finding, Level } from "../contract/finding.ts";
import { groupBy } from "../contract/group-by.ts";
import {
  cleanText,
  hangAdvice,
  hangDim,
  hangText,
  leavesOut,
  type Screen,
  type Style,
  sayCount,
  shorten,
  wrapText,
} from "./terminal.ts";

const LOOK: Record<Level, { mark: string; style: Style; noun: string; says: string }> = {
  blocker: { mark: "✗", style: "red", noun: "blocker", says: "stops the phase for its cluster" },
  caution: { mark: "⚠", style: "yellow", noun: "caution", says: "read before you merge" },
  info: { mark: "·", style: "cyan", noun: "note", says: "no action needed now" },
};
const LEVELS = ["blocker", "caution", "info"] as const;
/** Findings of one rule, and places of one sentence, that are shown one by one where findings are brief. */
const SHOWN = 3;
/** Room for a number, before sentence and places. */
const INDENT = " ".repeat(5);

/**
 * Findings under one heading a level, biggest danger first, numbered through. `findings` come sorted from `collectFindings`.
 * @param stops what blockers do, where there is no phase that they stop
 */
export function findingLines(findings: readonly Finding[], screen: Screen, stops?: string): string[] {
  const { paint, detail } = screen;
  const lines: string[] = [];
  let number = 0;
  for (const level of LEVELS) {
    const some = findings.filter((finding) => finding.level === level);
    if (some.length === 0) continue;
    const { mark, style, noun } = LOOK[level];
    const isCounted = leavesOut(screen, COUNTED_FROM[level]);
    const says = isCounted ? listRules(some) : ((level === "blocker" ? stops : undefined) ?? LOOK[level].says);
    const [first = "", ...rest] = hangText("  ", `${sayCount(some.length, noun)} · ${says}`, screen.width);
    const head = first.trimStart().split(" · ");
    lines.push(
      "",
      `${paint(style, mark)} ${paint("bold", head[0]!)} ${paint("dim", `· ${head.slice(1).join(" · ")}`)}`,
    );
    lines.push(...rest.map((line) => paint("dim", line)));
    if (isCounted) continue;
    const entries = detail === "full" ? some.map((finding) => [finding]) : groupFindings(some);
    for (const entry of entries) {
      number += 1;
      lines.push(...(detail === "full" ? fullLines(entry[0]!, number, screen) : briefLines(entry, number, screen)));
    }
  }
  return detail === "full" || findings.length === 0 ? lines : [...lines, ...moreLines(findings, screen)];
}

/** Findings of a level are only counted by rule at this detail and above; never what stops a phase. */
const COUNTED_FROM = { blocker: 99, caution: 6, info: 5 } as const;

/** `sync-ref-by-name (3), patch-upgrade`. */
function listRules(findings: readonly Finding[]): string {
  const groups = [...groupBy(findings, ({ rule }) => rule)];
  return groups.map(([rule, { length }]) => (length > 1 ? `${rule} (${length})` : rule)).join(", ");
}

function fullLines(finding: Finding, number: number, screen: Screen): string[] {
  const { width } = screen;
  return [
    "",
    `  ${number}  ${placeOf(finding, screen)}`,
    ...wrapText(finding.what, width - 4).map((line) => `    ${line}`),
    ...hangDim("    why   ", finding.why, screen),
    ...hangAdvice("    next  ", finding.next, width),
  ];
}

/** `apps.yaml:3:1  main  Kustomization flux-system/apps  path-taken`. */
function placeOf({ at, cluster, resource, rule, level }: Finding, { paint }: Screen): string {
  const owner = [at && formatLoc(at), cluster, resource].flatMap((text) => (text === undefined ? [] : cleanText(text)));
  return [...owner, paint(LOOK[level].style, rule)].join("  ");
}

/** The same without the object, which the sentence names; on two lines where it would run over the edge. */
function briefPlace({ at, cluster, rule, level }: Finding, { paint, width }: Screen): string[] {
  const place = at === undefined ? [] : [cleanText(formatLoc(at))];
  const owner = cluster === undefined ? [] : [cleanText(cluster)];
  const fits = [...place, ...owner, rule].join("  ").length + INDENT.length <= width;
  const rest = [...owner, paint(LOOK[level].style, rule)];
  return fits || place.length === 0 ? [[...place, ...rest].join("  ")] : [...place, `  ${rest.join("  ")}`];
}

/** Findings of one rule that end in the same advice: they have one cause, or are settled in one go. */
function groupFindings(findings: readonly Finding[]): Finding[][] {
  return [...groupBy(findings, ({ rule, next }) => JSON.stringify([rule, next])).values()];
}

/** Each sentence once, with its places; what to do only where the phase stops without it. */
function briefLines(group: readonly Finding[], number: number, screen: Screen): string[] {
  const { paint, width } = screen;
  const [first] = group;
  const sentences = [...groupBy(group, ({ what }) => what).values()];
  const [shown, hidden] = shorten(sentences, SHOWN);
  const start = `  ${number}  `;
  const indent = " ".repeat(start.length);
  const lines = shown.flatMap((same, index) => {
    const [places, more] = shorten([...new Set(same.map((finding) => briefPlace(finding, screen).join("\n")))], SHOWN);
    return [
      ...hangText(index === 0 ? start : indent, same[0]!.what, width),
      ...places.flatMap((place) => place.split("\n").map((line) => `${indent}${paint("dim", line)}`)),
      ...(more > 0 ? [paint("dim", `${indent}and ${sayCount(more, "more place")}`)] : []),
    ];
  });
  return [
    ...lines,
    ...(hidden > 0 ? [paint("dim", `${indent}and ${hidden} more of this rule`)] : []),
    ...(first!.level === "blocker" ? hangAdvice(`${indent}next  `, first!.next, width) : []),
  ];
}

/** Where the rest is told. */
function moreLines([first]: readonly Finding[], screen: Screen): string[] {
  const says = `Why, and what to do: --verbose, or by rule: fluxlift explain ${first!.rule}`;
  return hangDim("  ", says, screen);
}
