import { stateBefore, stateOf } from "../cluster/instances.ts";
import { buildModel } from "../cluster/model.ts";
import { appliesFile } from "../cluster/territory.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import { fillIn } from "../cluster/unfilled/fill.ts";
import { type Edit, pathsOf } from "../contract/edit.ts";
import { InternalError, UsageError } from "../contract/errors.ts";
import type { DraftFinding, Finding } from "../contract/finding.ts";
import { given } from "../contract/given.ts";
import { getOrMake } from "../contract/group-by.ts";
import { once } from "../contract/once.ts";
import type { Options, Phase } from "../contract/options.ts";
import type { ClusterPlan, PhasePlan, Plan, Standing } from "../contract/plan.ts";
import { pushAll } from "../contract/push-all.ts";
import { VERSION } from "../contract/version.ts";
import { hashBase } from "../files/hash.ts";
import { applyEdits } from "../files/overlay.ts";
import { forget } from "../files/remember.ts";
import type { Workspace } from "../files/snapshot.ts";
import type { Tree } from "../files/tree.ts";
import { cleanFindings, sayFinding } from "../findings/say.ts";
import { type Acceptances, makeAcceptances, readAcceptFlags } from "../safety/fate/acceptance.ts";
import { reportIdle } from "../safety/merge-findings.ts";
import { checkPhaseSafety, checkReversal, type MergeBase, type PhaseSafetyInput } from "../safety/phase-safety.ts";
import { agreeOn } from "./agreed.ts";
import { type Barred, barHalfway } from "./barred.ts";
import { optionsOf, readChoices } from "./choices.ts";
import { type CommittedInput, checkCommitted, findReached } from "./committed.ts";
import { describeCluster } from "./detected.ts";
import { checkHidden, checkOverlooked, checkUnread } from "./hidden.ts";
import { checkListed } from "./listed.ts";
import { checkLostSync } from "./lost-sync.ts";
import { withMeasuredGuards } from "./measured-base.ts";
import { MIGRATE } from "./migrate-route.ts";
import { selectClusters } from "./own-settings.ts";
import { onRealFiles } from "./placeholders.ts";
import { checkOverlays } from "./refused-overlays.ts";
import { reportRepository } from "./repository-findings.ts";
import { isBlocker, isStopped, type Route } from "./route.ts";
import { runTransforms, type TransformRun } from "./run-transforms.ts";
import { withoutConsequences, withoutCopies, withoutSaid } from "./said-before.ts";
import { checkTerritory } from "./territory-check.ts";

/**
 * Makes the plan of one phase, or of all of them on the direct route. Nothing is written.
 * @param route which way to go; `fluxlift oci` passes its own
 * @throws UsageError for a cluster name that matches nothing, or `--phase all` without `--direct`.
 */
export function makePlan(workspace: Workspace, options: Options, route: Route = MIGRATE): Plan {
  if (options.phase === "all" && !options.direct) throw new UsageError("all-needs-direct", ...route.allNeedsDirect);
  const { git } = workspace;
  const remotes = git?.remotes().map(({ url }) => url) ?? [];
  const phases = options.phase === "all" ? route.phases : [options.phase];
  const filled = fillIn({ tree: workspace.tree, remotes, branch: git?.branch, options });
  const accept = makeAcceptances(readAcceptFlags(options.accept ?? []));
  const way = { workspace, options, route, remotes, phases, filled, accept };
  let barred: Barred = new Map();
  let planned = planPhases(way, barred);
  for (let more = barHalfway(planned.plans); more.size > 0; more = barHalfway(planned.plans)) {
    barred = new Map([...barred, ...more]);
    planned = planPhases(way, barred);
  }
  const { plans, first } = planned;
  const whole = reportRepository(workspace, first, options).filter((finding) => !isWayOf(plans, finding));
  const around = withoutCopies(whole, plans);
  // What one phase needs is given to all of them: only where something is still open may another name have been meant.
  const isOpen = plans.some(({ clusters }) => clusters.some(({ findings }) => findings.some(isUnsettled)));
  const idle = isOpen ? reportIdle(accept.listIdle(), []) : [];
  const findings = cleanFindings([...first.findings, ...around, ...idle]);
  return {
    tool: "fluxlift",
    version: VERSION,
    schema: 1,
    options,
    scanned: {
      files: workspace.tree.paths.length,
      fluxFiles: workspace.tree.grep("toolkit.fluxcd.io").length,
      git: git ? { ...(git.head ? { head: git.head } : {}), ...(git.branch ? { branch: git.branch } : {}) } : null,
    },
    phases: plans,
    findings,
    base: hashBase(workspace.tree, filesReadBy(plans)),
  };
}

