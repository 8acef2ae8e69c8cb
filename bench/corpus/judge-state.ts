import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { checkBlockers } from "./gate/blockers.ts";
import { checkBoundary } from "./gate/boundary.ts";
import { sayBrokenToday } from "./gate/broken-today.ts";
import { identityOf, keyOf } from "./gate/flux-objects.ts";
import { checkFolders, checkNeighbour, installKeys, type RecordedFolder } from "./gate/identities.ts";
import { checkTreeLeftovers } from "./gate/leftovers.ts";
import { checkMinimal } from "./gate/minimal.ts";
import { checkParse } from "./gate/parse.ts";
import { fillPlaceholders, findPlaceholders, publishedAt } from "./gate/placeholders.ts";
import { type Finding, findingsOf, findingText, plannedFiles } from "./gate/plan-json.ts";
import { checkRebuild } from "./gate/rebuild.ts";
import { compareVersions } from "./gate/reference.ts";
import { checkReferences, fileReferences } from "./gate/references.ts";
import { findInstalls, findRoots, type RootSight, type SeenStyle } from "./gate/sights.ts";
import { openSnapshot, type Snapshot } from "./gate/snapshot.ts";
import { GATE_ITEMS, type GateResult, mergeResults } from "./gate/types.ts";
import {
  type Bench,
  type ClusterAfter,
  type ClusterBefore,
  goneNames,
  judgeCluster,
  readAfter,
  readBefore,
} from "./judge-cluster.ts";
import { copyTree, makeRepo, type RepoFacts, repoFacts } from "./repo.ts";
import { mergePhases, type PhaseRun, runPhase } from "./run-phase.ts";
import { planJson, runTool } from "./tool.ts";
import { classify, type Evidence, type Row } from "./verdict.ts";

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
}

interface Tracked {
  name: string;
  before: ClusterBefore;
  after?: ClusterAfter;
  reached: string;
  results: GateResult[];
  blockers: Finding[];
}

const MIGRATED = new Set<SeenStyle>(["gotk", "oci-manifests", "remote-install", "community-chart"]);

/** Roots as the plan names them, matched with the documents the gate reads itself. */
function matchRoots(
  roots: RootSight[],
  clusters: { name: string; file?: string; rootName?: string }[],
): Map<string, RootSight> {
  const out = new Map<string, RootSight>();
  for (const { name, file, rootName } of clusters) {
    const found = roots.find((root) => root.file === file && root.data.metadata?.name === rootName);
    if (found) out.set(name, found);
  }
  return out;
}

