import { stateOf } from "../src/cluster/instances.ts";
import type { Cluster, RepoModel } from "../src/cluster/types.ts";
import type { DraftEdit } from "../src/contract/edit.ts";
import type { DraftFinding } from "../src/contract/finding.ts";
import type { Options, Phase } from "../src/contract/options.ts";
import type { PatchMapping } from "../src/contract/plan.ts";
import type { Tree } from "../src/files/tree.ts";
import type { AppContext, PreparedApps } from "./shared/apps/types.ts";
import type { OciTarget, SettledTarget } from "./shared/oci/types.ts";

/**
 * What a transform may look at: two trees, and a meaning that only one of them has. Ask `tree` for bytes that are to be
 * edited, and `before` for what the repository said when nobody had edited it yet. `model` and `cluster` are read from
 * `before`: an object of theirs may have other bytes in `tree`, or be gone, so read it again where that matters.
 */
export interface TransformContext {
  /** With the edits of the clusters and transforms before this one in this phase. */
  tree: Tree;
  /** As the phase began; places in findings that a person looks up point here. */
  before: Tree;
  /** The meaning of `before`. */
  model: Omit<RepoModel, "tree">;
  /** One of the model's. */
  cluster: Cluster;
  phase: Phase;
  options: Options;
  /** Paths that transforms before it have edited in this phase, for this cluster. */
  edited: ReadonlySet<string>;
  agreed: Agreed;
}

/**
 * What the transforms of a phase agree on for a cluster, worked out from `before` alone. The plan holds the answers for
 * one phase (`src/plan/agreed.ts`) and works each of them out when it is first asked for.
 */
export interface Agreed {
  /** Whether this run changes a cluster in this phase: it was chosen, and nothing stops it. */
  takesPart(cluster: Cluster): boolean;
  /** `fluxlift migrate`: the instance that is wanted, and where and how both apps are written. */
  apps(cluster: Cluster): PreparedApps;
  /** `fluxlift oci`: the artifact, and the sync that it takes the place of. */
  target(cluster: Cluster): SettledTarget;
}

/** What one step of a transform comes to; what is left out is empty. */
export type Outcome = Partial<TransformResult>;

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

interface TransformDraft extends Pick<Transform, "id" | "title" | "phases"> {
  /** By default it always applies. */
  applies?: Transform["applies"];
  run(context: TransformContext): Outcome;
}

/** Declares a transform; see CONTRIBUTING for the five steps of adding one. */
export function defineTransform({ id, title, phases, applies = () => true, run }: TransformDraft): Transform {
  const docs = `docs/transforms/${id}.md`;
  return { id, title, phases, docs, applies, run: (context) => combine(run(context)) };
}

/** For `applies`: until cutover the old install delivers the cluster. */
export function isBeforeCutover({ cluster }: Pick<TransformContext, "cluster">): boolean {
  return !["cut-over", "done"].includes(stateOf(cluster));
}

/** A run that has something to do only where both apps have a place; operator-app says why they have none. */
export function withApps(run: (context: TransformContext, app: AppContext) => Outcome): TransformDraft["run"] {
  return (context) => {
    const { app } = context.agreed.apps(context.cluster);
    return app ? run(context, app) : {};
  };
}

/** A run that has something to do only where the artifact is settled; the plan says what stands in the way. */
export function withTarget(run: (context: TransformContext, target: OciTarget) => Outcome): TransformDraft["run"] {
  return (context) => {
    const { target } = context.agreed.target(context.cluster);
    return target ? run(context, target) : {};
  };
}

/** All steps as one result, in their order. */
export function combine(...parts: readonly Outcome[]): TransformResult {
  const patches = parts.flatMap((part) => part.patches ?? []);
  return {
    edits: parts.flatMap(({ edits = [] }) => edits),
    findings: parts.flatMap(({ findings = [] }) => findings),
    ...(patches.length > 0 ? { patches } : {}),
  };
}
