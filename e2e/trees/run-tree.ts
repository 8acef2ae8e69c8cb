import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { CORPUS, NO_CORPUS } from "../../bench/corpus/places.ts";
import type { AgeKey } from "../scenarios/age.ts";
import { ageSecret } from "../scenarios/age.ts";
import { objectsOf } from "../scenarios/pieces.ts";
import { CORE, IMAGE, manifestComponents } from "../world/gotk.ts";
import type { KubeObject } from "../world/kube.ts";
import type { ClusterHandle, World } from "../world/world.ts";
import { adapt, fillGotk } from "./adapt.ts";
import { type Catalog, catalogOf } from "./catalog.ts";
import { readObjects } from "./documents.ts";
import { fluxChartObjects } from "./flux-chart.ts";
import { Household } from "./household.ts";
import type { RealTree, TreeCluster } from "./list.ts";
import { goBack } from "./rollback.ts";
import { encryptAll, type StandIn, sopsStandIns } from "./sops.ts";
import { SourceWatcher } from "./source-watcher.ts";
import { stubCrds } from "./stub-crds.ts";

/** Longest wait for a real tree to come to rest, in seconds. */
const LIMIT = 900;

/** A tree on disk, made fit for the bench. */
export interface Prepared {
  dir: string;
  catalog: Catalog;
  crds: KubeObject[];
  standIns: StandIn[];
  /** What was edited, for the page. */
  edits: string[];
}

/** Unpacks a state of the corpus below `scratch` and adapts it. Throws when the corpus is not there. */
export function prepare(tree: RealTree, scratch: string, flux: string, operatorDir: string): Prepared {
  const packed = join(CORPUS, "states", `${tree.state}.tar.gz`);
  if (!existsSync(packed)) throw new Error(NO_CORPUS);
  mkdirSync(scratch, { recursive: true });
  execFileSync("tar", ["-xzf", packed, "-C", scratch]);
  const dir = join(scratch, tree.state);
  const options = { dir, own: tree.url, flux, operatorDir };
  const done = adapt(options);
  if (tree.unfilled) {
    for (const { sync } of tree.clusters) fillGotk(sync[0]!, options, tree.unfilled.components);
    done.set("cluster with the placeholders of its flux bootstrap filled in", tree.clusters.length);
  }
  const objects = readObjects(dir);
  const standIns = sopsStandIns(dir);
  if (standIns.length > 0) done.set("file encrypted anew to the key of the run, with stand-in values", standIns.length);
  return {
    dir,
    standIns,
    catalog: catalogOf(objects, tree.url),
    crds: stubCrds(objects),
    edits: [...done].map(([what, count]) => `${what} (${count})`),
  };
}

export interface TreeRun {
  tree: RealTree;
  prepared: Prepared;
  key: AgeKey;
  rollback: boolean;
}

/** Brings the old state up and takes it through the phases. Returns what a reader of the result should know. */
export async function runTree(world: World, run: TreeRun): Promise<{ stubs: number; made: string[] }> {
  const { tree, prepared, key } = run;
  cpSync(prepared.dir, world.repo.dir, { recursive: true, verbatimSymlinks: true });
  rmSync(prepared.dir, { recursive: true, force: true });
  encryptAll(world.repo.dir, world.dir, key.recipient, prepared.standIns);
  // Some trees hold files that their own .gitignore names.
  world.repo.git("add", "--all", "--force");
  world.repo.commit("Old state");
  const homes: Household[] = [];
  const watchers: SourceWatcher[] = [];
  try {
    for (const one of tree.clusters) {
      const cluster = await world.addCluster(one.name);
      const home = new Household(cluster.plane.kube);
      homes.push(home);
      home.start();
      const watcher = new SourceWatcher(cluster.plane.kube, join(world.dir, one.name, "source-watcher"));
      watchers.push(watcher);
      await watcher.start(world.log);
      await bringUp(world, run, one, cluster);
    }
    await phases(world, run);
  } finally {
    for (const one of [...homes, ...watchers]) await one.stop();
  }
  return { stubs: prepared.crds.length, made: homes.flatMap(({ made }) => [...made]).sort() };
}

