import type { Cluster, RepoModel } from "../../cluster/types.ts";
import type { Edit } from "../../contract/edit.ts";
import type { Finding } from "../../contract/finding.ts";
import type { Options, Phase } from "../../contract/options.ts";
import type { MergeSafety } from "../../contract/safety.ts";
import type { Tree } from "../../files/tree.ts";

/** What a phase of one cluster came to. */
export interface RunbookInput {
  cluster: Cluster;
  /** All clusters, to tell whose a file is. */
  model: Pick<RepoModel, "clusters" | "leftOut">;
  phase: Phase;
  options: Options;
  /** With the edits of the phase. */
  tree: Tree;
  edits: Edit[];
  findings: Finding[];
  /** The branch that is checked out. */
  branch?: string;
  /** What Flux does when the phase is merged and then reverted; undefined when it changes nothing. */
  reverse?: () => MergeSafety | undefined;
}

export function countBlockers({ findings }: RunbookInput): number {
  return findings.filter(({ level }) => level === "blocker").length;
}
