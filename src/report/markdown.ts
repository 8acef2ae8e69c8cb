import type { Edit } from "../contract/edit.ts";
import type { Finding, Level } from "../contract/finding.ts";
import { groupBy } from "../contract/group-by.ts";
import type { Phase } from "../contract/options.ts";
import type { ClusterPlan, PatchMapping, Plan } from "../contract/plan.ts";
import { forPeople } from "../contract/visible.ts";
import { code, codeBlock, escapeCell, escapeText, fold, place, table } from "./markdown-escape.ts";
import { runbookLines } from "./markdown-runbook.ts";
import { safetySection } from "./markdown-safety.ts";
import { findNextSteps, type NextStep } from "./next-step.ts";
import { renderPreflight } from "./preflight.ts";
import { collectFindings, listClusters, sayChanges, sayLevels, sayPhase, sayState } from "./summary.ts";
import { sayCount } from "./terminal.ts";
import { sayStyle, sayVersion } from "./text-clusters.ts";

/** First line of the comment, by which a bot finds the comment it has to replace. */
export const MARKER = "<!-- fluxlift -->";
/** Rows of files shown before they are folded away. */
const OPEN_ROWS = 15;
/** Places a row lists as the origin of its files before it only counts them. */
const MOST_PLACES = 5;

/**
 * Renders a plan as Markdown for a pull request: summary, what was recognised, the changes of each phase, findings, where
 * every patch went, and the runbook. Values from the repository are escaped.
 */
export function renderMarkdown(plan: Plan): string {
  const { summary, recognised, findings, phases } = planSections(plan);
  const lines = [MARKER, "", ...summary, ...recognised, ...findings, ...phases.flat()];
  if (recognised.length > 0) {
    lines.push("", ...fold("preflight.sh", codeBlock(renderPreflight(plan).trimEnd().split("\n"))));
  }
  const text = lines.join("\n").replace(/\n{3,}/g, "\n\n");
  return `${forPeople(text).trimEnd()}\n`;
}

/** The parts of the page, each as lines that can stand alone. */
export function planSections(
  plan: Plan,
): Record<"summary" | "recognised" | "findings", string[]> & { phases: string[][] } {
  const clusters = listClusters(plan);
  const findings = collectFindings(plan);
  return {
    summary: summaryLines(plan, findings, clusters.length),
    recognised: clusters.length > 0 ? ["", "## Recognised", "", ...recognisedLines(clusters)] : [],
    findings: findings.length > 0 ? ["", "## Findings", "", ...renderFindings(findings)] : [],
    phases: plan.phases.map((phase) => {
      const says = escapeText(sayPhase(phase.phase, plan.options.oci !== undefined));
      const isLast = phase === plan.phases.at(-1);
      const lines = phase.clusters.flatMap((cluster) => {
        return clusterLines(cluster, phase.phase, phase.clusters.length > 1, isLast);
      });
      return ["", `## Phase ${phase.phase}`, "", says, ...lines];
    }),
  };
}

/** What was recognised, where each cluster stands and what would stop it, without any change. */
export function renderScanMarkdown(plan: Plan): string {
  const clusters = listClusters(plan);
  const findings = collectFindings(plan);
  const lines = [
    `# fluxlift: ${clusters.length === 0 ? "no Flux install was recognised" : `${sayCount(clusters.length, "cluster")}, ${clusters.filter(({ state }) => state === "done").length} migrated`}`,
    ...["", `**${sayLevels(findings)}.** ${sayScanned(plan)}`],
    ...(clusters.length > 0 ? ["", ...recognisedLines(clusters)] : []),
    ...(findings.length > 0 ? ["", "## Findings", "", ...renderFindings(findings)] : []),
    ...["", "## Next", "", ...stepLines(findNextSteps(plan))],
  ];
  return `${forPeople(lines.join("\n")).trimEnd()}\n`;
}

function sayScanned({ scanned, version }: Plan): string {
  const { files, fluxFiles, git } = scanned;
  const head = git?.head ? ` at ${code(git.head.slice(0, 7))}${git.branch ? ` on ${code(git.branch)}` : ""}` : "";
  return `fluxlift ${escapeText(version)} read ${sayCount(files, "file")}${head}; ${fluxFiles} mention Flux.`;
}

function summaryLines(plan: Plan, findings: Finding[], clusters: number): string[] {
  const scanned = sayScanned(plan);
  if (clusters === 0) return ["# fluxlift: no Flux install was recognised", "", scanned];
  const phase = plan.options.phase === "all" ? "all phases" : plan.options.phase;
  const order = plan.options.clusters.length > 1 ? plan.options.clusters : [];
  return [
    `# fluxlift: ${phase} for ${sayCount(clusters, "cluster")}`,
    "",
    `**${sayChanges(plan.phases)} · ${sayLevels(findings)}.** ${scanned}`,
    ...(order.length > 0
      ? ["", `Order of the clusters: ${order.map(code).join(", then ")}. Take one through all phases before the next.`]
      : []),
    "",
    ...stepLines(findNextSteps(plan)),
  ];
}

