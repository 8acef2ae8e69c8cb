import type { Edit } from "../contract/edit.ts";
import type { Finding, Level } from "../contract/finding.ts";
import { groupBy } from "../contract/group-by.ts";
import { sayStyle } from "../contract/install-style.ts";
import type { Markdown } from "../contract/media.ts";
import type { Phase } from "../contract/options.ts";
import type { ClusterPlan, PatchMapping, Plan } from "../contract/plan.ts";
import { CHANGED_BY_OTHERS, isChangedByOthers, waitingFor } from "./consequences.ts";
import {
  code,
  codeBlock,
  escapeCell,
  escapeText,
  fold,
  joinMarkdown,
  joinPage,
  md,
  place,
  table,
} from "./markdown-escape.ts";
import { runbookLines } from "./markdown-runbook.ts";
import { safetySection } from "./markdown-safety.ts";
import { findNextSteps, type NextStep } from "./next-step.ts";
import { renderPreflight } from "./preflight.ts";
import { toUnsaid } from "./said-once.ts";
import {
  collectFindings,
  listClusters,
  sayChanges,
  sayLevels,
  sayNoCluster,
  sayPhase,
  sayState,
  sayWhich,
} from "./summary.ts";
import { sayCount } from "./terminal.ts";
import { sayVersion } from "./text-clusters.ts";
import { fateWords } from "./text-safety.ts";

/** First line of the comment, by which a bot finds the comment it has to replace. */
export const MARKER = md`<!-- fluxlift -->`;
/** Rows of files shown before they are folded away. */
const OPEN_ROWS = 15;
/** Places a row lists as the origin of its files before it only counts them. */
const MOST_PLACES = 5;

/**
 * Renders a plan as Markdown for a pull request: summary, what was recognised, the changes of each phase, findings, where
 * every patch went, and the runbook. Values from the repository are escaped.
 */
export function renderMarkdown(plan: Plan): Markdown {
  const { summary, recognised, findings, phases } = planSections(plan);
  const lines = [MARKER, md``, ...summary, ...recognised, ...findings, ...phases.flat()];
  if (recognised.length > 0) {
    lines.push(md``, ...fold(md`preflight.sh`, codeBlock(renderPreflight(plan).trimEnd().split("\n"))));
  }
  return joinPage(lines);
}

/** The parts of the page, each as lines that can stand alone. */
export function planSections(
  plan: Plan,
): Record<"summary" | "recognised" | "findings", Markdown[]> & { phases: Markdown[][] } {
  const clusters = listClusters(plan);
  const findings = collectFindings(plan);
  return {
    summary: summaryLines(plan, findings, clusters.length),
    recognised: clusters.length > 0 ? [md``, md`## Recognised`, md``, ...recognisedLines(clusters)] : [],
    findings: findings.length > 0 ? [md``, md`## Findings`, md``, ...renderFindings(findings)] : [],
    // Without a cluster a phase does nothing, whatever it does elsewhere.
    phases: (clusters.length > 0 ? plan.phases : []).map((phase) => {
      const says = escapeText(sayPhase(phase.phase, plan.options));
      const isLast = phase === plan.phases.at(-1);
      const lines = phase.clusters.flatMap((cluster) => {
        return clusterLines(cluster, phase.phase, phase.clusters.length > 1, isLast);
      });
      return [md``, md`## Phase ${escapeText(phase.phase)}`, md``, says, ...lines];
    }),
  };
}

/** What was recognised, where each cluster stands and what would stop it, without any change. */
export function renderScanMarkdown(plan: Plan): Markdown {
  const clusters = listClusters(plan);
  const findings = collectFindings(plan);
  const done = clusters.filter(({ state }) => state === "done").length;
  const says = `${sayCount(clusters.length, "cluster")}, ${done} migrated`;
  const lines = [
    md`# fluxlift: ${escapeText(clusters.length === 0 ? sayNoCluster(plan) : says)}`,
    ...[md``, md`**${escapeText(sayLevels(findings))}.** ${sayScanned(plan)}`],
    ...(clusters.length > 0 ? [md``, ...recognisedLines(clusters)] : []),
    ...(findings.length > 0 ? [md``, md`## Findings`, md``, ...renderFindings(findings)] : []),
    ...[md``, md`## Next`, md``, ...stepLines(findNextSteps(plan))],
  ];
  return joinPage(lines);
}

function sayScanned({ scanned, version }: Plan): Markdown {
  const { files, fluxFiles, git } = scanned;
  const branch = git?.branch ? md` on ${code(git.branch)}` : md``;
  const head = git?.head ? md` at ${code(git.head.slice(0, 7))}${branch}` : md``;
  return md`fluxlift ${escapeText(version)} read ${escapeText(sayCount(files, "file"))}${head}; ${fluxFiles} mention Flux.`;
}

function summaryLines(plan: Plan, findings: Finding[], clusters: number): Markdown[] {
  const scanned = sayScanned(plan);
  if (clusters === 0) return [md`# fluxlift: ${escapeText(sayNoCluster(plan))}`, md``, scanned];
  const order = plan.options.clusters.length > 1 ? plan.options.clusters : [];
  return [
    md`# fluxlift: ${escapeText(`${sayWhich(plan)} for ${sayCount(clusters, "cluster")}`)}`,
    md``,
    md`**${escapeText(`${sayChanges(plan.phases)} · ${sayLevels(findings)}`)}.** ${scanned}`,
    ...(order.length > 0
      ? [
          md``,
          md`Order of the clusters: ${joinMarkdown(order.map(code), ", then ")}. Take one through all phases before the next.`,
        ]
      : []),
    md``,
    ...stepLines(findNextSteps(plan)),
  ];
}

