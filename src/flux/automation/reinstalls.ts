import type { DraftFinding, TransformContext } from "../../engine/transform.ts";
import type { Options } from "../../engine/types.ts";
import { matchesClusterName } from "../clusters.ts";
import { isFluxInstallUrl } from "../kinds.ts";
import type { Cluster } from "../types.ts";
import type { AutomationFile } from "./files.ts";
import { isComment, withoutComment } from "./words.ts";

interface Pattern {
  test(line: string): boolean;
  what: string;
  why: string;
  next?: string;
  /** Harmless in a throw-away cluster of a CI job. */
  mildInWorkflow?: boolean;
}

const PATTERNS: readonly Pattern[] = [
  {
    test: (line) => /\bresource\s+"flux_bootstrap_git"/.test(line),
    what: "Terraform bootstraps Flux here.",
    why: "As long as it is in the Terraform state, the next apply writes the old install back, and a destroy deletes the operator's Flux with it (trap 11).",
    next: "Take it out of the state first (terraform state rm), then out of the code; never destroy it.",
  },
  {
    test: (line) =>
      /\bflux\s(?:[^|;&#]*\s)?install\b[^|;&]*--export/.test(line) || /\bflux\s+install\b.*>\s*\S+/.test(line),
    what: "This line writes the manifests of a whole Flux install into the repository again.",
    why: "Flux would apply them beside the FluxInstance: new CRDs and components come back, and two owners fight over one controller (trap 43).",
  },
  {
    test: (line) =>
      /\bflux\s+(?:--?[\w-]+(?:[= ]\S+)?\s+)*bootstrap\s+(git|github|gitlab|gitea|bitbucket-server)\b/.test(line),
    what: "flux bootstrap writes its own install and sync manifests to the repository and applies them.",
    why: "The next run brings back everything that the migration removed (traps 43, 44).",
  },
  {
    test: (line) => /\bflux\s+(?:--?[\w-]+(?:[= ]\S+)?\s+)*install\b/.test(line),
    what: "flux install puts the controllers into the cluster without the operator.",
    why: "A rebuilt cluster would run controllers that no FluxInstance manages until the operator takes them over (trap 44).",
    mildInWorkflow: true,
  },
  {
    test: (line) => isFluxInstallUrl(line),
    what: "This installs Flux from its release manifests.",
    why: "A rebuilt cluster would get the old install; where an addon folder or machine config applies it, it is applied again and again (trap 44).",
    mildInWorkflow: true,
  },
  {
    test: (line) =>
      /fluxcd-community(\.github\.io)?\/(\S*\/)?(charts\/)?flux2\b/.test(line) && /\bhelm\b|chart/.test(line),
    what: "This installs Flux from the community chart.",
    why: "A rebuilt cluster would get an install that no FluxInstance manages (trap 44).",
  },
];

/**
 * Lines that install Flux the old way or write its manifests again, whatever path they use. Repository-wide, so only
 * the first cluster of a run reports them. The CLI itself (`fluxcd/flux2/action`, a version pin) is no install.
 */
export function reportInstalls({ model, cluster, options }: TransformContext, file: AutomationFile): DraftFinding[] {
  if (!isReporter({ model, cluster, options })) return [];
  if (file.kind === "renovate" || file.kind === "lint") return [];
  const findings: DraftFinding[] = [];
  for (const [index, line] of file.text.split("\n").entries()) {
    // `echo "$TOKEN" | flux bootstrap …` runs it, `echo "run flux bootstrap"` only says so.
    if (isComment(line) || /^\s*(-\s+)?(echo|desc|log|print)\b[^|]*$/.test(line)) continue;
    const pattern = PATTERNS.find(({ test }) => test(line));
    if (!pattern) continue;
    if (!pattern.test(withoutComment(line))) {
      findings.push(inComment(file.path, index + 1));
      continue;
    }
    findings.push({
      rule: "automation-installs-flux",
      level: pattern.mildInWorkflow && file.kind === "workflow" ? "info" : "caution",
      at: { file: file.path, line: index + 1, col: 1 },
      what: pattern.what,
      why: pattern.why,
      next:
        pattern.next ??
        "Remove the step, or install the flux-operator and flux-instance charts with the values of the apps instead.",
    });
  }
  return findings;
}

/** A comment behind a command runs nothing, but the step it explains often installs Flux in another way. */
function inComment(file: string, line: number): DraftFinding {
  return {
    rule: "automation-installs-flux",
    level: "info",
    at: { file, line, col: 1 },
    what: "The comment on this line speaks of installing Flux the old way.",
    why: "It runs nothing itself; the step it belongs to may apply the old files.",
    next: "Look at that step, and drop the comment once it is no longer true.",
  };
}

/** Whether the cluster is the first of those a run works on, which reports what concerns the whole repository. */
export function isReporter({
  model,
  cluster,
  options,
}: Pick<TransformContext, "model" | "cluster" | "options">): boolean {
  const chosen = model.clusters.filter((other) => isSelected(other, options));
  return chosen[0]?.name === cluster.name || (chosen.length === 0 && model.clusters[0]?.name === cluster.name);
}

/** Whether a run works on the cluster. */
export function isSelected(cluster: Cluster, options: Pick<Options, "clusters">): boolean {
  return options.clusters.length === 0 || options.clusters.some((name) => matchesClusterName(cluster, name));
}
