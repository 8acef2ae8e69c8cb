import { join } from "node:path";
import { checkBlockers } from "./gate/blockers.ts";
import { checkBoundary } from "./gate/boundary.ts";
import { checkNeighbour, type RecordedFolder } from "./gate/identities.ts";
import { checkTreeLeftovers } from "./gate/leftovers.ts";
import { checkMinimal } from "./gate/minimal.ts";
import { checkParse } from "./gate/parse.ts";
import { fillPlaceholders, findPlaceholders, publishedAt } from "./gate/placeholders.ts";
import { type Finding, findingsOf, findingText, plannedFiles } from "./gate/plan-json.ts";
import { checkRebuild } from "./gate/rebuild.ts";
import { checkReferences, fileReferences } from "./gate/references.ts";
import type { SeenStyle } from "./gate/sights.ts";
import { openSnapshot, type Snapshot } from "./gate/snapshot.ts";
import { checkTerritory, type Ground } from "./gate/territory.ts";
import type { GateResult } from "./gate/types.ts";
import {
  type Bench,
  type ClusterAfter,
  type ClusterBefore,
  judgeCluster,
  judgeIdleObjects,
  readAfter,
} from "./judge-cluster.ts";
import { chartVersions, groundOf, judgeFolders, judgeIdle, namesGone, type Tracked } from "./judge-shared.ts";
import { copyTree, type RepoFacts } from "./repo.ts";
import { type PhaseRun, runPhase } from "./run-phase.ts";

/** Styles that the tool migrates. */
export const MIGRATED = new Set<SeenStyle>(["gotk", "oci-manifests", "remote-install", "community-chart"]);

/** A state and how to judge it. */
export interface StateInput {
  state: string;
  /** The unpacked tree; never changed. */
  origin: string;
  /** Folder for everything this state needs. */
  dir: string;
  cli: string;
  recorded: RecordedFolder[];
  /** `install,cutover,cleanup`, or `all` for the direct route. */
  phases: string[];
  /** Further flags for `plan` and `migrate`, said in the output. */
  flags: string[];
  keep: boolean;
  /** All clusters together only, each phase planned and written once; items 8 (of the tree), 11, 12 and 14 only. */
  quick: boolean;
}

export interface PhasesContext {
  dir: string;
  facts: RepoFacts;
  flags: string[];
  everyCluster: boolean;
  /** Names of the clusters on the first tree. */
  names: string[];
  /** Roots that the scenario does not name. */
  neighbours: ClusterBefore[];
}

/** Clusters that the tool was not asked for; a root without an install may be part of one that it was asked for. */
const spared = ({ everyCluster, neighbours }: PhasesContext): ClusterBefore[] =>
  everyCluster ? [] : neighbours.filter(({ install }) => install);

/** Runs the phases one after the other and judges each. */
export async function runPhases(
  input: StateInput,
  bench: Bench,
  original: Snapshot,
  tracked: Tracked[],
  context: PhasesContext,
): Promise<void> {
  let before = openSnapshot(copyTree(join(context.dir, "repo"), join(context.dir, "start")));
  const findings: Finding[] = [];
  for (const phase of input.phases) {
    const run = runPhase({
      cli: input.cli,
      dir: context.dir,
      phase,
      flags: context.flags,
      facts: context.facts,
      before,
      quick: input.quick,
    });
    if ("error" in run) {
      for (const cluster of tracked)
        cluster.results.push({ item: 1, status: "FAIL", reasons: [`${phase}: ${run.error}`], notes: [] });
      return;
    }
    findings.push(...findingsOf(run.plan));
    await judgePhase(bench, input, original, tracked, run, findings, context);
    before = run.after;
    if (tracked.every((cluster) => cluster.blockers.length > 0)) return;
  }
}

const blockersOf = (run: PhaseRun, cluster: string): Finding[] =>
  [...run.plan.findings, ...(run.merged?.clusters.find((one) => one.cluster === cluster)?.findings ?? [])].filter(
    (finding) => finding.level === "blocker" && (finding.cluster === undefined || finding.cluster === cluster),
  );