async function bringUp(world: World, { tree, prepared, key }: TreeRun, one: TreeCluster, cluster: ClusterHandle) {
  await world.apply(prepared.crds, cluster, "stand-in");
  const manifests = tree.install === "manifests";
  const components = manifests ? manifestComponents(world.generation.flux) : componentsOf(world, one);
  const folder = tree.install === "gotk" ? builtFolder(world, one) : [];
  const sync = folder.length > 0 ? folder.filter(isSync) : one.sync.flatMap((path) => objectsOf(world.repo.read(path)));
  const extra = [ageSecret(key), ...(one.before ?? []).flatMap((path) => objectsOf(plainText(world, prepared, path)))];
  const objects =
    tree.install === "chart"
      ? fluxChartObjects(world.operatorDir, world.generation.flux)
      : folder.length > 0
        ? folder.filter((object) => !isSync(object))
        : undefined;
  const options = { networkPolicy: !manifests, components, extra, tolerant: LIMIT, ...(objects ? { objects } : {}) };
  await world.bootstrap(sync, options, cluster);
  // Below a root that does not apply nothing would be proved.
  for (const { kind, metadata } of sync) {
    const why = cluster.accepted.get(`${kind} ${metadata.namespace}/${metadata.name}`);
    if (why !== undefined) throw new Error(`${kind} ${metadata.name} is not Ready in the old state: ${why}`);
  }
}

/** `flux bootstrap` applies what the folder builds to, patches included: a root that is given rights by one has them. */
const builtFolder = (world: World, { sync }: TreeCluster): KubeObject[] =>
  objectsOf(
    execFileSync(world.binary("kubectl"), ["kustomize", join(world.repo.dir, dirname(sync[0]!))], {
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    }),
  );

const isSync = ({ apiVersion }: KubeObject) => /^(source|kustomize)\.toolkit\.fluxcd\.io\//.test(apiVersion);

const plainText = (world: World, { standIns }: Prepared, path: string): string =>
  standIns.find((one) => one.path === path)?.plain ?? world.repo.read(path);

/** Components in the header of the gotk-components.yaml beside the sync. */
function componentsOf(world: World, { sync }: TreeCluster): string[] {
  const file = join(world.repo.dir, sync[0]!.replace("gotk-sync", "gotk-components"));
  const listed = existsSync(file) ? /^# Components: (\S+)/m.exec(readFileSync(file, "utf8"))?.[1] : undefined;
  return listed?.split(",") ?? [...CORE, ...IMAGE];
}

/** One cluster after the other; the next one only when the one before went as expected. */
async function phases(world: World, { tree, rollback }: TreeRun): Promise<void> {
  for (const cluster of world.clusters) {
    const args = tree.several ? ["--cluster", cluster.name] : [];
    for (const phase of ["install", "cutover", "cleanup"]) {
      if (phase !== "install" && !world.pending(phase, args)) continue;
      const before = world.failures.length;
      const facts = await measure(world, phase, cluster, args);
      const back = rollback ? world.plan(phase, args) : undefined;
      const name = [phase, ...args].join(" ");
      await world.phase(phase, [...args, "--facts", facts], { name, limit: LIMIT });
      if (world.failures.length > before) return;
      if (back) await goBack(world, cluster, { phase, name, plan: back, args });
      if (world.failures.length > before) return;
    }
  }
}

/** Runs preflight.sh; its blockers are failures, its other findings are for the reader. Returns the file of facts. */
async function measure(world: World, phase: string, cluster: ClusterHandle, args: string[]): Promise<string> {
  for (const finding of await world.preflightAdopted(phase, cluster, args)) {
    world.log(`    preflight: ${finding}`);
    world.expect(!finding.startsWith("blocker"), `preflight before ${phase} says: ${finding}`);
  }
  return join(world.dir, `facts-${phase}.json`);
}