function isUnsettled({ rule, level }: Finding): boolean {
  return rule === "safety-unknown" && level !== "info";
}

/** What stays the same however often the phases are planned. */
interface Way {
  workspace: Workspace;
  options: Options;
  route: Route;
  remotes: readonly string[];
  phases: readonly Phase[];
  filled: ReturnType<typeof fillIn>;
  accept: Acceptances;
}

/** Plans one phase after the other, each on the tree that the one before leaves. */
function planPhases(
  { workspace, options, route, remotes, phases, filled, accept }: Way,
  barred: Barred,
): { plans: PhasePlan[]; first: RepoModel } {
  let tree: Tree = filled.tree;
  let first: RepoModel | undefined;
  let settled: RepoModel | undefined;
  const plans: PhasePlan[] = [];
  const stopped = new Map<string, Phase>();
  for (const phase of phases) {
    const model = buildModel({ tree, remotes, branch: workspace.git?.branch, options, settled });
    if (settled) checkAllThere(settled, model, phase);
    filled.report(model);
    const agreed = agreeOn(model, (cluster) => optionsOf(cluster, options));
    first ??= model;
    settled = model;
    // All phases at once are one merge: each is judged together with those before it. One phase alone is the first.
    const changed = new Set(plans.flatMap(({ files }) => files.map(({ path }) => path)));
    const base = withMeasuredGuards({ tree: filled.tree, model: first, changed }, plans, options, remotes);
    const common = { workspace, options, remotes, route, accept, stopped, barred };
    const plan = planPhase({ ...common, tree, model, phase, base, agreed });
    for (const { cluster } of plan.phase.clusters.filter(isStopped)) stopped.set(cluster, phase);
    plans.push(withoutSaid(onRealFiles(plan.phase, filled.placeholders), plans));
    tree = plan.tree;
  }
  return { plans, first: first! };
}

/** A phase takes no cluster away: what starts it survives every phase in one form or another. */
function checkAllThere(before: RepoModel, after: RepoModel, phase: Phase): void {
  const lost = before.clusters.find(({ name }) => !after.clusters.some((other) => other.name === name));
  if (!lost) return;
  throw new InternalError(
    "cluster-lost",
    `Before ${phase}, neither the root of cluster ${lost.name} (${lost.root.file}) nor a FluxInstance for it is left.`,
    "Please report it with the output of `fluxlift scan`; nothing was written.",
  );
}

/** Why a cluster must not change in this phase although nothing of its own stops it, by name. */
type HeldBack = ReadonlyMap<string, DraftFinding>;

interface PhaseInput extends CommittedInput {
  options: Options;
  base: MergeBase;
  /** Clusters that something stopped in a phase before, and in which: they keep every byte. */
  stopped: ReadonlyMap<string, Phase>;
  barred: Barred;
  accept: Acceptances;
}

/**
 * Plans a phase for one cluster after the other. What a cluster shares with others depends on who takes part, so the phase
 * is planned again when one stops that another has counted on.
 */
