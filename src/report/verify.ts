import type { Finding } from "../contract/finding.ts";
import { listSome } from "../findings/rule-text.ts";
import type { VerifyReport } from "../safety/verify.ts";
import { MARKER, renderFindings } from "./markdown.ts";
import { code, escapeText } from "./markdown-escape.ts";
import { safetySection } from "./markdown-safety.ts";
import { printSarif } from "./sarif.ts";
import { compareLevels } from "./summary.ts";
import { cleanText, openScreen, sayCount, type TextOptions } from "./terminal.ts";
import { findingLines } from "./text-findings.ts";
import { safetyLines } from "./text-safety.ts";

/** Names in the one line that says it all. */
const SHOWN = 3;

/** What merging would do, in one of the formats of `fluxlift verify`; text where the format has no other meaning. */
export function renderVerify(report: VerifyReport, format: string, options: TextOptions): string {
  if (format === "json") return `${JSON.stringify(report, null, 2)}\n`;
  if (format === "markdown") return renderMarkdown(report);
  if (format === "sarif") return printSarif(sorted(report.findings));
  return renderText(report, options);
}

const GLYPHS = { safe: "✔", deletes: "✔", unproven: "!", unsafe: "✗" } as const;
const STYLES = { safe: "green", deletes: "green", unproven: "yellow", unsafe: "red" } as const;

/** For a person at a terminal. */
function renderText(report: VerifyReport, options: TextOptions): string {
  const screen = openScreen(options);
  const { paint } = screen;
  const { base, head, changed, clusters, verdict } = report;
  const range = `${base.revision} (${base.commit.slice(0, 7)}) → ${head.revision} (${head.commit.slice(0, 7)})`;
  const [title, meaning] = headline(report);
  const lines = [
    `${paint("bold", `fluxlift ${report.version}`)}  ${paint("dim", cleanText(`${range} · ${sayCount(changed, "file")} changed`))}`,
    ...clusters.flatMap(({ cluster, safety }) => [
      "",
      `${paint("cyan", "►")} ${paint("bold", cleanText(cluster))}`,
      ...safetyLines(safety, screen),
    ]),
    ...findingLines(sorted(report.findings), screen, "settle before you merge"),
    "",
    `${paint(STYLES[verdict], GLYPHS[verdict])} ${paint("bold", title)}  ${cleanText(meaning)}`,
  ];
  return `${lines.join("\n")}\n`;
}

/** The answer in one line: the verdict, and what it rests on by name. */
function headline({ verdict, clusters, findings }: VerifyReport): [title: string, meaning: string] {
  const unknown = clusters.flatMap(({ safety }) => safety.unknown);
  const gone = clusters.flatMap(({ safety }) => safety.dangers);
  const accepted = [...gone, ...unknown].filter((one) => one.accepted).length;
  switch (verdict) {
    case "safe":
      return ["safe to merge", "nothing goes, in any order of reconciling"];
    case "deletes": {
      const names = sayNames(gone.map(({ resource }) => resource));
      const says = gone.length > 0 ? `${sayCount(gone.length, "object")}: ${names}` : "nothing that is known";
      const taken = accepted > 0 ? `taken out on purpose or accepted (${accepted})` : "each taken out on purpose";
      return ["deletes on purpose", `${says}; ${taken}`];
    }
    case "unproven": {
      const open = unknown.filter((one) => !one.accepted);
      if (open.length === 0) return ["not proven safe", "no cluster was recognised"];
      const names = sayNames(open.map(({ resources }) => resources[0]!));
      return ["not proven safe", `${sayCount(open.length, "thing")} that the change touches cannot be read: ${names}`];
    }
    case "unsafe": {
      const blockers = findings.filter(({ level }) => level === "blocker");
      const names = sayNames(blockers.flatMap(({ resource }) => resource ?? []));
      return ["not safe to merge", `${sayCount(blockers.length, "blocker")} above${names ? `: ${names}` : ""}`];
    }
  }
}

const sayNames = (all: readonly string[]) => listSome([...new Set(all)], SHOWN);

/** For a pull request. */
function renderMarkdown(report: VerifyReport): string {
  const { base, head, clusters, findings } = report;
  const [title, meaning] = headline(report);
  const lines = [
    MARKER,
    "",
    `# fluxlift: ${title}`,
    "",
    `${code(base.commit.slice(0, 7))} → ${code(head.commit.slice(0, 7))}, ${sayCount(report.changed, "file")} changed: ${escapeText(meaning)}.`,
  ];
  if (findings.length > 0) lines.push("", "## Findings", "", ...renderFindings(sorted(findings)));
  for (const { cluster, safety } of clusters) {
    lines.push("", `## Cluster ${code(cluster)}`, ...safetySection(safety, ""));
  }
  return `${lines.join("\n").replace(/\n{3,}/g, "\n\n")}\n`;
}

function sorted(findings: readonly Finding[]): Finding[] {
  return [...findings].sort(compareLevels);
}
