import type { AutomationFile } from "../../../src/cluster/automation-files.ts";
import { lineOf } from "../../../src/contract/errors.ts";
import type { FactFinding } from "../../../src/contract/finding.ts";
import type { InstallWay } from "../../../src/contract/rule-facts.ts";
import { isFluxInstallUrl } from "../../../src/delivery/kinds.ts";
import type { TransformContext } from "../../contract.ts";
import { isComment, withoutComment } from "./words.ts";

interface Pattern {
  test(line: string): boolean;
  how: InstallWay;
  /** Harmless in a throw-away cluster of a CI job. */
  mildInWorkflow?: boolean;
}

const PATTERNS: readonly Pattern[] = [
  {
    test: (line) => /\bresource\s+"flux_bootstrap_git"/.test(line),
    how: "terraform",
  },
  {
    test: (line) =>
      /\bflux\s(?:[^|;&#]*\s)?install\b[^|;&]*--export/.test(line) || /\bflux\s+install\b.*>\s*\S+/.test(line),
    how: "export",
  },
  {
    test: (line) =>
      /\bflux\s+(?:--?[\w-]+(?:[= ]\S+)?\s+)*bootstrap\s+(git|github|gitlab|gitea|bitbucket-server)\b/.test(line),
    how: "bootstrap",
  },
  {
    test: (line) => /\bflux\s+(?:--?[\w-]+(?:[= ]\S+)?\s+)*install\b/.test(line),
    how: "install",
    mildInWorkflow: true,
  },
  {
    test: (line) => isFluxInstallUrl(line),
    how: "manifests",
    mildInWorkflow: true,
  },
  {
    test: (line) =>
      /fluxcd-community(\.github\.io)?\/(\S*\/)?(charts\/)?flux2\b/.test(line) && /\bhelm\b|chart/.test(line),
    how: "chart",
  },
];

/**
 * Lines that install Flux the old way or write its manifests again, whatever path they use. Repository-wide, so only
 * the first cluster of a run reports them. The CLI itself (`fluxcd/flux2/action`, a version pin) is no install.
 */
export function reportInstalls(context: TransformContext, file: AutomationFile): FactFinding[] {
  if (!isReporter(context)) return [];
  if (file.kind === "renovate" || file.kind === "lint") return [];
  const findings: FactFinding[] = [];
  for (const [index, line] of file.text.split("\n").entries()) {
    // `echo "$TOKEN" | flux bootstrap …` runs it, `echo "run flux bootstrap"` only says so.
    if (isComment(line) || /^\s*(-\s+)?(echo|desc|log|print)\b[^|]*$/.test(line)) continue;
    const pattern = PATTERNS.find(({ test }) => test(line));
    if (!pattern) continue;
    const how = pattern.test(withoutComment(line)) ? pattern.how : "comment";
    const isMild = how === "comment" || (pattern.mildInWorkflow && file.kind === "workflow");
    const at = lineOf(file.path, index + 1);
    findings.push({ rule: "automation-installs-flux", level: isMild ? "info" : "caution", at, facts: { how } });
  }
  return findings;
}

/** Whether the cluster is the first of those a run works on, which reports what concerns the whole repository. */
export function isReporter({ model, cluster, agreed }: TransformContext): boolean {
  const chosen = model.clusters.filter((other) => agreed.takesPart(other));
  return chosen[0]?.name === cluster.name || (chosen.length === 0 && model.clusters[0]?.name === cluster.name);
}
