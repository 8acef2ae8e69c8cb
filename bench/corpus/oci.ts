// Takes every cluster of the corpus that Flux Operator runs, or that fluxlift brings there, on to OCI, and judges the
// result by the gate (items 1, 2, 3, 6, 7, 9, 10). Use: npm run build, then
// npx tsx bench/corpus/oci.ts [--charts] [--jobs N] [NAME…]; exit 1 below 90 % or when anything fails.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { joinBeside } from "./gate/beside.ts";
import { Builder, findKustomize } from "./gate/kustomize.ts";
import { fillPlaceholders, findPlaceholders, publishedAt } from "./gate/placeholders.ts";
import { openReference } from "./gate/reference.ts";
import { findRoots } from "./gate/sights.ts";
import { openSnapshot } from "./gate/snapshot.ts";
import { GATE_ITEMS, type GateResult, mergeResults } from "./gate/types.ts";
import { type Bench, readAfter, readBefore } from "./judge-cluster.ts";
import { checkSwitched, judgeOciFiles, judgeOciPhase, type OciStart } from "./judge-oci.ts";
import { newestOf } from "./judge-state.ts";
import { CORPUS, NO_CORPUS } from "./places.ts";
import { commitAll, copyTree, makeRepo, repoFacts, unpackState } from "./repo.ts";
import { runPhase } from "./run-phase.ts";
import { planJson, runTool } from "./tool.ts";

interface OciRow {
  state: string;
  cluster: string;
  level: "passed" | "blocked" | "failed" | "not-there";
  /** A blocker with its place, or what the gate says against the result. */
  reasons: string[];
  items: GateResult[];
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const cache = join(root, ".cache/corpus");
const cli = join(root, "dist/fluxlift.js");
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    charts: { type: "boolean" },
    jobs: { type: "string", default: "2" },
    one: { type: "string" },
    json: { type: "string" },
    keep: { type: "boolean" },
  },
});

async function judge(state: string): Promise<OciRow[]> {
  const kustomize = findKustomize();
  const reference = openReference(cache);
  if (!kustomize) throw new Error("no kustomize");
  const origin = unpackState(join(CORPUS, "states", `${state}.tar.gz`), cache);
  const dir = join(cache, state, "oci");
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(join(dir, "scratch"), { recursive: true });
  const bench: Bench = {
    builder: new Builder(kustomize, join(cache, "builds")),
    reference,
    scratch: join(dir, "scratch"),
  };
  const original = openSnapshot(origin);
  const unfilled = findPlaceholders(original, publishedAt(state));
  const filled = fillPlaceholders(original, unfilled, join(bench.scratch, "filled"));
  const roots = [...joinBeside(original, findRoots(original)), ...unfilled.roots];
  const version = unfilled.roots.length > 0 ? ["--flux-version", `v${newestOf(reference.versions)}`] : [];
  const facts = repoFacts(roots);
  const repo = join(dir, "repo");
  makeRepo(origin, repo, facts);
  const named = planJson(cli, repo, ["--phase", "install", ...version]);
  const places = new Map(
    ("error" in named ? [] : (named.plan.phases[0]?.clusters ?? [])).map(({ cluster, detected }) => [
      cluster,
      detected.root,
    ]),
  );
  for (const phase of ["install", "cutover", "cleanup"]) {
    runTool(cli, ["migrate", repo, "--yes", "--phase", phase, ...version]);
    commitAll(repo, facts, `Migrate: ${phase}`);
  }
  const rows = new Map<string, OciRow>();
  const starts = new Map<string, OciStart>();
  const start = openSnapshot(copyTree(repo, join(dir, "start")));
  let before = start;
  const flags = options.charts ? ["--charts"] : [];
  for (const phase of ["prepare", "switch", "cleanup"]) {
    const run = runPhase({ cli, command: "oci", dir, phase, flags, facts, before });
    if ("error" in run) return [{ state, cluster: "-", level: "failed", reasons: [run.error], items: [] }];
    const files = judgeOciFiles(start, run);
    for (const { cluster, findings } of run.merged?.clusters ?? []) {
      const row = rows.get(cluster) ?? { state, cluster, level: "passed" as const, reasons: [], items: [] };
      rows.set(cluster, row);
      if (row.level !== "passed") continue;
      const blocker = findings.find(({ level }) => level === "blocker");
      if (blocker) {
        row.level = blocker.rule === "oci-before-operator" ? "not-there" : "blocked";
        row.reasons.push(
          `${phase} ${blocker.rule} ${blocker.at?.file ?? ""}:${blocker.at?.line ?? ""} ${blocker.what}`,
        );
        continue;
      }
      let known = starts.get(cluster);
      if (!known) {
        const place = places.get(cluster);
        const sight = roots.find(({ file, data }) => file === place?.at.file && data.metadata?.name === place.name);
        if (!sight) {
          Object.assign(row, { level: "failed", reasons: ["the gate finds no root FluxKustomization for it"] });
          continue;
        }
        const was = await readBefore(bench, filled, sight);
        known = { before: was, tree: start, migrated: await readAfter(bench, start, was) };
        starts.set(cluster, known);
      }
      const results = [...files, ...(await judgeOciPhase(bench, known, run, cluster, options.charts ?? false))];
      if (phase === "cleanup") results.push(checkSwitched(await readAfter(bench, run.after, known.before)));
      row.items.push(
        ...results.map((item) => ({ ...item, reasons: item.reasons.map((reason) => `${phase}: ${reason}`) })),
      );
    }
    before = run.after;
  }
  if (!options.keep) rmSync(dir, { recursive: true, force: true });
  for (const row of rows.values()) {
    row.items = GATE_ITEMS.map((item) => mergeResults(item, row.items)).filter(({ status }) => status !== "-");
    const failed = row.items.filter(({ status }) => status === "FAIL");
    if (failed.length === 0) continue;
    row.level = "failed";
    row.reasons = failed.flatMap(({ item, reasons }) => reasons.map((reason) => `${item}: ${reason}`));
  }
  return [...rows.values()];
}

