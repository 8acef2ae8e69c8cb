import type { Finding } from "../contract/finding.ts";
import type { MergeSafety, SafetyDanger, SafetyUnknown, Verdict } from "../contract/safety.ts";
import { forPeople } from "../contract/visible.ts";
import type { VerifyReport } from "../safety/verify.ts";
import { fitParts, type Part } from "./fit-markdown.ts";
import { findingTable, MARKER } from "./markdown.ts";
import { code, escapeText } from "./markdown-escape.ts";
import { dangerTable, outcomeTable, ownerMap, sayVerdict, UNREAD, unknownItems } from "./markdown-safety.ts";
import { compareLevels } from "./summary.ts";
import { clip, sayCount } from "./terminal.ts";
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
export function renderVerifyMarkdown(report: VerifyReport, most = MOST): string {
  const head = headLines(report);
  const room = most - NOTICE - Buffer.byteLength(head.join("\n"));
  const { lines, left } = fitParts(
    [...seriousParts(report), ...clusterParts(report), ...noteParts(report), ...mapParts(report)],
    room,
  );
  const text = [...head, ...sayLeft(left), ...lines].join("\n");
  return `${forPeople(text.replace(/\n{3,}/g, "\n\n")).trimEnd()}\n`;
}

function headLines(report: VerifyReport): string[] {
  const { base, head, changed, verdict } = report;
  const range = `${code(base.commit.slice(0, 7))} → ${code(head.uncommitted ?? head.commit.slice(0, 7))}`;
  const meaning = escapeText(sayVerify(report));
  return [
    MARKER,
    "",
    `# fluxlift: ${TITLES[verdict]}`,
    "",
    `${range}, ${sayCount(changed, "file")} changed: ${meaning}.`,
  ];
}

function sayLeft(left: ReadonlyMap<string, number>): string[] {
  if (left.size === 0) return [];
  const counts = [...left].map(([noun, count]) => sayCount(count, noun));
  return ["", `**Cut for length:** ${counts.join(", ")} left out. \`--format json\` has the whole answer.`];
}

function seriousParts({ findings }: VerifyReport): Part[] {
  const serious = findings.filter(({ level }) => level !== "info");
  if (serious.length === 0) return [];
  const rows = findingTable(serious.map(clipFinding).sort(compareLevels));
  return [tablePart(["", "## Findings", ""], rows, "finding")];
}

function noteParts({ findings }: VerifyReport): Part[] {
  const notes = findings.filter(({ level }) => level === "info");
  if (notes.length === 0) return [];
  const { open, ...rest } = tablePart([], findingTable(notes.map(clipFinding)), "note");
  const title = `<summary>${sayCount(notes.length, "note")}</summary>`;
  return [{ ...rest, open: ["", "<details>", title, "", ...open], close: ["", "</details>"] }];
}

/** Worst first. */
const ORDER: readonly Verdict[] = ["unsafe", "unproven", "deletes", "safe"];

function clusterParts({ clusters }: VerifyReport): Part[] {
  const sorted = [...clusters].sort((a, b) => ORDER.indexOf(a.safety.verdict) - ORDER.indexOf(b.safety.verdict));
  return sorted.flatMap(({ cluster, safety }): Part[] => {
    const says = ["", `## Cluster ${code(clip(cluster, LONGEST_NAME))}`, "", sayVerdict(safety), ""];
    const dangers = safety.dangers.map(clipDanger).sort((a, b) => isOpen(b) - isOpen(a));
    const unknown = unknownItems(safety.unknown.map(clipUnknown));
    return [
      { ...tablePart(says, outcomeTable(clipNames(safety)), "outcome"), whole: "cluster" },
      ...(dangers.length > 0 ? [tablePart([""], dangerTable(dangers), "object")] : []),
      ...(unknown.length > 0 ? [{ open: ["", UNREAD, ""], rows: unknown, close: [], noun: "unknown" }] : []),
    ];
  });
}

function mapParts({ clusters }: VerifyReport): Part[] {
  const several = clusters.length > 1;
  return clusters.flatMap(({ cluster, safety }): Part[] => {
    const map = ownerMap(safety);
    if (map.length === 0) return [];
    const title = several ? ["", `Cluster ${code(clip(cluster, LONGEST_NAME))}:`] : [];
    return [{ open: [...title, "", ...map], rows: [], close: [], noun: "map", whole: "map" }];
  });
}

function isOpen({ wanted, accepted }: SafetyDanger): number {
  return Number(wanted && !accepted);
}

/** @param lines of a table, its two head lines first */
function tablePart(before: readonly string[], lines: readonly string[], noun: string): Part {
  return { open: [...before, ...lines.slice(0, 2)], rows: lines.slice(2), close: [], noun };
}

function clipFinding(finding: Finding): Finding {
  const { at, cluster, resource, what, why, next } = finding;
  return {
    ...finding,
    ...clipPlace(at),
    ...(cluster === undefined ? {} : { cluster: clip(cluster, LONGEST_NAME) }),
    ...(resource === undefined ? {} : { resource: clip(resource, LONGEST_NAME) }),
    what: clip(what, LONGEST_TEXT),
    why: clip(why, LONGEST_TEXT),
    next: clip(next, LONGEST_TEXT),
  };
}

function clipPlace(at: Finding["at"]): Pick<Finding, "at"> {
  return at ? { at: { ...at, file: clip(at.file, LONGEST_NAME) } } : {};
}

function clipDanger(danger: SafetyDanger): SafetyDanger {
  const { at, resource, what, why } = danger;
  const short = {
    resource: clip(resource, LONGEST_NAME),
    what: clip(what, LONGEST_TEXT),
    why: clip(why, LONGEST_TEXT),
  };
  return { ...danger, ...clipPlace(at), ...short };
}

function clipUnknown(unknown: SafetyUnknown): SafetyUnknown {
  return { ...unknown, what: clip(unknown.what, LONGEST_TEXT), look: clip(unknown.look, LONGEST_TEXT) };
}

function clipNames({ outcomes }: MergeSafety): Pick<MergeSafety, "outcomes"> {
  const short = Object.entries(outcomes).map(([fate, { count, names }]) => {
    return [fate, { count, names: names.slice(0, 7).map((name) => clip(name, LONGEST_NAME)) }];
  });
  return { outcomes: Object.fromEntries(short) };
}
