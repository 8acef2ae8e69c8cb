import { type Finding, sayFinding } from "./gate/plan-json.ts";
import { compareVersions } from "./gate/reference.ts";
import type { InstallSight, RootSight } from "./gate/sights.ts";
import type { GateResult } from "./gate/types.ts";

/** `blocked` = stopped with a well-formed blocker that the gate can confirm; `blocked?` = one a person has to judge. */
export type Outcome = "pass" | "FAIL" | "blocked" | "blocked?" | "n/a";

/** One line of the table. */
export interface Row {
  state: string;
  scenario: string;
  cluster: string;
  style: string;
  version: string;
  reached: string;
  results: GateResult[];
  outcome: Outcome;
  reason: string;
  /** Whether a failure of this row fails the run. */
  required: boolean;
}

export interface Evidence {
  state: string;
  scenario: string;
  cluster: string;
  reached: string;
  results: GateResult[];
  installs: InstallSight[];
  roots: RootSight[];
  style?: string;
  version?: string;
  blockers?: Finding[];
  findings?: Finding[];
  /** Why Flux cannot apply today what a blocker says it cannot. */
  broken?: string;
  /** Why the tool gave nothing to judge. */
  error?: string;
}

/** Oldest Flux that the operator manages (flux-facts 5.2). */
const OLDEST = "2.2.0";

const newestVersion = (installs: InstallSight[]): string | undefined =>
  installs
    .flatMap((install) => (install.version ? [install.version] : []))
    .sort(compareVersions)
    .at(-1);

/** Whether the gate itself sees why the cluster cannot be migrated. */
function confirms(evidence: Evidence, version: string | undefined): string | undefined {
  const styles = new Set(evidence.installs.map((install) => install.style));
  if (version && compareVersions(version, OLDEST) < 0) return `Flux ${version} is older than ${OLDEST}`;
  const newest = newestVersion(evidence.installs);
  if (evidence.version && newest && compareVersions(newest, evidence.version) > 0) {
    return `the tree installs Flux ${newest} and ${evidence.version}`;
  }
  if (evidence.broken) return evidence.broken;
  if (styles.size === 0) return "no old install is seen in the tree";
  if (evidence.roots.length === 0) return "no root FluxKustomization is seen in the tree";
  return undefined;
}

/** Decides what a row means; nothing here knows a repository by name. */
export function classify(evidence: Evidence): Row {
  const { state, scenario, cluster, reached, results, installs } = evidence;
  const version = evidence.version ?? newestVersion(installs);
  const styles = [...new Set(installs.map((install) => install.style))];
  const migrated = styles.length > 0;
  const row = {
    state,
    scenario,
    cluster,
    reached,
    results,
    style: evidence.style ?? styles.join("+") ?? "",
    version: version ?? "?",
    required: migrated && !state.endsWith("__old50") && (!version || compareVersions(version, OLDEST) >= 0),
  };
  const failed = results.filter((result) => result.status === "FAIL");
  const blocker = evidence.blockers?.[0];
  const confirmed = confirms(evidence, version);
  const why = (blocker ? sayFinding(blocker) : undefined) ?? evidence.findings?.map(sayFinding)[0] ?? "";
  if (failed.length > 0) {
    const reason = failed.map((result) => `${result.item}: ${result.reasons[0]}`).join(" | ");
    return { ...row, outcome: "FAIL", reason };
  }
  if (!migrated) return { ...row, outcome: "n/a", reason: confirmed ?? why };
  if (evidence.error) return { ...row, outcome: "FAIL", reason: evidence.error };
  if (blocker)
    return { ...row, outcome: confirmed ? "blocked" : "blocked?", reason: confirmed ? `${why} [${confirmed}]` : why };
  if (reached === "cleanup" || reached === "all") {
    const unchecked = results.filter((result) => result.status === "n.c.");
    return {
      ...row,
      outcome: "pass",
      reason: unchecked.map((result) => `${result.item}: ${result.reasons[0]}`).join(" | "),
    };
  }
  if (confirmed) return { ...row, outcome: "blocked", reason: `${why} [${confirmed}]` };
  return { ...row, outcome: "FAIL", reason: `stops after ${reached} without a blocker. ${why}` };
}