function planPhase(
  input: PhaseInput,
  held: HeldBack = new Map(),
  stopped: ReadonlySet<string> = new Set([...input.stopped.keys(), ...input.barred.keys()]),
  known: ReadonlyMap<string, ClusterPlan> = new Map(),
): { phase: PhasePlan; tree: Tree } {
  const { model, options, phase } = input;
  let tree = input.tree;
  const clusters: ClusterPlan[] = [];
  const edits: Edit[] = [];
  let { base } = input;
  const chosen = selectClusters(model.clusters, options);
  const places = new Map(chosen.map(({ name }, place) => [name, place]));
  const countedOn = new Map<string, Set<string>>();
  /** Stopped before anything was planned for them, unlike what those before them took for granted. */
  const idle = new Set<string>();
  /** Planned after one whose edits, without their own, would break what both read. */
  const awaited = new Set<string>();
  const merged = once(() => leave(input, tree, edits));
  for (const [index, cluster] of chosen.entries()) {
    const others = getOrMake(countedOn, cluster.name, () => new Set<string>());
    const takesPart = (other: Cluster) => {
      if (other.name !== cluster.name) others.add(other.name);
      return !stopped.has(other.name) && places.has(other.name);
    };
    const awaits = (other: Cluster) => {
      const isLater = (places.get(other.name) ?? -1) > index && takesPart(other);
      if (isLater) awaited.add(other.name);
      return isLater;
    };
    const agreed = { ...input.agreed, takesPart };
    const isAwaited = awaited.has(cluster.name);
    const before = known.get(cluster.name);
    const planned = before
      ? { plan: before, tree, isBlocked: false }
      : planCluster(
          { ...input, tree, base, agreed, merged, done: edits, awaits, isAwaited },
          cluster,
          held.get(cluster.name),
        );
    if (planned.isBlocked && !stopped.has(cluster.name)) idle.add(cluster.name);
    clusters.push(planned.plan);
    pushAll(edits, planned.plan.edits);
    // The next cluster begins on what this one leaves, and the runbooks of all hold on to their trees until they are read.
    if (tree !== planned.tree && tree !== input.tree) forget(tree);
    tree = planned.tree;
    base = { ...base, changed: new Set([...base.changed, ...pathsOf(planned.plan.edits)]) };
  }
  const out = new Set([...stopped, ...clusters.filter(isStopped).map(({ cluster }) => cluster)]);
  const moving = new Set(chosen.map(({ name }) => name).filter((name) => !out.has(name)));
  const staying = model.clusters.filter(({ name }) => !moving.has(name));
  const countsOn = (name: string, isOut: (other: string) => boolean) => [...(countedOn.get(name) ?? [])].some(isOut);
  const isMistaken = (name: string) => countsOn(name, (one) => out.has(one) && !stopped.has(one));
  // What was planned with one that has stopped since is planned without it before anything is said of what both share.
  const shared = input.route.holdBack?.(clusters, staying) ?? new Map<string, DraftFinding>();
  const more = new Map([...shared].filter(([name]) => !isMistaken(name)));
  if (more.size > 0 || [...countedOn.keys()].some(isMistaken)) {
    // What stopped by itself keeps its own reason: that it also waits for the others by then is no help to anybody. Unless it
    // follows from edits of another that never came to be.
    const own = clusters.filter(
      (plan) => isStopped(plan) && !more.has(plan.cluster) && !countsOn(plan.cluster, (one) => idle.has(one)),
    );
    const settled = new Map([...known, ...own.map((plan) => [plan.cluster, plan] as const)]);
    return planPhase(input, new Map([...held, ...more]), new Set([...out, ...more.keys()]), settled);
  }
  checkTerritory(edits, input.tree, model, moving);
  return { phase: { phase, clusters, files: applyEdits(input.tree, edits).changes }, tree };
}

/** What a phase leaves. Made for all clusters together: they are merged, and reverted, in one. */
function leave({ base, remotes, options }: PhaseInput, tree: Tree, edits: readonly Edit[]): MergeBase {
  const model = buildModel({ tree, remotes, options, settled: base.model });
  return { tree, model, changed: new Set([...base.changed, ...pathsOf(edits)]) };
}

type ClusterInput = PhaseInput &
  Pick<PhaseSafetyInput, "awaits" | "isAwaited"> & { merged: () => MergeBase; done: readonly Edit[] };

function planCluster(
  input: ClusterInput,
  cluster: Cluster,
  held: DraftFinding | undefined,
): { plan: ClusterPlan; tree: Tree; isBlocked: boolean } {
  const { tree, model, phase, workspace, route, agreed, remotes } = input;
  const known = input.barred.get(cluster.name)?.get(phase);
  if (known) return { plan: known, tree, isBlocked: true };
  const options = optionsOf(cluster, input.options);
  const findings = cleanFindings(cluster.findings);
  const say = (drafts: readonly DraftFinding[]) => {
    for (const draft of drafts) findings.push({ ...sayFinding(draft), cluster: cluster.name, phase });
  };
  say([...(held ? [held] : []), ...checkStart(input, cluster, options)]);
  const blocked = input.stopped.has(cluster.name) || findings.some(isBlocker);
  const run: TransformRun = blocked
    ? { edits: [], findings: [], patches: [], tree, changes: [] }
    : runTransforms({ transforms: route.transforms, tree, model, cluster, phase, options, agreed });
  pushAll(findings, run.findings);
  say(checkOverlooked(workspace, cluster, run.edits));
  const result = { cluster, phase, options, tree: run.tree, model, remotes, agreed };
  if (!findings.some(isBlocker)) say(route.checkResult(result));
  const after = blocked ? run.tree : (route.safetyView?.({ ...result, before: input.base.model }) ?? run.tree);
  const checked = checkPhaseSafety({
    ...{ base: input.base, accept: input.accept, awaits: input.awaits, isAwaited: input.isAwaited },
    ...{ after, changes: run.changes, cluster, phase, options },
    isShared: !blocked && pathsOf(input.done).some((path) => appliesFile(cluster, path)),
  });
  say(withoutConsequences(checked.findings, findings));
  const stop = blocked || findings.some(isBlocker);
  const left = stop ? { edits: [], patches: [], tree } : run;
  const merged = after === run.tree ? input.merged : () => leave(input, after, left.edits);
  const plan = describePlan(input, cluster, { ...left, options, findings, merged });
  return { plan: { ...plan, ...given({ safety: checked.safety }) }, tree: left.tree, isBlocked: blocked };
}

