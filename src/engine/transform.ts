import type { Cluster, RepoModel } from "../flux/types.ts";
import type { Tree } from "../workspace/tree.ts";
import type { DraftEdit, Finding, Options, PatchMapping, Phase } from "./types.ts";

/** What a transform may look at. The tree and the model already contain the edits of the transforms before it. */
export interface TransformContext {
  tree: Tree;
  model: RepoModel;
  cluster: Cluster;
  phase: Phase;
  options: Options;
  /** Paths that transforms before it have edited in this phase. */
  edited?: ReadonlySet<string>;
}

/** A finding before the engine adds the cluster and the phase. */
export type DraftFinding = Omit<Finding, "cluster" | "phase">;

export interface TransformResult {
  edits: DraftEdit[];
  findings: DraftFinding[];
  /** Rows for the old-to-new table of the runbook. */
  patches?: PatchMapping[];
}

export interface Transform {
  /** Kebab-case; equals the file name, the fixture folder and the docs page. */
  id: string;
  title: string;
  /** Phases in which it may produce edits. */
  phases: readonly Phase[];
  /** Docs page, relative to the project root. */
  docs: string;
  /** Whether there is anything for it to do or to report; cheap. */
  applies(context: TransformContext): boolean;
  /** Pure: reads the context, returns edits and findings, touches nothing else. */
  run(context: TransformContext): TransformResult;
}

/** Declares a transform; see CONTRIBUTING for the five steps of adding one. */
export function defineTransform(transform: Transform): Transform {
  return transform;
}
