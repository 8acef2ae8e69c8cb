import type { Finding } from "../../contract/finding.ts";
import type { ClusterState, DetectedInstall, Plan } from "../../contract/plan.ts";

/** What `scan --format json` prints: what is there, without the edits a plan would hold. */
export interface ScanData {
  tool: "fluxlift";
  version: string;
  scanned: Plan["scanned"];
  clusters: { cluster: string; state: ClusterState; detected: DetectedInstall; findings: Finding[] }[];
  findings: Finding[];
}

export function scanData(plan: Plan): ScanData {
  const clusters = (plan.phases[0]?.clusters ?? []).map(({ cluster, state, detected, findings }) => ({
    cluster,
    state,
    detected,
    findings,
  }));
  return { tool: plan.tool, version: plan.version, scanned: plan.scanned, clusters, findings: plan.findings };
}