function runChild(state: string): Promise<OciRow[]> {
  const file = join(cache, state, "oci.json");
  mkdirSync(join(cache, state), { recursive: true });
  const args = [...process.execArgv, fileURLToPath(import.meta.url), "--one", state, "--json", file];
  return new Promise((done) => {
    const child = spawn(
      process.execPath,
      [...args, ...(options.charts ? ["--charts"] : []), ...(options.keep ? ["--keep"] : [])],
      {
        stdio: ["ignore", "inherit", "pipe"],
      },
    );
    let stderr = "";
    child.stderr.on("data", (chunk) => {
      stderr += chunk;
    });
    child.on("close", (code) => {
      if (code === 0) return done(JSON.parse(readFileSync(file, "utf8")) as OciRow[]);
      const said = stderr.split("\n").find((line) => /Error/.test(line)) ?? stderr.slice(0, 200);
      done([{ state, cluster: "-", level: "failed", reasons: [`the gate itself stopped: ${said}`], items: [] }]);
    });
  });
}

async function main(): Promise<number> {
  const archives = join(CORPUS, "states");
  if (!existsSync(archives)) {
    console.log(`corpus: not run, ${NO_CORPUS}`);
    return 0;
  }
  if (options.one) {
    writeFileSync(options.json!, JSON.stringify(await judge(options.one)));
    return 0;
  }
  const all = readdirSync(archives).map((name) => basename(name, ".tar.gz"));
  const queue = all.filter((name) => positionals.length === 0 || positionals.some((part) => name.includes(part)));
  const counts = { passed: 0, blocked: 0, failed: 0, "not-there": 0 };
  const worker = async (): Promise<void> => {
    for (let state = queue.shift(); state !== undefined; state = queue.shift()) {
      for (const { cluster, level, reasons } of await runChild(state)) {
        counts[level]++;
        console.log(`${level.padEnd(9)} ${state} ${cluster}`);
        for (const reason of reasons.slice(0, 6)) console.log(`          ${reason.slice(0, 260)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.max(1, Number(options.jobs)) }, worker));
  const { passed, blocked, failed } = counts;
  console.log(
    `${passed} passed, ${blocked} blocked, ${failed} failed; ${counts["not-there"]} are not run by the operator`,
  );
  return failed > 0 || passed < (passed + blocked + failed) * 0.9 ? 1 : 0;
}

process.exitCode = await main();
