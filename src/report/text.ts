import type { Plan } from "../contract/plan.ts";
import { findNextStep } from "./next-step.ts";
import {
  collectFindings,
  countChanges,
  countLeftOut,
  countLevels,
  formatCommand,
  listClusters,
  sayChanges,
  sayLevels,
} from "./summary.ts";
import { cleanText, hangText, makePaint, type Paint, sayCount } from "./terminal.ts";
import { changeLines } from "./text-changes.ts";
import { clusterLines } from "./text-clusters.ts";
import { findingLines } from "./text-findings.ts";
import { safetyLines } from "./text-safety.ts";

/** Used where there is no terminal to ask. */
export const DEFAULT_WIDTH = 100;

export interface TextOptions {
  colour: boolean;
  /** Columns to wrap prose to; paths and commands are never broken. */
  width?: number;
  /** Every file with its own reason and evidence, and every note in full. */
  verbose: boolean;
  /** Leaves the next step out: the caller is about to take it. */
  writing?: boolean;
}

/** Renders a plan for a person: what was recognised, what each phase will do, what to know, and what to do next. */
export function renderText(plan: Plan, options: TextOptions): string {
  const paint = makePaint(options.colour);
  const width = Math.max(40, options.width ?? DEFAULT_WIDTH);
  const clusters = listClusters(plan);
  const lines = [scannedLine(plan, paint)];
  if (clusters.length === 0) lines.push(...nothingLines(plan, paint, width));
  for (const cluster of clusters) {
    lines.push("", ...clusterLines(cluster, paint, width, options.verbose));
    for (const phase of plan.phases) {
      for (const part of phase.clusters.filter((candidate) => candidate.cluster === cluster.cluster)) {
        lines.push(
          "",
          ...changeLines(part, phase.phase, paint, width, options.verbose, plan.options.oci !== undefined),
          ...(part.safety ? safetyLines(part.safety, paint, width, options.verbose) : []),
        );
      }
    }
  }
  lines.push(...assumptionLines(plan, paint, width));
  const findings = collectFindings(plan);
  lines.push(...findingLines(findings, paint, width, options.verbose), "");
  lines.push(...closingLines(plan, paint, width, options.writing ?? false));
  return `${lines.join("\n")}\n`;
}

/** First line of every report: tool version, what was looked at, and the commit it stood at. */
export function scannedLine(plan: Pick<Plan, "version" | "scanned">, paint: Paint): string {
  const { files, fluxFiles, git } = plan.scanned;
  const place = git
    ? [[git.branch, git.head?.slice(0, 7)].filter(Boolean).join("@") || "no commit yet"]
    : ["not a git repository"];
  const parts = [`${sayCount(files, "file")} scanned`, `${fluxFiles} mention Flux`, ...place];
  return `${paint("bold", `fluxlift ${plan.version}`)}  ${paint("dim", cleanText(parts.join(" · ")))}`;
}

/** What the repository cannot prove. Shown by default: a wrong assumption is how a correct plan does harm. */
function assumptionLines(plan: Plan, paint: Paint, width: number): string[] {
  const texts = new Map<string, Set<string>>();
  const parts = plan.phases.flatMap((phase) => phase.clusters).filter((part) => part.edits.length > 0);
  for (const { cluster, runbook } of parts) {
    for (const text of runbook.assumptions) texts.set(text, (texts.get(text) ?? new Set()).add(cluster));
  }
  if (texts.size === 0) return [];
  const all = new Set(parts.map((part) => part.cluster)).size;
  const lines = [...texts].flatMap(([text, clusters]) => {
    const owner = clusters.size < all ? `${[...clusters].join(", ")}: ` : "";
    return hangText("  · ", `${owner}${text.replaceAll("`", "")}`, width);
  });
  const head = `${paint("cyan", "?")} ${paint("bold", sayCount(texts.size, "assumption"))}`;
  return ["", `${head} ${paint("dim", "· preflight.sh measures them")}`, "", ...lines];
}

function closingLines(plan: Plan, paint: Paint, width: number, writing: boolean): string[] {
  const findings = collectFindings(plan);
  const levels = countLevels(findings);
  const fine = countLeftOut(findings) > 0 ? paint("yellow", "⚠") : paint("green", "✔");
  const mark = levels.blocker > 0 ? paint("red", "✗") : fine;
  const phase = plan.options.phase === "all" ? "all phases" : plan.options.phase;
  const counts = `${sayChanges(countChanges(plan.phases))} · ${sayLevels(levels)}`;
  const [first = "", ...rest] = hangText(" ".repeat(phase.length + 4), counts, width);
  const summary = [`${mark} ${paint("bold", phase)}  ${first.trimStart()}`, ...rest];
  if (writing) return summary;
  const { says, commands } = findNextStep(plan);
  return [
    ...(plan.phases.length > 0 ? summary : []),
    ...hangText("► ", says, width),
    ...commands.map((command) => `    ${paint("bold", cleanText(command))}`),
    ...(plan.phases.some((part) => part.files.length > 0)
      ? [
          "► For the runbook, with every check and the way back:",
          `    ${paint("bold", cleanText(`${formatCommand("plan", plan.options, plan.options.phase)} --format markdown`))}`,
        ]
      : []),
  ];
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

/** What to say when no cluster was recognised: what was looked for, and what that may mean. */
export function nothingLines(plan: Pick<Plan, "scanned">, paint: Paint, width: number): string[] {
  const { files, fluxFiles } = plan.scanned;
  const labelWidth = Math.max(...LOOKED_FOR.map(([name]) => name.length)) + 2;
  const why =
    files === 0
      ? "The folder holds no files that git tracks or would track."
      : fluxFiles === 0
        ? "No file mentions a Flux API group (toolkit.fluxcd.io, fluxcd.controlplane.io)."
        : "Files mention Flux, but no root was found: a source together with a Flux Kustomization that reads this repository from it.";
  return [
    "",
    `${paint("yellow", "⚠")} ${paint("bold", "No Flux install was recognised.")}`,
    ...hangText("  ", why, width),
    "",
    "  Looked for, in the contents of every YAML file:",
    ...LOOKED_FOR.flatMap(([name, what]) => hangText(`    ${cleanText(name).padEnd(labelWidth)}`, what, width)),
  ];
}
