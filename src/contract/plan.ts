import type { Edit, FileChange } from "./edit.ts";
import type { Loc } from "./errors.ts";
import type { Finding } from "./finding.ts";
import type { Options, Phase } from "./options.ts";
import type { Runbook } from "./runbook.ts";
import type { MergeSafety } from "./safety.ts";

/** Old place of a patch or setting, and where it went (`undefined` = dropped, with the reason in `note`). */
export interface PatchMapping {
  from: Loc;
  title: string;
  to?: string;
  note: string;
}

/** A habit of the owner that generated files follow. */
export interface LearnedConvention {
  /** `file of a HelmRelease`. */
  about: string;
  /** `helm-release.yaml, as 70 of 71`. */
  says: string;
  /** A file that shows it; absent for the default of fluxlift. */
  from?: Loc;
}

export interface ClusterPlan {
  cluster: string;
  /** Where the cluster stands in the tree the plan was made from. */
  state: ClusterState;
  detected: DetectedInstall;
  edits: Edit[];
  findings: Finding[];
  patches: PatchMapping[];
  runbook: Runbook;
  /** How the owner writes apps, where this phase writes some. */
  conventions?: LearnedConvention[];
  /** Absent when the phase changes nothing for this cluster. */
  safety?: MergeSafety;
  /** Only where the whole way was asked for, as `scan` does. */
  standing?: Standing;
}

/** What comes next for a cluster, judged from the tree and from what git here knows of its branches. */
export interface Standing {
  /** The phase to write next; absent when the migration is done. */
  next?: Phase;
  /**
   * Where the newest phase in the tree has arrived. `begun`: it is not complete. `tree`: not committed. `branch`: committed
   * here, and not in the branch that the cluster reads. `local`: in that branch, and not pushed. `read`: where the cluster
   * reads it, as far as git here knows. `unproven`: without git nobody can say.
   */
  reached: "begun" | "tree" | "branch" | "local" | "read" | "unproven";
  /** Branch that the cluster reads, where it is not the one checked out; `tag NAME` for a tag. */
  into?: string;
  /** Whether the branch that is checked out is on the remote as it is here; said where it is not the one that the cluster reads. */
  isPushed?: true;
  /** What is on its way there is more than one phase, the install among them. */
  whole?: true;
  /** Choices of earlier phases, read back from the tree. */
  choices: Choices;
}

/** Options that an earlier phase was given and that a later one has to be given again, or an owner wants to see again. */
export type Choices = Partial<Pick<Options, "sync" | "layout" | "fluxVersion" | "operatorVersion">>;

/** How far the migration of one cluster has come, judged from the tree. */
export type ClusterState = "not-started" | "partly-installed" | "installed" | "cut-over" | "done" | "unsupported";

/** What `scan` shows of a cluster; every value with the place it was read from. */
export interface DetectedInstall {
  style: string;
  namespace: string;
  version?: { value: string; at: Loc };
  components?: string[];
  source?: { kind: string; name: string; url: string; ref: string; at: Loc };
  root?: { name: string; path: string; at: Loc };
  continuous?: { style: string; at: Loc };
  bootstrap?: { style: string; version?: string; at: Loc }[];
  patches: number;
  layout: string;
  appsDir?: string;
}

export interface PhasePlan {
  phase: Phase;
  clusters: ClusterPlan[];
  /** The result of all edits of this phase, one entry a file, sorted by path. */
  files: FileChange[];
}

export interface Plan {
  tool: "fluxlift";
  version: string;
  /** Schema of this JSON; raised on a breaking change. */
  schema: 1;
  options: Options;
  scanned: { files: number; fluxFiles: number; git: { head?: string; branch?: string } | null };
  phases: PhasePlan[];
  /** Findings that belong to no cluster. */
  findings: Finding[];
  /** SHA-256 of every file an edit was derived from, as it was on disk. */
  base: Record<string, string>;
}
