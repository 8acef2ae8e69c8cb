import type { Agreed, Transform } from "../../transforms/contract.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import { lineOf } from "../contract/errors.ts";
import type { DraftFinding, Finding, SaidFinding } from "../contract/finding.ts";
import type { Phase } from "../contract/options.ts";
import type { ClusterPlan } from "../contract/plan.ts";
import type { Runbook } from "../contract/runbook.ts";
import type { Tree } from "../files/tree.ts";
import { type PhaseContext, runTransforms } from "./run-transforms.ts";
import type { RunbookInput } from "./runbook/facts.ts";

/** A way through phases: what runs in them, what has to hold before and after, and what a person does. */
export interface Route {
  phases: readonly Phase[];
  /** In the order they run. */
  transforms: readonly Transform[];
  /** Message and hint when all phases are asked for without `--direct`. */
  allNeedsDirect: readonly [message: string, hint: string];
  /** What can be judged before any transform runs, on the tree before the phase. */
  checkTree(input: PhaseContext): DraftFinding[];
  /** Judges the phase order on the commit that the cluster reads. */
  checkCommitted(input: PreconditionInput): DraftFinding[];
  /** Judges the tree that the phase would leave, given as `tree`; a blocker discards its edits. */
  checkResult(input: PhaseContext & { remotes: readonly string[] }): DraftFinding[];
  /** Clusters that would drag one along that stays as it is, by name; the phase is planned again without them. */
  holdBack?(plans: readonly ClusterPlan[], staying: readonly Cluster[]): ReadonlyMap<string, DraftFinding>;
  /** The tree of `checkResult` as merge safety can compare it with the model of the tree before. */
  safetyView?(input: PhaseContext & { before: RepoModel }): Tree;
  buildRunbook(input: RunbookInput, agreed: Agreed): Runbook;
}

export interface PreconditionInput extends Pick<PhaseContext, "cluster" | "phase" | "options"> {
  transforms: readonly Transform[];
  /** What the cluster can have reconciled: the commit it reads, not the working tree. */
  committed: { tree: Tree; model: RepoModel; agreed: Agreed; label: string };
}

/** Whether a finding stops the planning of a phase. One that is only not pushed is still shown, and stops the writing. */
export const isBlocker = ({ level, rule }: Pick<Finding, "level" | "rule">) =>
  level === "blocker" && rule !== NOT_PUSHED;

/** Whether a phase writes nothing for a cluster. */
export const isStopped = ({ findings }: Pick<ClusterPlan, "findings">): boolean => findings.some(isBlocker);

/** The phase before is committed here, and not where the cluster reads it. */
export const NOT_PUSHED = "phase-not-pushed";

export interface Open {
  file?: string;
  /** Whether the phase is stopped there. */
  stops?: true;
}

/** What a phase leaves undone in the commit: the file it would change, or that stops it; undefined when it is done. */
export function findOpen(input: PreconditionInput, there: Cluster, phase: Phase): Open | undefined {
  const { edits, findings } = runTransforms({ ...input, ...input.committed, cluster: there, phase });
  const blocker = findings.find(isBlocker);
  if (edits.length === 0 && !blocker) return undefined;
  const file = blocker ? blocker.at?.file : edits[0]?.path;
  return file === undefined ? {} : { file, ...(blocker ? { stops: true as const } : {}) };
}

/** Says that a phase cannot be merged because the one it rests on is not complete. */
export function notReached(
  { cluster, committed }: PreconditionInput,
  needed: Phase,
  { command, of = "", so, why }: { command: "migrate" | "oci"; of?: string; so: string; why: string },
  { file, stops }: Open = {},
): SaidFinding {
  const merge = committed.label.startsWith("tag ") ? "merge it, move the tag to it" : "merge it";
  return {
    rule: "phase-not-reached",
    level: "blocker",
    at: lineOf(file ?? cluster.root.file),
    what: `The ${needed} phase${of} is not complete in ${committed.label}${file ? ` (${file} ${stops ? "stops it" : "still differs"})` : ""}, so ${so}.`,
    why,
    next: `Run \`fluxlift ${command} --phase ${needed}\` (it says what stops it, if anything does), ${merge}, wait until it is reconciled, then come back.`,
  };
}
