import type { Finding } from "../contract/finding.ts";
import { forPeople } from "../contract/visible.ts";
import type { VerifyReport } from "../safety/verify.ts";
import { printJson } from "./json.ts";
import { printSarif } from "./sarif.ts";
import { compareLevels } from "./summary.ts";
import { cleanText, openScreen, sayCount, type TextOptions } from "./terminal.ts";
import { findingLines } from "./text-findings.ts";
import { safetyLines } from "./text-safety.ts";
import { sayVerify, TITLES, UNCOMMITTED } from "./verify-headline.ts";
import { renderVerifyMarkdown } from "./verify-markdown.ts";

/** What merging would do, in one of the formats of `fluxlift verify`; text where the format has no other meaning. */
export function renderVerify(report: VerifyReport, format: string, options: TextOptions): string {
  if (format === "json") return printJson(report);
  if (format === "markdown") return renderVerifyMarkdown(report);
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
  const change = head.uncommitted
    ? `${UNCOMMITTED[head.uncommitted]} on ${head.commit.slice(0, 7)}`
    : `${head.revision} (${head.commit.slice(0, 7)})`;
  const apart = report.merge.method === "unmerged" ? ", where the change left it" : "";
  const range = `${base.revision} (${base.commit.slice(0, 7)}${apart}) ← ${change}`;
  const lines = [
    `${paint("bold", `fluxlift ${report.version}`)}  ${paint("dim", cleanText(`${range} · ${sayCount(changed, "file")} changed`))}`,
    ...clusters.flatMap(({ cluster, safety }) => [
      "",
      `${paint("cyan", "►")} ${paint("bold", cleanText(cluster))}`,
      ...safetyLines(safety, screen),
    ]),
    ...findingLines(sorted(report.findings), screen, { stops: "settle before you merge" }),
    "",
    `${paint(STYLES[verdict], GLYPHS[verdict])} ${paint("bold", TITLES[verdict])}  ${cleanText(sayVerify(report))}`,
  ];
  return forPeople(`${lines.join("\n")}\n`);
}

function sorted(findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => ({ ...finding, next: cleanText(finding.next) })).sort(compareLevels);
}
