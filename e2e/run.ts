import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { binaryPath, build, Go, moduleDir } from "./install/build.ts";
import {
  CONTROL_PLANE,
  type Component,
  GENERATIONS,
  type Generation,
  OPERATOR,
  OWNER_TOOLS,
  RUNBOOK_TOOLS,
} from "./install/components.ts";
import { makePki, type Pki } from "./install/pki.ts";
import { codeUnderTest, isSameCode } from "./record/code.ts";
import type { ScenarioResult } from "./record/result.ts";
import { overdue } from "./report/overdue.ts";
import { isPage, writePartPage } from "./report/part.ts";
import { readResults, resultsDir, writeProof } from "./report/proof.ts";
import { writeVerifyPage } from "./report/verify.ts";
import { PARTS, SCENARIOS } from "./scenarios/index.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { TREES } from "./trees/list.ts";
import { writeTreesPage } from "./trees/page.ts";
import { runTrees } from "./trees/run.ts";
import { startRegistry } from "./world/charts.ts";
import { fluxlift } from "./world/fluxlift.ts";
import { GitServer } from "./world/git-server.ts";
import { Processes } from "./world/processes.ts";
import type { Registry } from "./world/registry.ts";
import { Repo } from "./world/repo.ts";
import { World } from "./world/world.ts";

const USAGE = `Usage: npm run e2e -- [options]
  --only GLOB         scenarios by id, trees by name, * matches anything
  --part NAME         right, wrong-order, wrong-later, facts, luck, direct, oci or verify: each under an hour; goes on where it ended
  --trees             real repositories of the corpus instead of the scenarios
  --rollback          with --trees: go back from each phase by its runbook, and forward again
  --rebuild           with --trees: bring an empty cluster up from the migrated repository, by its runbook
  --own-way           with --trees: the same by what its owner types, where trees/list.ts says what that is
  --again             with --part or --trees: also what went as expected with the same code
  --generation ID     old or new; both without it
  --build             build what is missing and stop
  --no-build          run with what the cache holds
  --report            write docs/live-proof.md from the results at hand and stop; with --trees docs/live-trees.md,
                      with --part luck, direct, oci or verify docs/live-luck.md, live-direct.md, …
  --keep              keep the scratch folder, with the logs of every process`;

const log = (line: string) => process.stderr.write(`${line}\n`);

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: "string" },
      part: { type: "string" },
      trees: { type: "boolean" },
      rollback: { type: "boolean" },
      rebuild: { type: "boolean" },
      "own-way": { type: "boolean" },
      again: { type: "boolean" },
      generation: { type: "string" },
      build: { type: "boolean" },
      "no-build": { type: "boolean" },
      report: { type: "boolean" },
      keep: { type: "boolean" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  if (values.report && isPage(values.part)) return writePartPage(values.part, log);
  if (values.report && values.part === "verify") return writeVerifyPage(log);
  if (values.report) return values.trees ? writeTreesPage(log) : writeProof(SCENARIOS, log);
  const generations = GENERATIONS.filter(({ id }) => values.generation === undefined || id === values.generation);
  const pattern = new RegExp(`^${(values.only ?? "*").replaceAll("*", ".*")}$`);
  const scenarios = values.trees ? [] : partOf(values.part).filter(({ id }) => pattern.test(id));
  const trees = values.trees ? TREES.filter(({ state }) => pattern.test(state)) : [];
  if (scenarios.length + trees.length === 0 || generations.length === 0) throw new Error(`nothing to run\n${USAGE}`);
  const scratch = mkdtempSync(join(tmpdir(), "fluxlift-e2e-"));
  const processes = new Processes(logsOf(scratch), values.keep ? undefined : scratch);
  catchSignals(processes, () => !values.keep && rmSync(scratch, { recursive: true, force: true }));
  try {
    const go = new Go(processes, scratch);
    const missing = values["no-build"] ? [] : await buildAll(go, generations);
    if (values.build) return missing.length > 0 ? 1 : 0;
    if (values.trees) {
      const { rollback = false, again = false } = values;
      const rebuild = values["own-way"] ? "owner" : values.rebuild ? "runbook" : undefined;
      return (await runTrees({ trees, generations, scratch, processes, go, rollback, rebuild, again, log })) > 0
        ? 1
        : 0;
    }
    const again = values.part === undefined || values.again === true;
    const failed = await runAll(scenarios, generations, { scratch, processes, go, again });
    if (values.only === undefined && values.generation === undefined && values.part === undefined)
      writeProof(SCENARIOS, log);
    return failed > 0 ? 1 : 0;
  } finally {
    await processes.stopAll();
    if (values.keep) log(`kept ${scratch}`);
    else rmSync(scratch, { recursive: true, force: true });
  }
}

