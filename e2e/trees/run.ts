import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { cacheDir, type Go, moduleDir } from "../install/build.ts";
import { type Generation, OPERATOR } from "../install/components.ts";
import { makePki } from "../install/pki.ts";
import { codeUnderTest, isSameCode } from "../record/code.ts";
import { overdue } from "../report/overdue.ts";
import { makeAgeKey } from "../scenarios/age.ts";
import { startRegistry } from "../world/charts.ts";
import { fluxlift } from "../world/fluxlift.ts";
import type { Processes } from "../world/processes.ts";
import { Repo } from "../world/repo.ts";
import { World } from "../world/world.ts";
import type { RealTree } from "./list.ts";
import { type Prepared, prepare, type Seen } from "./prepare.ts";
import { rebuildTree } from "./rebuild.ts";
import type { Rebuilt, TreeResult } from "./result.ts";
import { runTree } from "./run-tree.ts";
import { StandIns } from "./stand-ins.ts";

export const treeResultsDir = join(cacheDir, "results-trees");

export interface TreesOptions {
  trees: RealTree[];
  generations: Generation[];
  scratch: string;
  processes: Processes;
  go: Go;
  rollback: boolean;
  /** Write all phases without a cluster, and bring an empty one up from what is left, by whose commands. */
  rebuild?: Rebuilt["by"] | undefined;
  /** Run also what has a result of the same code. */
  again: boolean;
  log: (line: string) => void;
}

/** Every result there is. */
export const readTreeResults = (): TreeResult[] =>
  existsSync(treeResultsDir)
    ? readdirSync(treeResultsDir).map(
        (name) => JSON.parse(readFileSync(join(treeResultsDir, name), "utf8")) as TreeResult,
      )
    : [];

/** Runs trees one after the other; what already has a result of the same code is left out. Returns how many failed. */
export async function runTrees(options: TreesOptions): Promise<number> {
  const known = options.again ? [] : readTreeResults();
  let failed = 0;
  for (const generation of options.generations) {
    for (const tree of options.trees) {
      const done = known.find(
        (one) =>
          one.tree === tree.state &&
          one.generation === generation.id &&
          one.rollback === options.rollback &&
          one.rebuilt?.by === options.rebuild,
      );
      if (done && done.failures.length === 0 && isSameCode(done.code))
        options.log(`= ${tree.state} on Flux ${generation.flux}: done before, of the same code`);
      else failed += (await runOne(tree, generation, options)) ? 0 : 1;
    }
  }
  return failed;
}

async function runOne(tree: RealTree, generation: Generation, options: TreesOptions): Promise<boolean> {
  const { scratch, processes, go, log, rollback } = options;
  const known = readTreeResults().find(
    (one) => one.tree === tree.state && one.generation === generation.id && one.steps.length > 0,
  )?.oldState;
  const id = `${tree.state}-${generation.id}`;
  log(`> ${tree.state} on Flux ${generation.flux}`);
  const started = Date.now();
  const dir = join(scratch, id);
  const operatorDir = await moduleDir(go, OPERATOR);
  const prepared = prepare(tree, join(dir, "unpacked"), generation.flux, operatorDir);
  const served = join(dir, "git");
  mkdirSync(served, { recursive: true });
  const pki = await makePki(go, join(dir, "pki"), prepared.catalog.hosts);
  const registry = await startRegistry(pki, operatorDir);
  const own = { url: tree.url, name: "own", ...(tree.artifact ? { artifact: tree.artifact } : {}) };
  registry.outside = new StandIns({
    catalog: prepared.catalog,
    served,
    own,
    flux: { operatorDir, version: generation.flux },
  });
  const repo = new Repo(join(dir, "repo"), served, "", own.name, tree.url);
  if (tree.branches) repo.branches = tree.branches;
  const world = new World({ dir, repo, generation, processes, pki, registry, operatorDir, log });
  if (tree.artifact) world.artifact = `oci://${tree.artifact.name}`;
  let made: Seen = {
    stubs: 0,
    made: [],
    ...(options.rebuild ? { rebuilt: { by: options.rebuild, ready: {}, seconds: 0 } } : {}),
  };
  try {
    const run = { tree, prepared, key: makeAgeKey(), rollback, ...(known ? { known } : {}) };
    made = options.rebuild ? await rebuildTree(world, run, options.rebuild) : await runTree(world, run);
  } catch (error) {
    world.failures.push(`stopped: ${(error as Error).stack ?? error}`);
  } finally {
    await world.close();
    await registry.stop();
  }
  world.failures.push(...overdue(world.steps, oldStateOf(world)));
  keep(world, { tree, prepared, made, misses: [...registry.misses], rollback, started });
  for (const failure of world.failures) log(`  FAILED ${failure}`);
  const verdict = world.failures.length === 0 ? "ok" : "FAILED";
  log(`${verdict} ${tree.state} on Flux ${generation.flux} (${Math.round((Date.now() - started) / 1000)} s)`);
  return world.failures.length === 0;
}

const oldStateOf = (world: World): TreeResult["oldState"] =>
  Object.fromEntries(world.clusters.map(({ name, accepted }) => [name, Object.fromEntries(accepted)]));

const rebuiltSuffix = ({ by }: Rebuilt) => (by === "owner" ? "-rebuilt-owner" : "-rebuilt");

interface Ended {
  tree: RealTree;
  prepared: Prepared;
  made: Seen;
  misses: string[];
  rollback: boolean;
  started: number;
}

function keep(world: World, { tree, prepared, made, misses, rollback, started }: Ended): void {
  const result: TreeResult = {
    tree: tree.state,
    install: tree.install,
    generation: world.generation.id,
    code: codeUnderTest(),
    fluxlift: fluxlift(world.dir, ["--version"]).stdout.trim(),
    rollback,
    ...(made.rebuilt ? { rebuilt: made.rebuilt } : {}),
    steps: world.steps,
    oldState: oldStateOf(world),
    edits: prepared.edits,
    stubs: made.stubs,
    household: made.made.length,
    misses,
    failures: world.failures,
    seconds: Math.round((Date.now() - started) / 1000),
  };
  mkdirSync(treeResultsDir, { recursive: true });
  const name = `${tree.state}-${world.generation.id}${rollback ? "-rollback" : made.rebuilt ? rebuiltSuffix(made.rebuilt) : ""}.json`;
  writeFileSync(join(treeResultsDir, name), JSON.stringify(result, null, 1));
}