function stepLines(steps: readonly NextStep[]): Markdown[] {
  return steps.flatMap(({ says, commands }, index) => [
    ...(index === 0 ? [] : [md``]),
    escapeText(says),
    ...(commands.length > 0 ? [md``, ...codeBlock(commands)] : []),
  ]);
}

function recognisedLines(clusters: readonly ClusterPlan[]): Markdown[] {
  const rows = clusters.map((plan) => {
    const { cluster, detected } = plan;
    const { version, source, root, continuous } = detected;
    const style = continuous?.style ?? detected.style;
    return [
      code(cluster),
      escapeText(sayState(plan)),
      cell(version ? code(version.value) : escapeText(sayVersion(detected)), place(version?.at)),
      cell(escapeText(sayStyle(style, continuous?.at)), place(continuous?.at)),
      source
        ? cell(md`${escapeText(source.kind)} ${code(source.name)}, ${escapeText(source.ref)}`, place(source.at))
        : md``,
      root ? cell(md`${code(root.name)} → ${code(root.path)}`, place(root.at)) : md``,
      md`${detected.patches}`,
    ];
  });
  return table([md`Cluster`, md`State`, md`Flux`, md`Installed by`, md`Source`, md`Root`, md`Patches`], rows);
}

const GLYPHS: Record<Level, Markdown> = { blocker: md`✗ blocker`, caution: md`⚠ caution`, info: md`note` };

/** Findings as the lines of a table, its two head lines first; what is true of several clusters at one place, once. */
export function findingTable(findings: readonly Finding[]): Markdown[] {
  const same = groupBy(findings, ({ level, rule, at, resource, what, why, next }) =>
    JSON.stringify([level, rule, at, resource, what, why, next]),
  );
  const rows = [...same.values()].map((group) => {
    const finding = group[0]!;
    const clusters = [...new Set(group.flatMap(({ cluster }) => cluster ?? []))].map((name) => code(name));
    return [
      md`**${GLYPHS[finding.level]}**`,
      cell(code(finding.rule), joinMarkdown(clusters, ", ")),
      cell(place(finding.at), finding.resource ? code(finding.resource) : md``),
      md`${escapeText(finding.what)}<br>${escapeText(finding.why)}`,
      escapeCell(finding.next),
    ];
  });
  return table([md``, md`Rule`, md`Where`, md`What Flux will do, and why`, md`Next`], rows);
}

/** Findings as tables, notes folded away. */
function renderFindings(findings: readonly Finding[]): Markdown[] {
  const serious = findings.filter((finding) => finding.level !== "info");
  const notes = findings.filter((finding) => finding.level === "info");
  return [
    ...(serious.length > 0 ? [...findingTable(serious), md``] : []),
    ...(notes.length > 0 ? [...fold(escapeText(sayCount(notes.length, "note")), findingTable(notes)), md``] : []),
  ].slice(0, -1);
}

function clusterLines(cluster: ClusterPlan, phase: Phase, several: boolean, isLast: boolean): Markdown[] {
  const { edits, findings, safety, patches } = cluster;
  const name = several ? md` of ${code(cluster.cluster)}` : md``;
  const blockers = findings.filter((finding) => finding.level === "blocker").length;
  const stopped = edits.length === 0 && blockers > 0;
  const waiting = waitingFor(findings);
  const calm = isChangedByOthers(cluster) ? CHANGED_BY_OTHERS : "this phase is in the tree already";
  const idle = waiting?.what.replace(/\.$/, "") ?? calm;
  const none = stopped ? `stopped by ${sayCount(blockers, "blocker")}` : idle;
  return [
    ...[
      md``,
      md`### Changes${name}`,
      md``,
      ...(edits.length > 0 ? changeTable(edits) : [md`None: ${escapeText(none)}.`]),
    ],
    ...(safety
      ? safetySection(toUnsaid(safety, findings), several ? code(cluster.cluster) : undefined, fateWords(cluster))
      : []),
    ...(patches.length > 0 && !stopped
      ? [md``, md`### Where the patches went${name}`, md``, ...patchTable(patches)]
      : []),
    ...(stopped ? [] : [md``, ...runbookLines(cluster.runbook, phase, name, isLast)]),
  ];
}

const VERBS: Record<Edit["kind"], Markdown> = {
  create: md`create`,
  replace: md`edit`,
  delete: md`delete`,
  move: md`move`,
};

/** One row a reason: a hundred files that follow one rename are one sentence and a list. */
function changeTable(edits: readonly Edit[]): Markdown[] {
  const groups = groupBy(edits, ({ kind, why }) => `${kind}\u0000${why}`);
  const rows = [...groups.values()].map((group) => {
    const places = new Set(group.flatMap((edit) => edit.evidence.map(place)));
    return [
      VERBS[group[0]!.kind],
      joinMarkdown(group.map(nameFile), "<br>"),
      escapeText(group[0]!.why),
      places.size > MOST_PLACES ? md`${places.size} places` : joinMarkdown([...places], "<br>"),
    ];
  });
  const lines = table([md``, md`File`, md`Why`, md`From`], rows);
  return edits.length > OPEN_ROWS ? fold(escapeText(sayCount(edits.length, "change")), lines) : lines;
}

function nameFile(edit: Edit): Markdown {
  return edit.kind === "move" ? md`${code(edit.path)} → ${code(edit.to)}` : code(edit.path);
}

function patchTable(patches: readonly PatchMapping[]): Markdown[] {
  const rows = patches.map((patch) => [
    escapeText(patch.title),
    place(patch.from),
    patch.to === undefined ? md`dropped` : code(patch.to),
    escapeText(patch.note),
  ]);
  return table([md`Patch or setting`, md`Old place`, md`New place`, md`Note`], rows);
}

function cell(first: Markdown, second: Markdown): Markdown {
  return joinMarkdown([first, second], "<br>");
}
