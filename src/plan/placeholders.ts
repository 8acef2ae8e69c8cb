import type { Edit, FileChange } from "../contract/edit.ts";
import type { Loc } from "../contract/errors.ts";
import type { Finding } from "../contract/finding.ts";
import type { ClusterPlan, PhasePlan } from "../contract/plan.ts";

type Placeholders = ReadonlyMap<string, string>;

/**
 * A phase that was planned on placeholders as bootstrap would fill them in, said of the files as they are: their real
 * text, and line 1 for whatever stands in a text that only fluxlift has seen.
 */
export function onRealFiles(phase: PhasePlan, placeholders: Placeholders): PhasePlan {
  if (placeholders.size === 0) return phase;
  return {
    ...phase,
    files: phase.files.map((change) => realChange(change, placeholders)),
    clusters: phase.clusters.map((cluster) => realCluster(cluster, placeholders)),
  };
}

function realChange(change: FileChange, placeholders: Placeholders): FileChange {
  const before = placeholders.get(change.path);
  return before === undefined ? change : { ...change, before };
}

function realCluster(cluster: ClusterPlan, placeholders: Placeholders): ClusterPlan {
  const { detected } = cluster;
  const place = (at: Loc): Loc => (placeholders.has(at.file) ? { file: at.file, line: 1, col: 1 } : at);
  const placed = <T extends { at: Loc }>(item: T): T => ({ ...item, at: place(item.at) });
  return {
    ...cluster,
    detected: {
      ...detected,
      ...(detected.version ? { version: placed(detected.version) } : {}),
      ...(detected.source ? { source: placed(detected.source) } : {}),
      ...(detected.root ? { root: placed(detected.root) } : {}),
    },
    edits: cluster.edits.map((edit): Edit => ({ ...edit, evidence: edit.evidence.map(place) })),
    findings: cluster.findings
      .filter((finding) => !isAboutStub(finding, placeholders))
      .map((finding) => (finding.at ? { ...finding, at: place(finding.at) } : finding)),
    patches: cluster.patches.map((patch) => ({ ...patch, from: place(patch.from) })),
  };
}

/** CRDs are filled in by name only, which no release equals. */
function isAboutStub({ rule, at }: Finding, placeholders: Placeholders): boolean {
  return rule === "gotk-crd-edited" && at !== undefined && placeholders.has(at.file);
}