async function judgePhase(
  bench: Bench,
  input: StateInput,
  original: Snapshot,
  tracked: Tracked[],
  run: PhaseRun,
  findings: Finding[],
  context: PhasesContext,
): Promise<void> {
  const { before, after, phase } = run;
  const cleaned = phase === "cleanup" || phase === "all";
  const tell = (results: GateResult[]): GateResult[] =>
    results.map((result) => ({ ...result, reasons: result.reasons.map((reason) => `${phase}: ${reason}`) }));
  const left = findPlaceholders(after, publishedAt(input.state));
  const filled = fillPlaceholders(after, left, join(bench.scratch, `filled-${phase}`));
  for (const cluster of tracked) {
    if (cluster.blockers.length > 0) continue;
    cluster.blockers = blockersOf(run, cluster.name);
    if (cluster.blockers.length > 0) {
      const allowed = new Set(run.merged?.files.map((file) => file.path) ?? []);
      const rest = {
        blockers: cluster.blockers,
        allowed,
        cluster: cluster.name,
        phase: run.merged,
        exitCode: run.migrate.exitCode,
      };
      cluster.results.push(...tell([checkBlockers({ before, after, ...rest })]));
      continue;
    }
    if (!input.quick || cleaned) {
      const previous = cluster.after;
      cluster.after = await readAfter(bench, filled, cluster.before);
      cluster.results.push(...tell(await judgeOne(bench, run, cluster, { previous, findings, quick: input.quick })));
    }
    // Exit code 1 also says that another cluster was stopped, whatever was written for this one.
    const stopped = (run.merged?.clusters ?? []).some(({ cluster: name }) => blockersOf(run, name).length > 0);
    if (run.migrate.exitCode !== 0 && !(run.migrate.exitCode === 1 && stopped)) {
      const said = run.migrate.stderr.trim().split("\n")[0] ?? "";
      cluster.results.push({
        item: 1,
        status: "FAIL",
        reasons: [`${phase}: migrate exits ${run.migrate.exitCode}: ${said}`],
        notes: [],
      });
    } else cluster.reached = phase;
  }
  // A quick run does not know what a cluster reads between the phases.
  const territory = input.quick ? [] : tell([judgeTerritory(run, tracked, context)]);
  for (const cluster of tracked) cluster.results.push(...territory);
  const active = tracked.filter((cluster) => cluster.after);
  const gone = active.length > 0 && active.length === tracked.length ? namesGone(active) : [];
  const done =
    cleaned &&
    context.everyCluster &&
    active.length === tracked.length &&
    tracked.every((one) => one.blockers.length === 0);
  const shared = [
    checkRebuild({
      before: original,
      after,
      findings,
      gone: context.everyCluster ? gone : [],
      charts: chartVersions(active),
      cleaned: done,
    }),
  ];
  if (done) {
    const mentioned = (file: string): boolean => findings.some((finding) => findingText(finding).includes(file));
    shared.push(checkTreeLeftovers({ after, mentioned, styles: MIGRATED }));
    shared.push(await judgeIdle(bench, { before: original, after, tracked, findings, neighbours: context.neighbours }));
  }
  if (!input.quick && active.length > 0) {
    shared.push(
      checkParse({ before, after, planned: plannedFiles(run.merged) }),
      checkReferences(fileReferences(original), fileReferences(after)),
      run.reversible,
      checkMinimal({ before, after, phase: run.merged }),
      await judgeFolders(bench, input.recorded, original, after, active),
    );
    for (const neighbour of spared(context)) {
      const now = await readAfter(bench, after, neighbour);
      shared.push(checkNeighbour(`the cluster of ${neighbour.root.file}`, neighbour.delivery, now.delivery));
    }
  }
  for (const cluster of tracked) {
    if (cluster.blockers.length === 0 && (input.quick || cluster.after)) cluster.results.push(...tell(shared));
  }
}

interface OneInput {
  /** What the phase before left. */
  previous: ClusterAfter | undefined;
  findings: Finding[];
  quick: boolean;
}

/** Every item that concerns one cluster after one phase; on a quick run only item 14. */
async function judgeOne(
  bench: Bench,
  run: PhaseRun,
  { name, before, after }: Tracked,
  { previous, findings, quick }: OneInput,
): Promise<GateResult[]> {
  if (!after) return [];
  if (quick) return [judgeIdleObjects(before, after)];
  const said = run.merged?.clusters.find((one) => one.cluster === name)?.safety;
  const all = (one: ClusterAfter | undefined) => [...(one?.generated ?? []), ...(one?.controllers ?? [])];
  const boundary = checkBoundary({
    before: { delivery: (previous ?? before).delivery, generated: all(previous) },
    after: { delivery: after.delivery, generated: all(after) },
    adopted: run.phase !== "install",
    said,
  });
  const cleaned = run.phase === "cleanup" || run.phase === "all";
  const texts = findings.map(findingText);
  return [boundary, ...(await judgeCluster(bench, { before, after, cleaned, findings: texts }))];
}

/** Gate item 13 for one phase. */
function judgeTerritory({ before, after, merged }: PhaseRun, tracked: Tracked[], context: PhasesContext): GateResult {
  const held = spared(context);
  const ground = (one: ClusterBefore): Ground => groundOf(`the cluster of ${one.root.file}`, one);
  const isStopped = ({ blockers }: Tracked): boolean => blockers.length > 0;
  const now = (merged?.clusters ?? []).map(({ cluster }) => cluster);
  return checkTerritory({
    before,
    after,
    written: tracked.filter((one) => !isStopped(one)).map((one) => groundOf(one.name, one.before, one.after)),
    held: [...held.map(ground), ...tracked.filter(isStopped).map((one) => groundOf(one.name, one.before))],
    unnamed: context.neighbours.filter((one) => !held.includes(one)).map(ground),
    ...(context.everyCluster ? { names: { first: context.names, now } } : {}),
  });
}
