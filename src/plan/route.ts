import type { Agreed, Transform } from "../../transforms/contract.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import type { DraftFinding } from "../contract/finding.ts";
import type { Options, Phase } from "../contract/options.ts";
import type { ClusterPlan } from "../contract/plan.ts";
import type { Runbook } from "../contract/runbook.ts";
import type { Tree } from "../files/tree.ts";
import type { PreconditionInput } from "./preconditions.ts";
import type { RunbookInput } from "./runbook/facts.ts";

export interface RouteInput {
  cluster: Cluster;
  phase: Phase;
  options: Options;
  /** As it is before the phase for `checkTree`, as it would be after it for `checkResult`. */
  tree: Tree;
  /** The meaning of the tree before the phase. */
  model: RepoModel;
  agreed: Agreed;
}

/** A way through phases: what runs in them, what has to hold before and after, and what a person does. */
export interface Route {
  phases: readonly Phase[];
  /** In the order they run. */
  transforms: readonly Transform[];
  /** Message and hint when all phases are asked for without `--direct`. */
  allNeedsDirect: readonly [message: string, hint: string];
  /** What can be judged before any transform runs. */
  checkTree(input: RouteInput): DraftFinding[];
  /** Judges the phase order on the commit that the cluster reads. */
  checkCommitted(input: PreconditionInput): DraftFinding[];
  /** Judges the tree that the phase would leave; a blocker discards its edits. */
  checkResult(input: RouteInput & { remotes: readonly string[] }): DraftFinding[];
  /** Clusters that would drag one along that stays as it is, by name; the phase is planned again without them. */
  holdBack?(plans: readonly ClusterPlan[], staying: readonly Cluster[]): ReadonlyMap<string, DraftFinding>;
  /** The tree of `checkResult` as merge safety can compare it with the model of the tree before. */
  safetyView?(input: RouteInput & { before: RepoModel }): Tree;
  buildRunbook(input: RunbookInput, agreed: Agreed): Runbook;
}