/** What the tree says before a phase, whatever the phase does. */
function checkStart(input: PhaseInput, cluster: Cluster, options: Options): DraftFinding[] {
  const { tree, model, phase, workspace, route, agreed } = input;
  const isCommitted = options.direct && input.options.phase === "all";
  // Its tree is as before the stopped phase: what would be found there follows from that, and is no news.
  const waitsFor = input.stopped.get(cluster.name);
  return [
    ...checkHidden(workspace, cluster),
    ...checkUnread(workspace, cluster),
    ...checkListed(tree, cluster),
    ...checkOverlays(tree, cluster),
    ...checkLostSync(workspace, tree, cluster),
    ...route.checkTree({ cluster, phase, options, tree, model, agreed }),
    ...(isCommitted ? [] : checkCommitted(input, cluster, options)),
    ...(waitsFor ? [{ rule: "phase-waits", level: "info", facts: { phase: waitsFor } } as const] : []),
  ];
}

/** What a phase does to a cluster, for the report. */
function describePlan(
  input: PhaseInput,
  cluster: Cluster,
  result: Pick<TransformRun, "edits" | "patches" | "tree" | "findings"> & { options: Options; merged: () => MergeBase },
): ClusterPlan {
  const { model, phase, workspace, route, agreed } = input;
  const { options, findings, edits, patches, tree, merged } = result;
  // Only where a transform has asked for it: learning reads many files.
  const learned = phase === "install" && edits.some(({ kind }) => kind === "create") && agreed.apps(cluster).app;
  // What follows is only asked where this phase has nothing more to say.
  const isIdle = edits.length === 0 && !findings.some(isBlocker) && !options.oci;
  const about = { cluster, model, phase, options, tree, edits, findings };
  const reverse = edits.length === 0 ? undefined : () => checkReversal(merged(), input.base, cluster);
  return {
    cluster: cluster.name,
    state: edits.length > 0 ? stateBefore(phase, cluster) : stateOf(cluster),
    detected: describeCluster(model.tree, cluster),
    ...{ edits, findings, patches },
    runbook: route.buildRunbook(
      { ...about, ...given({ branch: workspace.git?.branch || undefined, reverse }) },
      agreed,
    ),
    ...(isIdle || options.survey ? { standing: findStanding(input, cluster, options, !isIdle) } : {}),
    ...(learned ? { conventions: learned.conventions.learned } : {}),
  };
}

/** A branch that a phase is on its way from says so as where the cluster stands, which is all that is wrong with it. */
function isWayOf(plans: readonly PhasePlan[], { rule, cluster }: Finding): boolean {
  const clusters = plans.flatMap((phase) => phase.clusters);
  return (
    rule === "other-branch" &&
    clusters.some(
      (one) => one.cluster === cluster && one.standing?.into !== undefined && one.standing.reached === "branch",
    )
  );
}

/** @param isOpen whether the phase that is planned still has something to write, or is stopped */
function findStanding(input: PhaseInput, cluster: Cluster, options: Options, isOpen: boolean): Standing {
  const choices = readChoices(cluster, input.model.objects);
  const isBefore = isOpen && !["cut-over", "done"].includes(stateOf(cluster));
  const reached = isBefore ? undefined : findReached(input, cluster, options);
  return { ...(reached ?? { next: input.phase, reached: "begun" }), choices };
}

/** Every file that an edit changes or was derived from, and those that say which source, root and install there are. */
function filesReadBy(phases: readonly PhasePlan[]): string[] {
  return phases
    .flatMap(({ clusters }) => clusters.filter(({ edits }) => edits.length > 0))
    .flatMap(({ edits, detected: { version, source, root, continuous, bootstrap = [] } }) => [
      ...edits.flatMap(({ path, evidence }) => [path, ...evidence.map(({ file }) => file)]),
      // What is generated says what these say, whatever line of them it names as evidence.
      ...[version, source, root, continuous, ...bootstrap].flatMap((one) => (one ? [one.at.file] : [])),
    ]);
}
