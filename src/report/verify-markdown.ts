import { clip } from "../contract/cut.ts";
import type { Finding } from "../contract/finding.ts";
import type { Markdown } from "../contract/media.ts";
import type { MergeSafety, SafetyDanger, SafetyUnknown, Verdict } from "../contract/safety.ts";
import type { VerifyReport } from "../safety/verify.ts";
import { fitParts, type Part } from "./fit-markdown.ts";
import { findingTable, MARKER } from "./markdown.ts";
import { code, escapeText, joinPage, md } from "./markdown-escape.ts";
import { dangerTable, outcomeTable, ownerMap, sayVerdict, UNREAD, unknownItems } from "./markdown-safety.ts";
import { withoutFound, withoutListed, withoutStanding } from "./said-once.ts";
import { compareLevels } from "./summary.ts";
import { sayCount } from "./terminal.ts";
import { verifyWords } from "./text-safety.ts";
import { sayVerify, TITLES } from "./verify-headline.ts";

/** What code hosts take as one comment is a little more: 65,536 on GitHub. */
const MOST = 65_000;
/** Room for the sentence that says what is left out. */
const NOTICE = 500;
/** Escaping makes a text up to six times as long; a row of five such cells still fits. */
const LONGEST_TEXT = 1200;
const LONGEST_NAME = 200;

/**
 * The answer as a comment of a pull request, the most important first; what does not fit is counted.
 * @param most bytes of UTF-8
 */
export function renderVerifyMarkdown(report: VerifyReport, most = MOST): Markdown {
  const head = headLines(report);
  const room = most - NOTICE - Buffer.byteLength(head.join("\n"));
  const { lines, left } = fitParts(
    [...seriousParts(report), ...clusterParts(report), ...noteParts(report), ...mapParts(report)],
    room,
  );
  return joinPage([...head, ...sayLeft(left), ...lines]);
}

function headLines(report: VerifyReport): Markdown[] {
  const { base, head, changed, verdict } = report;
  const range = md`${code(base.commit.slice(0, 7))} → ${code(head.uncommitted ?? head.commit.slice(0, 7))}`;
  const meaning = escapeText(sayVerify(report));
  return [
    MARKER,
    md``,
    md`# fluxlift: ${escapeText(TITLES[verdict])}`,
    md``,
    md`${range}, ${escapeText(sayCount(changed, "file"))} changed: ${meaning}.`,
  ];
}

function sayLeft(left: ReadonlyMap<string, number>): Markdown[] {
  if (left.size === 0) return [];
  const counts = [...left].map(([noun, count]) => sayCount(count, noun));
  return [
    md``,
    md`**Cut for length:** ${escapeText(counts.join(", "))} left out. \`--format json\` has the whole answer.`,
  ];
}

function seriousParts({ findings }: VerifyReport): Part[] {
  const serious = findings.filter(({ level }) => level !== "info");
  if (serious.length === 0) return [];
  const rows = findingTable(serious.map(clipSaid).sort(compareLevels));
  return [tablePart([md``, md`## Findings`, md``], rows, "finding")];
}

function noteParts(report: VerifyReport): Part[] {
  const notes = withoutListed(report).filter(({ level }) => level === "info");
  if (notes.length === 0) return [];
  const { open, ...rest } = tablePart([], findingTable(notes.map(clipSaid)), "note");
  const title = md`<summary>${escapeText(sayCount(notes.length, "note"))}</summary>`;
  return [{ ...rest, open: [md``, md`<details>`, title, md``, ...open], close: [md``, md`</details>`] }];
}

/** Worst first. */
const ORDER: readonly Verdict[] = ["unsafe", "unproven", "deletes", "safe"];

function clusterParts({ clusters, findings }: VerifyReport): Part[] {
  const sorted = [...clusters].sort((a, b) => ORDER.indexOf(a.safety.verdict) - ORDER.indexOf(b.safety.verdict));
  return sorted.flatMap(({ cluster, safety }): Part[] => {
    const says = [md``, md`## Cluster ${code(clip(cluster, LONGEST_NAME))}`, md``, sayVerdict(safety), md``];
    const dangers = safety.dangers.map(clipSaid).sort((a, b) => isOpen(b) - isOpen(a));
    const unknown = unknownItems(withoutFound(safety.unknown, findings).map(clipUnknown));
    const outcomes = outcomeTable(clipNames({ outcomes: withoutStanding(safety) }), verifyWords(safety));
    const counted = outcomes.length > 2 ? tablePart(says, outcomes, "outcome") : emptyPart(says.slice(0, -1));
    return [
      { ...counted, whole: "cluster" },
      ...(dangers.length > 0 ? [tablePart([md``], dangerTable(dangers), "object")] : []),
      ...(unknown.length > 0 ? [{ open: [md``, UNREAD, md``], rows: unknown, close: [], noun: "unknown" }] : []),
    ];
  });
}

function mapParts({ clusters }: VerifyReport): Part[] {
  const several = clusters.length > 1;
  return clusters.flatMap(({ cluster, safety }): Part[] => {
    // Where everything stays with its owner a map says nothing.
    const moves = safety.transfers.some(({ from, to, outcome }) => from !== to || outcome === "recreated");
    const map = moves ? ownerMap(safety) : [];
    if (map.length === 0) return [];
    const title = several ? [md``, md`Cluster ${code(clip(cluster, LONGEST_NAME))}:`] : [];
    return [{ open: [...title, md``, ...map], rows: [], close: [], noun: "map", whole: "map" }];
  });
}

function isOpen({ wanted, accepted }: SafetyDanger): number {
  return Number(wanted && !accepted);
}

/** @param lines of a table, its two head lines first */
function tablePart(before: readonly Markdown[], lines: readonly Markdown[], noun: string): Part {
  return { open: [...before, ...lines.slice(0, 2)], rows: lines.slice(2), close: [], noun };
}

function emptyPart(open: readonly Markdown[]): Part {
  return { open: [...open], rows: [], close: [], noun: "outcome" };
}

/** A finding or a danger: its names and its sentences. */
function clipSaid<T extends Finding | SafetyDanger>(said: T): T {
  const at = said.at && { at: { ...said.at, file: clip(said.at.file, LONGEST_NAME) } };
  const names = clipFields(said, ["cluster", "resource"], LONGEST_NAME);
  return { ...said, ...at, ...names, ...clipFields(said, ["what", "why", "next"], LONGEST_TEXT) };
}

function clipUnknown(unknown: SafetyUnknown): SafetyUnknown {
  return { ...unknown, ...clipFields(unknown, ["what", "look"], LONGEST_TEXT) };
}

function clipFields(said: object, fields: readonly string[], most: number): Record<string, string> {
  const texts = Object.entries(said).filter(([field, value]) => fields.includes(field) && typeof value === "string");
  return Object.fromEntries(texts.map(([field, text]) => [field, clip(text, most)]));
}

function clipNames({ outcomes }: Pick<MergeSafety, "outcomes">): Pick<MergeSafety, "outcomes"> {
  const short = Object.entries(outcomes).map(([fate, { count, names }]) => {
    return [fate, { count, names: names.slice(0, 7).map((name) => clip(name, LONGEST_NAME)) }];
  });
  return { outcomes: Object.fromEntries(short) };
}