/** Runs one scenario (all clusters, or one alone) and judges every phase. */
async function runScenario(
  input: StateInput,
  bench: Bench,
  original: Snapshot,
  only: string | undefined,
): Promise<Row[]> {
  const unfilled = findPlaceholders(original, publishedAt(input.state));
  const filled = fillPlaceholders(original, unfilled, join(bench.scratch, "filled"));
  const roots = [...findRoots(original), ...unfilled.roots];
  const facts: RepoFacts = repoFacts(roots);
  const installs = [...findInstalls(original), ...unfilled.installs];
  const dir = join(input.dir, only ? `only-${only}` : "all");
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true });
  makeRepo(input.origin, join(dir, "repo"), facts);
  const version = unfilled.roots.length > 0 ? ["--flux-version", `v${newestOf(bench.reference.versions)}`] : [];
  const flags = [...(only ? ["--cluster", only] : []), ...version, ...input.flags];
  const start = planJson(input.cli, join(dir, "repo"), ["--phase", input.phases[0] ?? "install", ...flags]);
  const base = { state: input.state, scenario: only ? `--cluster ${only}` : "all", installs, roots };
  if ("error" in start) return [classify({ ...base, cluster: "-", reached: "none", results: [], error: start.error })];
  const firstPhase = mergePhases(start.plan);
  const named = (firstPhase?.clusters ?? []).filter((cluster) => !only || cluster.cluster === only);
  if (named.length === 0) {
    const blockers = findingsOf(start.plan).filter((finding) => finding.level === "blocker");
    return [
      classify({ ...base, cluster: "-", reached: "none", results: [], blockers, findings: findingsOf(start.plan) }),
    ];
  }
  if (!installs.some((install) => MIGRATED.has(install.style))) {
    return [judgeUntouched(input, original, { dir, flags, base, findings: findingsOf(start.plan) })];
  }
  const sights = matchRoots(
    roots,
    named.map(({ cluster, detected }) => ({
      name: cluster,
      ...(detected.root ? { file: detected.root.at.file, rootName: detected.root.name } : {}),
    })),
  );
  const tracked: Tracked[] = [];
  const rows: Row[] = [];
  for (const { cluster, detected, findings } of named) {
    const root = sights.get(cluster);
    const blockers = [...start.plan.findings, ...findings].filter((finding) => finding.level === "blocker");
    if (!root) {
      const error = blockers.length > 0 ? undefined : `the gate finds no root FluxKustomization for ${cluster}`;
      const about = { ...base, cluster, reached: "none", results: [], blockers, style: detected.style };
      rows.push(classify(error ? { ...about, error } : about));
      continue;
    }
    tracked.push({
      name: cluster,
      before: await readBefore(bench, filled, root),
      reached: "none",
      results: [],
      blockers: [],
    });
  }
  const others = only ? roots.filter((root) => !tracked.some((cluster) => cluster.before.root === root)) : [];
  const neighbours: ClusterBefore[] = [];
  for (const root of others) neighbours.push(await readBefore(bench, original, root));
  const withInstall = neighbours.filter((neighbour) => neighbour.install);
  await runPhases(input, bench, original, tracked, { dir, facts, flags, everyCluster: !only, neighbours: withInstall });
  for (const cluster of tracked) {
    const { name, before, reached, results, blockers } = cluster;
    const merged = GATE_ITEMS.map((item) => mergeResults(item, results));
    const style = before.install?.style;
    const broken = await sayBrokenToday(bench.builder, input.origin, blockers);
    rows.push(
      classify({
        ...base,
        cluster: name,
        reached,
        results: merged,
        blockers,
        ...(broken ? { broken } : {}),
        ...(style ? { style } : {}),
        ...(before.install?.version ? { version: before.install.version } : {}),
      }),
    );
  }
  if (!input.keep) rmSync(dir, { recursive: true, force: true });
  return rows;
}

export function newestOf(versions: string[]): string {
  return [...versions].sort(compareVersions).at(-1) ?? "";
}

interface UntouchedContext {
  dir: string;
  flags: string[];
  base: Pick<Evidence, "state" | "scenario" | "installs" | "roots">;
  findings: Finding[];
}

/** A tree in no style that is supported so far: the tool has to say so and to leave it alone. */
function judgeUntouched(input: StateInput, original: Snapshot, { dir, flags, base, findings }: UntouchedContext): Row {
  const repo = join(dir, "repo");
  const migrate = runTool(input.cli, ["migrate", repo, "--yes", "--phase", input.phases[0] ?? "install", ...flags]);
  const blockers = findings.filter((finding) => finding.level === "blocker");
  const rest = { allowed: new Set<string>(), cluster: "-", phase: undefined, exitCode: migrate.exitCode };
  const result = checkBlockers({ before: original, after: openSnapshot(repo), blockers, ...rest });
  if (!input.keep) rmSync(dir, { recursive: true, force: true });
  return classify({ ...base, cluster: "-", reached: "none", results: [result], blockers, findings });
}

interface PhasesContext {
  dir: string;
  facts: RepoFacts;
  flags: string[];
  everyCluster: boolean;
  /** Clusters that the scenario leaves alone. */
  neighbours: ClusterBefore[];
}

