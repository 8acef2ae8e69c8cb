import type { Finding } from "../contract/finding.ts";
import type { Shown } from "../contract/media.ts";
import type { ClusterPlan, Plan } from "../contract/plan.ts";
import { forPeople, joinShown, padShown, shown, visible } from "../contract/visible.ts";
import { isChanged } from "./consequences.ts";
import { findNextSteps, runbookStep } from "./next-step.ts";
import {
  collectFindings,
  countLeftOut,
  hasBlocker,
  hasChanges,
  isDoneElsewhere,
  listClusters,
  sayChanges,
  sayLevels,
  sayNoCluster,
  sayWhich,
} from "./summary.ts";
import {
  blanks,
  DETAILS,
  hangText,
  leavesOut,
  openScreen,
  type Paint,
  type Screen,
  sayCount,
  type TextOptions,
} from "./terminal.ts";
import { changeLines } from "./text-changes.ts";
import { clusterLines } from "./text-clusters.ts";
import { findingLines } from "./text-findings.ts";
import { phaseSafetyLines } from "./text-safety.ts";
import { stepLines, stepsIn } from "./text-steps.ts";

/** Lines of a terminal that is not small; a report that fits keeps the next step and the first cluster in sight. */
const MOST_LINES = 40;
/** Of those, what a write and the steps after it need. */
const WRITE_LINES = 13;

/**
 * Renders a plan for a person: what was recognised, what each phase will do, what to know, and what to do next. What does not
 * fit one screen is told more briefly, the least important first; `--verbose` tells everything.
 */
export function renderText(plan: Plan, options: TextOptions): Shown {
  return fitScreen(options, (screen) => planLines(plan, screen, options));
}

/** The least brief of the lines that fit one screen; the briefest where none do. */
function fitScreen(options: TextOptions, compose: (screen: Screen) => Shown[]): Shown {
  const screen = openScreen(options);
  const print = (lines: readonly Shown[]) => forPeople(`${joinShown(lines, "\n").trimEnd()}\n`);
  if (options.verbose) return print(compose(screen));
  const most = MOST_LINES - (options.writing ? WRITE_LINES : 0);
  let lines: Shown[] = [];
  for (const detail of DETAILS) {
    lines = compose({ ...screen, detail });
    if (lines.length <= most) break;
  }
  return print(lines);
}

function planLines(plan: Plan, screen: Screen, options: TextOptions): Shown[] {
  const findings = collectFindings(plan);
  const lines = headLines(plan, screen, ({ cluster }) =>
    plan.phases.flatMap(({ phase, clusters }) =>
      clusters
        .filter((part) => part.cluster === cluster)
        .flatMap((part) => [
          ...(leavesOut(screen, 5) ? [] : [shown``]),
          ...changeLines(part, phase, screen, plan.options),
          ...phaseSafetyLines(part, screen),
        ]),
    ),
  );
  lines.push(...assumptionLines(plan, screen), ...findingLines(findings, screen, saysOf(plan)), shown``);
  return [...lines, ...closingLines(plan, findings, screen, options)];
}

/** Renders what was recognised and what would block, without any change. */
export function renderScan(plan: Plan, options: TextOptions): Shown {
  const findings = collectFindings(plan);
  return fitScreen(options, (screen) => [
    ...headLines(plan, screen, () => []),
    ...findingLines(findings, screen, saysOf(plan)),
    shown``,
    ...scanClosingLines(plan, findings, screen, options),
  ]);
}

/** What was looked at, and what was recognised there; `more` is said of each cluster. */
function headLines(plan: Plan, screen: Screen, more: (cluster: ClusterPlan) => Shown[]): Shown[] {
  const clusters = listClusters(plan);
  return [
    ...scannedLines(plan, screen),
    ...(clusters.length === 0 ? nothingLines(plan, screen) : []),
    ...clusters.flatMap((cluster) => [shown``, ...clusterLines(cluster, screen), ...more(cluster)]),
  ];
}

/** Where there is one cluster, nobody needs to be told which one is meant; where there is none, no phase is stopped. */
function saysOf(plan: Plan): { stops?: string; isAlone: boolean } {
  const { length } = listClusters(plan);
  return { isAlone: length === 1, ...(length === 0 ? { stops: "nothing can be planned" } : {}) };
}

/** First line of every report: tool version, what was looked at, and the commit it stood at. */
function scannedLines(plan: Plan, { paint, width }: Screen): Shown[] {
  const { files, fluxFiles, git } = plan.scanned;
  const commit = git && ([git.branch, git.head?.slice(0, 7)].filter(Boolean).join("@") || "no commit yet");
  const parts = [`${sayCount(files, "file")} scanned`, `${fluxFiles} mention Flux`, commit ?? "not a git repository"];
  const [name, says] = [visible(`fluxlift ${plan.version}`), visible(parts.join(" · "))];
  if (name.length + says.length + 2 <= width) return [shown`${paint("bold", name)}  ${paint("dim", says)}`];
  return [paint("bold", name), ...hangText(shown`  `, says, width, (line) => paint("dim", line))];
}

