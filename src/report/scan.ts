import type { ClusterPlan, Plan } from "../engine/types.ts";
import { collectFindings, countLevels, listClusters, sayLevels } from "./summary.ts";
import { cleanText, hangText, makePaint, type Paint } from "./terminal.ts";
import { DEFAULT_WIDTH, scannedLine, type TextOptions } from "./text.ts";
import { clusterLines } from "./text-clusters.ts";
import { findingLines } from "./text-findings.ts";

/** What fluxlift looks for, in its order; it reads objects and never goes by file names. */
const LOOKED_FOR: readonly (readonly [name: string, what: string])[] = [
  ["flux bootstrap", "the components file that flux bootstrap or Terraform writes"],
  ["flux-manifests", "an OCIRepository of the Flux release artifact and the Kustomization that applies it"],
  ["manifests/install", "a kustomization on the flux2 install manifests or a release install.yaml"],
  ["flux2 chart", "a HelmRelease of the community chart"],
  ["Flux Operator", "a FluxInstance, or a HelmRelease of its charts"],
  ["the sync", "a GitRepository, OCIRepository or Bucket, and a Flux Kustomization that reads from it"],
];

/** Renders what was recognised and what would block, without any change. */
export function renderScan(scan: Plan, options: TextOptions): string {
  const paint = makePaint(options.colour);
  const width = Math.max(40, options.width ?? DEFAULT_WIDTH);
  const clusters = listClusters(scan);
  const findings = collectFindings(scan);
  const lines = [scannedLine(scan, paint)];
  if (clusters.length === 0) lines.push(...nothingLines(scan, paint, width));
  for (const cluster of clusters) lines.push("", ...clusterLines(cluster, paint, width, options.verbose));
  lines.push(...findingLines(findings, paint, width, options.verbose), "");
  if (clusters.length > 0) lines.push(...closingLines(clusters, sayLevels(countLevels(findings)), paint));
  return `${lines.join("\n").trimEnd()}\n`;
}

function closingLines(clusters: readonly Pick<ClusterPlan, "state">[], counts: string, paint: Paint): string[] {
  const open = clusters.filter((cluster) => cluster.state !== "done");
  const says = `${clusters.length} ${clusters.length === 1 ? "cluster" : "clusters"} recognised, ${clusters.length - open.length} migrated · ${counts}`;
  if (open.length === 0) return [`${paint("green", "✔")} ${says}`];
  return [`${paint("green", "✔")} ${says}`, "► To see what would change:", `    ${paint("bold", "fluxlift plan")}`];
}

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
