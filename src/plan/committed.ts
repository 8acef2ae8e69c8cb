import { buildModel } from "../cluster/model.ts";
import type { Cluster } from "../cluster/types.ts";
import { fillIn } from "../cluster/unfilled/fill.ts";
import { lineOf } from "../contract/errors.ts";
import type { DraftFinding, SaidFinding } from "../contract/finding.ts";
import type { Options } from "../contract/options.ts";
import { openRevision, resolveRevision } from "../files/revision.ts";
import type { Workspace } from "../files/snapshot.ts";
import { agreeOn } from "./agreed.ts";
import { isBlocker, NOT_PUSHED, type Route } from "./route.ts";
import type { PhaseContext } from "./run-transforms.ts";

export interface CommittedInput extends Pick<PhaseContext, "tree" | "model" | "phase" | "agreed"> {
  workspace: Workspace;
  remotes: readonly string[];
  route: Route;
}

interface Revision {
  /** Undefined for the checked-out tree, when that is what is committed. */
  id: string | undefined;
  label: string;
}

/**
 * Judges the phase order on the commit the cluster reads: the branch its source names where that is here, else HEAD,
 * never the working tree alone. Without git nothing is committed, and only `--direct` can say that the phase is there.
 */
export function checkCommitted(input: CommittedInput, cluster: Cluster, options: Options): DraftFinding[] {
  if (input.phase === "install") return [];
  const { git } = input.workspace;
  if (!git) return options.direct ? judge(input, cluster, options, undefined) : [unproven(input, cluster)];
  const revision = findRevision(input, cluster);
  const findings = judge(input, cluster, options, revision);
  if (options.unpushed) return findings;
  const pushed = findings.some(isBlocker) ? undefined : findPushed(input, cluster, revision);
  if (!pushed || !judge(input, cluster, options, pushed).some(isBlocker)) return findings;
  return [...findings, notPushed(input, cluster, pushed)];
}

function findRevision({ workspace }: CommittedInput, cluster: Cluster): Revision {
  const git = workspace.git!;
  const branch = cluster.branch;
  if (branch !== undefined && branch !== git.branch) {
    for (const name of [branch, `origin/${branch}`]) {
      const id = resolveRevision(workspace.root, name);
      if (id !== undefined) return { id, label: `branch ${name}` };
    }
  }
  const isClean = git.dirty().length === 0;
  return { id: isClean ? undefined : git.head, label: git.branch ?? "HEAD" };
}

/** What the cluster can have read already, where it differs from the local branch. */
function findPushed({ workspace }: CommittedInput, cluster: Cluster, local: Revision): Revision | undefined {
  const branch = cluster.branch ?? workspace.git?.branch;
  if (branch === undefined) return undefined;
  const id = resolveRevision(workspace.root, `origin/${branch}`);
  const own = local.id ?? workspace.git?.head;
  return id === undefined || id === own ? undefined : { id, label: `origin/${branch}` };
}

function judge(
  { workspace, tree, model, phase, remotes, route, agreed }: CommittedInput,
  cluster: Cluster,
  options: Options,
  revision: Revision | undefined,
): DraftFinding[] {
  // The phase before counts whole: what this run leaves out must be there all the same.
  const whole = { ...options, only: [], skip: [] };
  const committed = { tree, model, agreed, label: revision?.label ?? "this tree" };
  if (revision?.id !== undefined) {
    const there = openRevision(workspace.root, revision.id);
    committed.tree = fillIn({ tree: there, remotes, branch: workspace.git?.branch, options }).tree;
    committed.model = buildModel({ tree: committed.tree, remotes, options: whole });
    committed.agreed = agreeOn(committed.model, () => whole);
  }
  return route.checkCommitted({ transforms: route.transforms, cluster, phase, options: whole, committed });
}

function unproven({ phase }: CommittedInput, cluster: Cluster): SaidFinding {
  return {
    rule: "phase-not-proven",
    level: "blocker",
    at: lineOf(cluster.root.file),
    what: `This folder is no git repository, so nothing shows that the cluster has reconciled what comes before ${phase}.`,
    why: "Phases merged together let kustomize-controller delete Flux before the operator has adopted it.",
    next: "Run this in the git checkout; or, when operator and instance are installed and Ready, say so with --direct.",
  };
}

function notPushed({ phase }: CommittedInput, cluster: Cluster, pushed: Revision): SaidFinding {
  return {
    rule: NOT_PUSHED,
    level: "blocker",
    at: lineOf(cluster.root.file),
    what: `What comes before ${phase} is committed here but not in ${pushed.label}: one push of both lets Flux delete itself.`,
    why: "Flux applies the newest commit only; it never sees the phase in between.",
    next: "Push the phase before, wait until it is reconciled, and write this one after that. If it is pushed, `git fetch origin` shows it here, or say so with --unpushed.",
  };
}