/** What the repository cannot prove. Shown by default: a wrong assumption is how a correct plan does harm. */
function assumptionLines(plan: Plan, screen: Screen): Shown[] {
  const { paint, width } = screen;
  const texts = new Map<string, Set<string>>();
  const parts = plan.phases.flatMap((phase) => phase.clusters).filter(isChanged);
  for (const { cluster, runbook } of parts) {
    for (const text of runbook.assumptions) texts.set(text, (texts.get(text) ?? new Set()).add(cluster));
  }
  if (texts.size === 0) return [];
  const all = new Set(parts.map((part) => part.cluster)).size;
  const lines = [...texts].flatMap(([text, clusters]) => {
    const owner = clusters.size < all ? `${[...clusters].join(", ")}: ` : "";
    return hangText(shown`  · `, `${owner}${text.replaceAll("`", "")}`, width);
  });
  const isShort = leavesOut(screen, 1);
  const measures = "plan --format preflight measures";
  const says = isShort ? `--verbose lists, ${measures}` : `${measures} them`;
  const count = sayCount(texts.size, "assumption");
  const [first = "", ...rest] = hangText(shown`  `, `${count} · ${says}`, width);
  const head = shown`${paint("cyan", shown`?`)} ${paint("bold", count)}`;
  const tail = visible(first.slice(count.length + 2));
  return [
    shown``,
    shown`${head}${paint("dim", tail)}`,
    ...rest.map((line) => paint("dim", line)),
    ...(isShort ? [] : lines),
  ];
}

function closingLines(
  plan: Plan,
  findings: readonly Finding[],
  { paint, width }: Screen,
  { writing, folder }: TextOptions,
): Shown[] {
  const mark = markOf(plan, findings, paint);
  const { options } = plan;
  const runbook = runbookStep(options);
  const phase = sayWhich(plan);
  const counts = `${sayChanges(plan.phases)} · ${sayLevels(findings)}`;
  const [first = "", ...rest] = hangText(blanks(phase.length + 4), counts, width);
  const summary = [shown`${mark} ${paint("bold", visible(phase))}  ${visible(first.trimStart())}`, ...rest];
  if (writing) return summary;
  const changes = hasChanges(plan);
  // The next step comes last: it is what is still on the screen.
  return [
    ...(plan.phases.length > 0 ? summary : []),
    ...stepsIn(folder, [...(changes ? [runbook] : []), ...findNextSteps(plan)]).flatMap((step) =>
      stepLines(step, paint, width),
    ),
  ];
}

function scanClosingLines(
  plan: Plan,
  findings: readonly Finding[],
  { paint, width }: Screen,
  { folder }: TextOptions,
): Shown[] {
  const clusters = listClusters(plan);
  if (clusters.length === 0) return [];
  const done = clusters.filter((cluster) => cluster.state === "done").length;
  const left = countLeftOut(findings);
  const parts = [
    `${clusters.length} ${clusters.length === 1 ? "cluster" : "clusters"} recognised, ${done} migrated`,
    ...(left > 0 ? [`${left} left out`] : []),
    sayLevels(findings),
  ];
  const steps = stepsIn(folder, findNextSteps(plan)).flatMap((step) => stepLines(step, paint, width));
  return [shown`${markOf(plan, findings, paint)} ${visible(parts.join(" · "))}`, ...steps];
}

/** A tick only where all is well and nothing is left to do. */
function markOf(plan: Plan, findings: readonly Finding[], paint: Paint): Shown {
  if (hasBlocker(plan)) return paint("red", shown`✗`);
  if (countLeftOut(findings) > 0 || findings.some(({ level }) => level === "caution")) return paint("yellow", shown`⚠`);
  const isOpen = hasChanges(plan) || listClusters(plan).some(({ state }) => state !== "done");
  return isOpen ? paint("cyan", shown`◎`) : paint("green", shown`✔`);
}

/** What fluxlift looks for, in its order; it reads objects and never goes by file names. */
const LOOKED_FOR: readonly (readonly [name: string, what: string])[] = [
  ["flux bootstrap", "the components file that flux bootstrap or Terraform writes"],
  ["flux-manifests", "an OCIRepository of the Flux release artifact and the Kustomization that applies it"],
  ["manifests/install", "a kustomization on the flux2 install manifests or a release install.yaml"],
  ["flux2 chart", "a HelmRelease of the community chart"],
  ["Flux Operator", "a FluxInstance, or a HelmRelease of its charts"],
  ["the sync", "a GitRepository, OCIRepository or Bucket, and a Flux Kustomization that reads from it"],
];

/** What to say when no cluster was recognised: what was looked for; a finding says what was there instead. */
function nothingLines(plan: Plan, { paint, width }: Screen): Shown[] {
  const says = paint("bold", visible(`${sayNoCluster(plan)}.`));
  if (isDoneElsewhere(plan)) return [shown``, shown`${paint("green", shown`✔`)} ${says}`];
  const labelWidth = Math.max(...LOOKED_FOR.map(([name]) => name.length)) + 2;
  return [
    shown``,
    shown`${paint("yellow", shown`⚠`)} ${says}`,
    shown`  Looked for, in the contents of every YAML file:`,
    ...LOOKED_FOR.flatMap(([name, what]) => hangText(shown`    ${padShown(visible(name), labelWidth)}`, what, width)),
  ];
}