function stepLines(steps: readonly NextStep[]): string[] {
  return steps.flatMap(({ says, commands }, index) => {
    const step = `${escapeText(says)} ${commands.map(code).join(" ")}`.trim();
    return index === 0 ? [step] : ["", step];
  });
}

function recognisedLines(clusters: readonly ClusterPlan[]): string[] {
  const rows = clusters.map((plan) => {
    const { cluster, detected } = plan;
    const { version, source, root, continuous } = detected;
    const style = continuous?.style ?? detected.style;
    return [
      code(cluster),
      escapeText(sayState(plan)),
      cell(version ? code(version.value) : escapeText(sayVersion(detected)), place(version?.at)),
      cell(escapeText(sayStyle(style)), place(continuous?.at)),
      source
        ? cell(`${escapeText(source.kind)} ${code(source.name)}, ${escapeText(source.ref)}`, place(source.at))
        : "",
      root ? cell(`${code(root.name)} → ${code(root.path)}`, place(root.at)) : "",
      String(detected.patches),
    ];
  });
  return table(["Cluster", "State", "Flux", "Installed by", "Source", "Root", "Patches"], rows);
}

const GLYPHS: Record<Level, string> = { blocker: "✗ blocker", caution: "⚠ caution", info: "note" };

/** Findings as the lines of a table, its two head lines first. */
export function findingTable(findings: readonly Finding[]): string[] {
  const rows = findings.map((finding) => [
    `**${GLYPHS[finding.level]}**`,
    cell(code(finding.rule), finding.cluster ? code(finding.cluster) : ""),
    cell(place(finding.at), finding.resource ? code(finding.resource) : ""),
    `${escapeText(finding.what)}<br>${escapeText(finding.why)}`,
    escapeCell(finding.next),
  ]);
  return table(["", "Rule", "Where", "What Flux will do, and why", "Next"], rows);
}

/** Findings as tables, notes folded away. */
function renderFindings(findings: readonly Finding[]): string[] {
  const serious = findings.filter((finding) => finding.level !== "info");
  const notes = findings.filter((finding) => finding.level === "info");
  return [
    ...(serious.length > 0 ? [...findingTable(serious), ""] : []),
    ...(notes.length > 0 ? [...fold(sayCount(notes.length, "note"), findingTable(notes)), ""] : []),
  ].slice(0, -1);
}

function clusterLines(cluster: ClusterPlan, phase: Phase, several: boolean, isLast: boolean): string[] {
  const { edits, findings, safety, patches } = cluster;
  const name = several ? ` of ${code(cluster.cluster)}` : "";
  const blockers = findings.filter((finding) => finding.level === "blocker").length;
  const stopped = edits.length === 0 && blockers > 0;
  const none = stopped ? `stopped by ${sayCount(blockers, "blocker")}` : "this phase is in the tree already";
  return [
    ...["", `### Changes${name}`, "", ...(edits.length > 0 ? changeTable(edits) : [`None: ${none}.`])],
    ...(safety ? safetySection(safety, name) : []),
    ...(patches.length > 0 && !stopped ? ["", `### Where the patches went${name}`, "", ...patchTable(patches)] : []),
    ...(stopped ? [] : ["", ...runbookLines(cluster.runbook, phase, name, isLast)]),
  ];
}

const VERBS: Record<Edit["kind"], string> = { create: "create", replace: "edit", delete: "delete", move: "move" };

/** One row a reason: a hundred files that follow one rename are one sentence and a list. */
function changeTable(edits: readonly Edit[]): string[] {
  const groups = groupBy(edits, ({ kind, why }) => `${kind}\u0000${why}`);
  const rows = [...groups.values()].map((group) => {
    const places = new Set(group.flatMap((edit) => edit.evidence.map(place)));
    return [
      VERBS[group[0]!.kind],
      group.map(nameFile).join("<br>"),
      escapeText(group[0]!.why),
      places.size > MOST_PLACES ? `${places.size} places` : [...places].join("<br>"),
    ];
  });
  const lines = table(["", "File", "Why", "From"], rows);
  return edits.length > OPEN_ROWS ? fold(sayCount(edits.length, "change"), lines) : lines;
}

function nameFile(edit: Edit): string {
  return edit.kind === "move" ? `${code(edit.path)} → ${code(edit.to)}` : code(edit.path);
}

function patchTable(patches: readonly PatchMapping[]): string[] {
  const rows = patches.map((patch) => [
    escapeText(patch.title),
    place(patch.from),
    patch.to === undefined ? "dropped" : code(patch.to),
    escapeText(patch.note),
  ]);
  return table(["Patch or setting", "Old place", "New place", "Note"], rows);
}

function cell(first: string, second: string): string {
  return [first, second].filter((text) => text !== "").join("<br>");
}
