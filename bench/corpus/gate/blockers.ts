import { type Finding, type PhasePlan, sayFinding } from "./plan-json.ts";
import { changedPaths, type Snapshot } from "./snapshot.ts";
import { type GateResult, Verdict } from "./types.ts";

export interface BlockersInput {
  before: Snapshot;
  after: Snapshot;
  /** Blockers that concern the cluster, whole-repository ones included. */
  blockers: Finding[];
  /** Files that clusters without a blocker were allowed to write. */
  allowed: Set<string>;
  cluster: string;
  phase: PhasePlan | undefined;
  exitCode: number;
}

/** Gate item 11: a blocker names file, line, reason and next step, and nothing of that cluster was written. */
export function checkBlockers(input: BlockersInput): GateResult {
  const verdict = new Verdict(11);
  const { before, after } = input;
  for (const finding of input.blockers) {
    const name = sayFinding(finding);
    for (const field of ["what", "why", "next"] as const) {
      if (!finding[field]?.trim()) verdict.fail(`${name} says no ${field}`);
    }
    if (!finding.at) {
      verdict.fail(`${name} names no file`);
      continue;
    }
    const { file, line } = finding.at;
    if (!before.has(file)) verdict.fail(`${name} names a file that does not exist`);
    else if (line < 1 || line > before.text(file).split("\n").length)
      verdict.fail(`${name} names a line outside the file`);
  }
  const own = input.phase?.clusters.find((cluster) => cluster.cluster === input.cluster);
  if (own && own.edits.length > 0) verdict.fail(`${own.edits.length} edits are planned for a blocked cluster`);
  for (const path of changedPaths(before, after)) {
    if (!input.allowed.has(path)) verdict.fail(`${path} was written although the cluster is blocked`);
  }
  if (input.exitCode === 0) verdict.fail("exit code 0 although a cluster is blocked");
  return verdict.result();
}
