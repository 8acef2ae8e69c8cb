import type { Finding } from "../contract/finding.ts";
import type { ClusterPlan, Plan } from "../contract/plan.ts";
import { collectFindings, countLeftOut, countLevels, listClusters, sayLevels } from "./summary.ts";
import { makePaint, type Paint } from "./terminal.ts";
import { DEFAULT_WIDTH, nothingLines, scannedLine, type TextOptions } from "./text.ts";
import { clusterLines } from "./text-clusters.ts";
import { findingLines } from "./text-findings.ts";

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
  if (clusters.length > 0) lines.push(...closingLines(clusters, findings, paint));
  return `${lines.join("\n").trimEnd()}\n`;
}

function closingLines(clusters: readonly Pick<ClusterPlan, "state">[], findings: Finding[], paint: Paint): string[] {
  const open = clusters.filter((cluster) => cluster.state !== "done");
  const says = `${clusters.length} ${clusters.length === 1 ? "cluster" : "clusters"} recognised, ${clusters.length - open.length} migrated`;
  const left = countLeftOut(findings);
  const parts = [says, ...(left > 0 ? [`${left} left out`] : []), sayLevels(countLevels(findings))];
  const first = `${left > 0 ? paint("yellow", "⚠") : paint("green", "✔")} ${parts.join(" · ")}`;
  return open.length === 0 ? [first] : [first, "► To see what would change:", `    ${paint("bold", "fluxlift plan")}`];
}
