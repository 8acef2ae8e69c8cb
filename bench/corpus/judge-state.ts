import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { joinBeside } from "./gate/beside.ts";
import { checkBlockers } from "./gate/blockers.ts";
import { sayBrokenToday } from "./gate/broken-today.ts";
import { fillPlaceholders, findPlaceholders, publishedAt } from "./gate/placeholders.ts";
import { type Finding, findingsOf } from "./gate/plan-json.ts";
import { compareVersions } from "./gate/reference.ts";
import { findInstalls, findRoots, type RootSight } from "./gate/sights.ts";
import { openSnapshot, type Snapshot } from "./gate/snapshot.ts";
import { GATE_ITEMS, mergeResults } from "./gate/types.ts";
import { type Bench, type ClusterBefore, readBefore } from "./judge-cluster.ts";
import { MIGRATED, runPhases, type StateInput } from "./judge-phase.ts";
import type { Tracked } from "./judge-shared.ts";
import { makeRepo, type RepoFacts, repoFacts } from "./repo.ts";
import { mergePhases } from "./run-phase.ts";
import { planJson, runTool } from "./tool.ts";
import { classify, type Evidence, type Row } from "./verdict.ts";

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
  const roots = [...joinBeside(original, findRoots(original)), ...unfilled.roots];
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
  const others = roots.filter((root) => !tracked.some((cluster) => cluster.before.root === root));
  const neighbours: ClusterBefore[] = [];
  for (const root of others) neighbours.push(await readBefore(bench, original, root));
  const names = named.map(({ cluster }) => cluster);
  await runPhases(input, bench, original, tracked, { dir, facts, flags, names, everyCluster: !only, neighbours });
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

/** Judges a state: all clusters together, then, where there are several, each alone. */
export async function judgeState(input: StateInput, bench: Bench): Promise<Row[]> {
  const original = openSnapshot(input.origin);
  const together = await runScenario(input, bench, original, undefined);
  const names = together.map((row) => row.cluster).filter((name) => name !== "-");
  const rows = [...together];
  if (names.length > 1 && !input.quick)
    for (const name of names) rows.push(...(await runScenario(input, bench, original, name)));
  return rows;
}
