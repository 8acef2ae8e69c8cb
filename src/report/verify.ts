import type { Finding } from "../contract/finding.ts";
import type { Json, Markdown, Sarif, Shown } from "../contract/media.ts";
import type { MergeSafety } from "../contract/safety.ts";
import { forPeople, joinShown, shown, visible } from "../contract/visible.ts";
import type { VerifyReport } from "../safety/verify.ts";
import { printJson } from "./json.ts";
import { stopsMerge, withoutFound, withoutListed, withoutStanding } from "./said-once.ts";
import { printSarif } from "./sarif.ts";
import { compareLevels } from "./summary.ts";
import { hangText, openScreen, type Screen, sayCount, type TextOptions } from "./terminal.ts";
import { findingLines } from "./text-findings.ts";
import { safetyLines, verifyWords } from "./text-safety.ts";
import { sayVerify, TITLES, UNCOMMITTED } from "./verify-headline.ts";
import { renderVerifyMarkdown } from "./verify-markdown.ts";

/** What merging would do, in one of the formats of `fluxlift verify`; text where the format has no other meaning. */
export function renderVerify(
  report: VerifyReport,
  format: string,
  options: TextOptions,
): Json | Markdown | Sarif | Shown {
  if (format === "json") return printJson(report);
  if (format === "markdown") return renderVerifyMarkdown(report);
  if (format === "sarif") return printSarif(sorted(report.findings));
  return renderText(report, options);
}

/** A tick only where nothing goes; `-` stands beside each object that does. */
const GLYPHS = { safe: shown`✔`, deletes: shown`-`, unproven: shown`⚠`, unsafe: shown`✗` };
const STYLES = { safe: "green", deletes: "yellow", unproven: "yellow", unsafe: "red" } as const;

const NOT_COMMITTED = shown`  What is not committed was not looked at: fluxlift verify --head WORKTREE looks at every file on disk.`;

/** For a person at a terminal. */
function renderText(report: VerifyReport, options: TextOptions): Shown {
  // A verdict has no next command to keep in sight, and findings are one line each as in a plan.
  const screen = { ...openScreen(options), ...(options.verbose ? {} : { detail: 0 as const }) };
  const { paint } = screen;
  const { base, head, changed, clusters } = report;
  const change = head.uncommitted
    ? `${UNCOMMITTED[head.uncommitted]} on ${head.commit.slice(0, 7)}`
    : `${head.revision} (${head.commit.slice(0, 7)})`;
  const apart = report.merge.method === "unmerged" ? ", where the change left it" : "";
  const range = `${base.revision} (${base.commit.slice(0, 7)}${apart}) ← ${change}`;
  const lines = [
    shown`${paint("bold", visible(`fluxlift ${report.version}`))}  ${paint("dim", visible(`${range} · ${sayCount(changed, "file")} changed`))}`,
    ...clusters.flatMap(({ cluster, safety }) => [
      shown``,
      shown`${paint("cyan", shown`►`)} ${paint("bold", visible(cluster))}`,
      ...safetyLines(toSafety(safety, report), screen, {
        words: verifyWords(safety),
        nothing: safety.unknown.length > 0 ? "nothing that can be read here changes" : "nothing changes",
      }),
    ]),
    ...findingLines(sorted(options.verbose ? report.findings : withoutListed(report)), screen, {
      stops: "settle before you merge",
      isAlone: clusters.length === 1,
      inFull: stopsMerge,
    }),
    shown``,
    ...verdictLines(report, screen, options.onScreen ?? false),
    // Whoever asks before the commit reads "safe" of edits that nobody looked at.
    ...(changed === 0 && head.revision === "HEAD" ? [paint("dim", NOT_COMMITTED)] : []),
  ];
  return forPeople(`${joinShown(lines, "\n")}\n`);
}

/** What is said of a cluster: nothing that its findings say as well, and nothing that stays as it was. */
function toSafety(safety: MergeSafety, { findings }: VerifyReport): MergeSafety {
  return { ...safety, unknown: withoutFound(safety.unknown, findings), outcomes: withoutStanding(safety) };
}

/** The verdict with what it rests on. @param wraps whether a longer line would run over the edge of a screen */
function verdictLines(report: VerifyReport, { paint, width }: Screen, wraps: boolean): Shown[] {
  const { verdict } = report;
  const title = visible(TITLES[verdict]);
  const head = shown`${paint(STYLES[verdict], GLYPHS[verdict])} ${paint("bold", title)}`;
  const says = sayVerify(report);
  if (!wraps || title.length + says.length + 4 <= width) return [shown`${head}  ${visible(says)}`];
  return [head, ...hangText(shown`  `, says, width)];
}

function sorted(findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => ({ ...finding, next: visible(finding.next) })).sort(compareLevels);
}
