import type { Finding } from "../engine/types.ts";
import type { VerifyReport } from "../engine/verify.ts";
import { MARKER, renderFindings } from "./markdown.ts";
import { code, escapeText } from "./markdown-escape.ts";
import { safetySection } from "./markdown-safety.ts";
import { printSarif } from "./sarif.ts";
import { cleanText, makePaint, sayCount } from "./terminal.ts";
import { DEFAULT_WIDTH, type TextOptions } from "./text.ts";
import { findingLines } from "./text-findings.ts";
import { safetyLines } from "./text-safety.ts";

const RANK = { blocker: 0, caution: 1, info: 2 };

/** What merging would do, for a person at a terminal. */
export function renderVerifyText(report: VerifyReport, options: TextOptions): string {
  const paint = makePaint(options.colour);
  const width = Math.max(40, options.width ?? DEFAULT_WIDTH);
  const { base, head, changed, clusters } = report;
  const range = `${base.revision} (${base.commit.slice(0, 7)}) → ${head.revision} (${head.commit.slice(0, 7)})`;
  const lines = [
    `${paint("bold", `fluxlift ${report.version}`)}  ${paint("dim", cleanText(`${range} · ${sayCount(changed, "file")} changed`))}`,
  ];
  for (const { cluster, safety } of clusters) {
    lines.push("", `${paint("cyan", "►")} ${paint("bold", cleanText(cluster))}`);
    lines.push(...safetyLines(safety, paint, width, options.verbose));
  }
  lines.push(...findingLines(sorted(report.findings), paint, width, options.verbose, "settle before you merge"), "");
  lines.push(sayVerdict(report, paint));
  return `${lines.join("\n")}\n`;
}

/** What cannot be seen is never called safe, though it stops nothing. */
function sayVerdict(report: VerifyReport, paint: ReturnType<typeof makePaint>): string {
  const unknown = countUnknown(report);
  if (!report.safe) {
    return `${paint("red", "✗")} ${paint("bold", "not safe to merge")}  see the ${sayCount(count(report), "blocker")} above`;
  }
  if (unknown > 0) {
    return `${paint("yellow", "!")} ${paint("bold", "no harm found")}  but ${sayCount(unknown, "thing")} cannot be known: see above`;
  }
  return `${paint("green", "✔")} ${paint("bold", "safe to merge")}  nothing still wanted can be deleted, in any order of reconciling`;
}

function countUnknown({ clusters }: VerifyReport): number {
  return clusters.reduce((sum, { safety }) => sum + safety.unknown.length, 0);
}

/** The same for a pull request. */
export function renderVerifyMarkdown(report: VerifyReport): string {
  const { base, head, clusters, findings } = report;
  const [title, meaning] = headline(report);
  const lines = [
    MARKER,
    "",
    `# fluxlift: ${title}`,
    "",
    `${code(base.commit.slice(0, 7))} → ${code(head.commit.slice(0, 7))}, ${sayCount(report.changed, "file")} changed. ${escapeText(meaning)}`,
  ];
  if (findings.length > 0) lines.push("", "## Findings", "", ...renderFindings(sorted(findings)));
  for (const { cluster, safety } of clusters) {
    lines.push("", `## Cluster ${code(cluster)}`, ...safetySection(safety, ""));
  }
  return `${lines.join("\n").replace(/\n{3,}/g, "\n\n")}\n`;
}

function headline(report: VerifyReport): [title: string, meaning: string] {
  const unknown = countUnknown(report);
  if (!report.safe) return ["not safe to merge", `${sayCount(count(report), "finding")} must be settled first.`];
  if (unknown > 0) {
    return [
      "no harm found",
      `Nothing shows that something wanted goes, but ${sayCount(unknown, "thing")} cannot be known.`,
    ];
  }
  return [
    "safe to merge",
    "Nothing that is still wanted can be deleted, whatever the order in which the controllers reconcile.",
  ];
}

export function renderVerifyJson(report: VerifyReport): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

export function renderVerifySarif(report: VerifyReport): string {
  return printSarif(sorted(report.findings));
}

function count({ findings }: VerifyReport): number {
  return findings.filter(({ level }) => level === "blocker").length;
}

function sorted(findings: readonly Finding[]): Finding[] {
  return [...findings].sort((a, b) => RANK[a.level] - RANK[b.level]);
}
