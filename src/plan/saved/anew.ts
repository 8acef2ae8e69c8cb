import type { Transform } from "../../../transforms/contract.ts";
import { FluxliftError, formatLoc, InternalError, RepoError } from "../../contract/errors.ts";
import type { Finding } from "../../contract/finding.ts";
import { groupBy } from "../../contract/group-by.ts";
import { listSome } from "../../contract/list-some.ts";
import type { ClusterPlan, PhasePlan, Plan } from "../../contract/plan.ts";
import type { Workspace } from "../../files/snapshot.ts";
import { MIGRATE } from "../migrate-route.ts";
import { makeOciPlan } from "../oci-plan.ts";
import { withOwn } from "../own-transforms.ts";
import { makePlan } from "../plan.ts";
import { isBlocker, NOT_PUSHED } from "../route.ts";
import { badPlan } from "./load.ts";

const LISTED = 5;

/**
 * Holds a saved plan against the one that would be made of this tree, here and now. Every file it was made from may be the
 * same, and still the phase before be no part of what the cluster reads, or a file have come that has to change as well.
 * @param own transforms that a configuration brings
 * @param where how to call the file in messages
 * @returns the plan, which says of what is not pushed what holds now
 * @throws RepoError where a cluster that it changes would be stopped, or would change in more of the files that are there
 */
export function holdAgainstNow(workspace: Workspace, plan: Plan, own: readonly Transform[], where: string): Plan {
  const { options } = plan;
  const anew = (phase: Plan["options"]["phase"]) => planAnew(workspace, { ...options, phase }, own, where);
  const whole = options.direct && options.phase === "all" ? anew("all") : undefined;
  // Of another branch less may be known here than where the plan was saved.
  const isSameBranch = plan.scanned.git?.branch === workspace.git?.branch;
  const phases = plan.phases.map((phase): PhasePlan => {
    const now = whole ?? anew(phase.phase);
    const there = now.phases.filter((one) => one.phase === phase.phase).flatMap(({ clusters }) => clusters);
    const byRoot = groupBy(there, rootOf);
    refuseOther(workspace, phase, byRoot);
    const clusters = phase.clusters.map((cluster) => {
      const said = (byRoot.get(rootOf(cluster)) ?? []).flatMap(({ findings }) => findings.filter(isNotPushed));
      const kept = cluster.findings.filter((finding) => !isNotPushed(finding) || !(isSameBranch || said.length > 0));
      return { ...cluster, findings: [...kept, ...said.map((finding) => ({ ...finding, cluster: cluster.cluster }))] };
    });
    return { ...phase, clusters };
  });
  return { ...plan, phases };
}

/** What tells a cluster from others in both plans: what one is called depends on those beside it. */
function rootOf({ cluster, detected: { root } }: ClusterPlan): string {
  return root ? `${root.at.file}:${root.at.line}` : cluster;
}

/**
 * Only of clusters that the saved plan changes: it has nothing to do with one that it leaves alone, or that came since. Where one of
 * them is found no more, any other may be that one.
 */
function refuseOther({ tree }: Workspace, { clusters }: PhasePlan, byRoot: ReadonlyMap<string, ClusterPlan[]>): void {
  const changed = new Set(clusters.filter(({ edits }) => edits.length > 0).map(rootOf));
  const left = new Set(clusters.map(rootOf).filter((root) => !changed.has(root)));
  const isOpen = [...changed].some((root) => !byRoot.has(root));
  const now = [...byRoot].flatMap(([root, ones]) => (changed.has(root) || (isOpen && !left.has(root)) ? ones : []));
  const stop = now.flatMap(({ findings }) => findings).find(isBlocker);
  if (stop) {
    const flags = stop.next.includes(" --")
      ? " The flags are those of 'fluxlift plan', which makes the plan again."
      : "";
    const where = stop.at ? `${formatLoc(stop.at)}: ` : "";
    throw new RepoError("stopped-now", `${where}${stop.what}`, `Nothing was written. ${stop.next}${flags}`);
  }
  const known = new Set(pathsOf(clusters));
  const missed = [...new Set(pathsOf(now))].filter((path) => tree.has(path) && !known.has(path));
  if (missed.length === 0) return;
  throw new RepoError(
    "base-moved",
    `The plan does not fit this tree any more: made now it would also change ${listSome(missed, LISTED)}`,
    "Nothing was written. Make the plan again with 'fluxlift plan -o FILE', and review it.",
  );
}

const pathsOf = (clusters: readonly ClusterPlan[]) => clusters.flatMap(({ edits }) => edits.map(({ path }) => path));

const isNotPushed = ({ rule }: Finding) => rule === NOT_PUSHED;

/** The options are those of the file, which nobody has looked at as closely as at flags. */
function planAnew(workspace: Workspace, options: Plan["options"], own: readonly Transform[], where: string): Plan {
  try {
    return options.oci ? makeOciPlan(workspace, options, own) : makePlan(workspace, options, withOwn(MIGRATE, own));
  } catch (error) {
    if (error instanceof FluxliftError && !(error instanceof InternalError)) throw error;
    throw badPlan(where, `has options that no plan of this tree can be made with: ${(error as Error).message}`);
  }
}
