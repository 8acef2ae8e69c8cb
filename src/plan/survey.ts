import { buildModel } from "../cluster/model.ts";
import type { Finding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import { groupBy } from "../contract/group-by.ts";
import type { Options } from "../contract/options.ts";
import type { ClusterPlan, PhasePlan, Plan } from "../contract/plan.ts";
import type { Workspace } from "../files/snapshot.ts";
import { makePlan } from "./plan.ts";

/**
 * Where every cluster stands, each planned for the phase that it can be given next. A cluster whose newest phase has not
 * arrived where the cluster reads it, and one that is done, stay as the first phase leaves them: without edits.
 * @throws UsageError for a cluster name that matches nothing
 */
export function surveyClusters(workspace: Workspace, options: Options): Plan {
  const asked = { ...options, phase: "install", survey: true } as const;
  const first = withOpenCleanup(makePlan(workspace, asked), workspace, asked);
  const clusters = first.phases.flatMap((phase) => phase.clusters);
  const ready = clusters.filter(isReady);
  const later = [...groupBy(ready, ({ standing }) => standing!.next!)].map(([phase, group]): PhasePlan => {
    const standings = new Map(group.map(({ cluster, standing }) => [cluster, standing]));
    const chosen = group.length === clusters.length ? options.clusters : [...standings.keys()];
    const [planned] = makePlan(workspace, { ...options, phase, clusters: chosen }).phases;
    const own = planned!.clusters.filter(({ cluster }) => standings.has(cluster));
    return {
      ...planned!,
      clusters: own.map((plan) => ({ ...plan, ...given({ standing: standings.get(plan.cluster) }) })),
    };
  });
  const left = new Set(ready.map(({ cluster }) => cluster));
  const now = first.phases.map((phase) => ({
    ...phase,
    clusters: phase.clusters.filter(({ cluster }) => !left.has(cluster)),
  }));
  return { ...first, phases: [...now, ...later] };
}

/**
 * The cleanup of clusters that are past it by their source and root: what still lies in the tree, such as a bootstrap folder that
 * nobody applies any more, is next. A survey also names the commands that would install Flux the old way again, and lines that fail
 * without its files. As long as one cluster is not through, either may be how that one starts.
 * @param plan of a phase before the cleanup
 */
export function withOpenCleanup(plan: Plan, workspace: Workspace, options: Options): Plan {
  const clusters = plan.phases.flatMap((phase) => phase.clusters);
  const isThrough = ({ standing }: ClusterPlan) => standing?.reached === "read" && !standing.next;
  if (options.oci || options.phase === "cleanup" || clusters.length === 0 || !clusters.every(isThrough)) return plan;
  const { survey, ...rest } = options;
  const last = makePlan(workspace, { ...rest, phase: "cleanup" }).phases.flatMap((phase) => phase.clusters);
  const cleanups = new Map(last.map((one) => [one.cluster, one]));
  const settle = (one: ClusterPlan): ClusterPlan => {
    const { edits = [], findings = [], state = one.state } = cleanups.get(one.cluster) ?? {};
    if (edits.length > 0) return { ...one, state, standing: { ...one.standing!, next: "cleanup", reached: "begun" } };
    return survey ? { ...one, findings: [...one.findings, ...findings.filter(isLeftover)] } : one;
  };
  return { ...plan, phases: plan.phases.map((phase) => ({ ...phase, clusters: phase.clusters.map(settle) })) };
}

function isLeftover({ rule, level }: Finding): boolean {
  return (rule === "automation-installs-flux" || rule === "automation-names-removed") && level === "caution";
}

/** Whether there is a phase after the first one to look at. */
function isReady({ standing }: ClusterPlan): boolean {
  const { next, reached } = standing ?? {};
  return next !== undefined && next !== "install" && (reached === "read" || reached === "begun");
}

/** Whether a folder holds a cluster by itself. A place that bootstrap fills in later is part of some repository, not one. */
export function recognises({ tree, git }: Workspace): boolean {
  const remotes = git?.remotes().map(({ url }) => url) ?? [];
  return buildModel({ tree, remotes, options: { layout: "auto" } }).clusters.length > 0;
}