async function runPhases(
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
    const previous = {
      delivery: (cluster.after ?? cluster.before).delivery,
      generated: [...(cluster.after?.generated ?? []), ...(cluster.after?.controllers ?? [])],
    };
    cluster.after = await readAfter(bench, filled, cluster.before);
    const said = run.merged?.clusters.find((one) => one.cluster === cluster.name)?.safety;
    const next = { ...cluster.after, generated: [...cluster.after.generated, ...cluster.after.controllers] };
    cluster.results.push(
      ...tell([checkBoundary({ before: previous, after: next, adopted: phase !== "install", said })]),
    );
    const texts = findings.map(findingText);
    cluster.results.push(
      ...tell(await judgeCluster(bench, { before: cluster.before, after: cluster.after, cleaned, findings: texts })),
    );
    // Exit code 1 also says that another cluster was stopped, whatever was written for this one (design section 5).
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
  const active = tracked.filter((cluster) => cluster.after);
  if (active.length === 0) return;
  const gone = active.length === tracked.length ? namesGone(active) : [];
  const done =
    cleaned &&
    context.everyCluster &&
    active.length === tracked.length &&
    tracked.every((one) => one.blockers.length === 0);
  const shared = [
    checkParse({ before, after, planned: plannedFiles(run.merged) }),
    checkReferences(fileReferences(original), fileReferences(after)),
    run.reversible,
    checkMinimal({ before, after, phase: run.merged }),
    checkRebuild({
      before: original,
      after,
      findings,
      gone: context.everyCluster ? gone : [],
      charts: chartVersions(active),
      cleaned: done,
    }),
    await judgeFolders(bench, input, original, after, active),
  ];
  for (const neighbour of context.neighbours) {
    const now = await readAfter(bench, after, neighbour);
    shared.push(checkNeighbour(`the cluster of ${neighbour.root.file}`, neighbour.delivery, now.delivery));
  }
  if (done) {
    const mentioned = (file: string): boolean => findings.some((finding) => findingText(finding).includes(file));
    shared.push(checkTreeLeftovers({ after, mentioned, styles: MIGRATED }));
  }
  for (const cluster of active) if (cluster.blockers.length === 0) cluster.results.push(...tell(shared));
}

/** Versions of charts that clusters get from OCIRepositories, by chart name. */
function chartVersions(active: Tracked[]): Map<string, Set<string>> {
  const out = new Map<string, Set<string>>();
  for (const { data } of active.flatMap((cluster) => [...(cluster.after?.delivery.objects.values() ?? [])])) {
    if (data.kind !== "OCIRepository" || !data.spec?.ref?.tag) continue;
    const chart = String(data.spec.url).split("/").at(-1) ?? "";
    out.set(chart, (out.get(chart) ?? new Set<string>()).add(String(data.spec.ref.tag)));
  }
  return out;
}

/** Names that no cluster has any more, so that a command naming them fails everywhere. */
function namesGone(active: Tracked[]): { kind: string; name: string }[] {
  const perCluster = active.map((cluster) => goneNames(cluster.before, cluster.after as ClusterAfter));
  const alive = new Set(
    active.flatMap((cluster) => [
      ...[...(cluster.after?.delivery.objects.values() ?? [])].map(({ data }) => `${data.kind} ${data.metadata?.name}`),
      ...(cluster.after?.generated ?? []).map((data) => `${data.kind} ${data.metadata?.name}`),
    ]),
  );
  return perCluster.flat().filter(({ kind, name }) => !alive.has(`${kind} ${name}`));
}

async function judgeFolders(
  bench: Bench,
  input: StateInput,
  original: Snapshot,
  after: Snapshot,
  active: Tracked[],
): Promise<GateResult> {
  const removable = new Set<string>();
  const deliveredNow = new Set<string>();
  const fluxNamespaces = new Set<string>();
  for (const { before, after: now } of active) {
    // What bootstrap applied by itself lies beside the root, where the root's own kustomization leaves it out.
    const beside = before.install ? [] : original.paths.filter((path) => isBeside(path, before.root.file));
    const objects = [
      ...[...before.delivery.objects.values()].map(({ data }) => data),
      ...beside.flatMap((path) => original.yaml(path).docs.map((doc) => doc.data)),
    ];
    for (const key of installKeys(objects, [before.source, before.rootObject])) removable.add(key);
    for (const key of now?.delivery.objects.keys() ?? []) deliveredNow.add(key);
    for (const data of now?.generated ?? []) deliveredNow.add(keyOf(identityOf(data)));
    fluxNamespaces.add(String(before.rootObject?.metadata?.namespace ?? "flux-system"));
  }
  return checkFolders({
    original,
    after,
    recorded: input.recorded,
    builder: bench.builder,
    removable,
    deliveredNow,
    fluxNamespaces,
  });
}

function isBeside(path: string, file: string): boolean {
  const dir = file.slice(0, file.lastIndexOf("/") + 1);
  return path.startsWith(dir) && !path.slice(dir.length).includes("/") && /\.ya?ml$/.test(path);
}

/** Judges a state: all clusters together, then, where there are several, each alone. */
export async function judgeState(input: StateInput, bench: Bench): Promise<Row[]> {
  const original = openSnapshot(input.origin);
  const together = await runScenario(input, bench, original, undefined);
  const names = together.map((row) => row.cluster).filter((name) => name !== "-");
  const rows = [...together];
  if (names.length > 1) for (const name of names) rows.push(...(await runScenario(input, bench, original, name)));
  return rows;
}