/** All of live-proof.md without a name. */
function partOf(name: string | undefined): Scenario[] {
  if (name === undefined) return SCENARIOS;
  const parts: Record<string, Scenario[]> = PARTS;
  if (!Object.hasOwn(parts, name)) throw new Error(`no part ${name}\n${USAGE}`);
  return parts[name]!;
}

function logsOf(scratch: string): string {
  const logs = join(scratch, "logs");
  mkdirSync(logs, { recursive: true });
  return logs;
}

/** Builds what is not in the cache; a component that does not build is named and its absence shows in the scenarios. */
async function buildAll(go: Go, generations: Generation[]): Promise<string[]> {
  const components = new Map<string, Component>();
  const controllers = generations.flatMap((each) => each.components);
  for (const one of [...CONTROL_PLANE, OPERATOR, ...controllers, ...RUNBOOK_TOOLS, ...OWNER_TOOLS])
    components.set(binaryPath(one), one);
  const missing: string[] = [];
  for (const component of components.values()) {
    try {
      await build(go, component, log);
    } catch (error) {
      missing.push(component.name);
      log(`cannot build ${component.name} ${component.version}: ${(error as Error).message}`);
    }
  }
  return missing;
}

/** Ctrl-C and its like: end everything that was started, then go. */
function catchSignals(processes: Processes, tidy: () => void): void {
  let asked = false;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      if (asked) processes.killAll();
      asked = true;
      log(`\n${name}: ending what was started`);
      void processes.stopAll(3000).then(() => {
        tidy();
        process.exit(130);
      });
    });
  }
  process.on("exit", () => processes.killAll());
}

async function runAll(
  scenarios: Scenario[],
  generations: Generation[],
  { scratch, processes, go, again }: { scratch: string; processes: Processes; go: Go; again: boolean },
): Promise<number> {
  const pki = await makePki(go, join(scratch, "pki"));
  const operatorDir = await moduleDir(go, OPERATOR);
  const registry = await startRegistry(pki, operatorDir);
  const served = join(scratch, "git");
  mkdirSync(served, { recursive: true });
  const git = new GitServer(served);
  await git.start();
  const done = again ? [] : readResults(scenarios).filter((one) => one.failures.length === 0 && isSameCode(one.code));
  let failed = 0;
  try {
    for (const generation of generations) {
      for (const scenario of scenarios) {
        if (scenario.generations && !scenario.generations.includes(generation.id)) continue;
        if (done.some((one) => one.scenario === scenario.id && one.generation === generation.id)) {
          log(`= ${scenario.id} on Flux ${generation.flux}: done before, of the same code`);
          continue;
        }
        failed += (await runOne(scenario, generation, { scratch, served, git, registry, pki, operatorDir, processes }))
          ? 0
          : 1;
      }
    }
  } finally {
    await registry.stop();
    await git.stop();
  }
  return failed;
}

interface Shared {
  scratch: string;
  served: string;
  git: GitServer;
  registry: Registry;
  pki: Pki;
  operatorDir: string;
  processes: Processes;
}

async function runOne(scenario: Scenario, generation: Generation, shared: Shared): Promise<boolean> {
  const id = `${scenario.id}-${generation.id}`;
  log(`> ${scenario.id} on Flux ${generation.flux}`);
  const started = Date.now();
  const dir = join(shared.scratch, id);
  const repo = new Repo(join(dir, "repo"), shared.served, shared.git.url, id);
  const world = new World({
    dir,
    repo,
    generation,
    processes: shared.processes,
    pki: shared.pki,
    registry: shared.registry,
    git: shared.git,
    operatorDir: shared.operatorDir,
    log,
  });
  try {
    await scenario.run(world);
  } catch (error) {
    world.failures.push(`stopped: ${(error as Error).stack ?? error}`);
  } finally {
    await world.close();
  }
  for (const miss of shared.registry.misses) log(`  not in the registry: ${miss}`);
  shared.registry.misses.clear();
  const { layout, kind, what } = scenario;
  if (kind === "right" || kind === "luck" || kind === "oci") world.failures.push(...overdue(world.steps));
  const result: ScenarioResult = {
    scenario: scenario.id,
    layout,
    kind,
    what,
    generation: generation.id,
    steps: world.steps,
    facts: world.facts,
    failures: world.failures,
    seconds: Math.round((Date.now() - started) / 1000),
    fluxlift: fluxlift(dir, ["--version"]).stdout.trim(),
    code: codeUnderTest(),
  };
  mkdirSync(resultsDir, { recursive: true });
  writeFileSync(join(resultsDir, `${id}.json`), JSON.stringify(result, null, 1));
  for (const failure of world.failures) log(`  FAILED ${failure}`);
  log(
    `${world.failures.length === 0 ? "ok" : "FAILED"} ${scenario.id} on Flux ${generation.flux} (${result.seconds} s)`,
  );
  return world.failures.length === 0;
}

main().then(
  (code) => process.exit(code),
  (error: Error) => {
    log(error.stack ?? String(error));
    process.exit(2);
  },
);
