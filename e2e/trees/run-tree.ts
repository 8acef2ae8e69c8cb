import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ageSecret } from "../scenarios/age.ts";
import { objectsOf } from "../scenarios/pieces.ts";
import { CORE, IMAGE, manifestComponents } from "../world/gotk.ts";
import type { KubeObject } from "../world/kube.ts";
import type { ClusterHandle, World } from "../world/world.ts";
import { deleteByHand } from "./by-hand.ts";
import { fluxChartObjects } from "./flux-chart.ts";
import type { TreeCluster } from "./list.ts";
import { Neighbours } from "./neighbours.ts";
import { LIMIT, type Prepared, placeTree, type Seen, type TreeRun } from "./prepare.ts";
import { goBack } from "./rollback.ts";

/** Brings the old state up and takes it through the phases. */
export async function runTree(world: World, run: TreeRun): Promise<Seen> {
  const { tree, prepared } = run;
  placeTree(world, run);
  const homes = new Neighbours();
  try {
    for (const one of tree.clusters) await bringUp(world, run, one, await homes.start(world, one.name));
    await phases(world, run);
  } finally {
    await homes.stop();
  }
  return { stubs: prepared.crds.length, made: homes.made };
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
  for (const [number, cluster] of world.clusters.entries()) {
    // What has come up while another cluster was taken through the phases counts from now on.
    if (number > 0) await world.takeStock(cluster, LIMIT);
    const args = tree.several ? ["--cluster", cluster.name] : [];
    for (const phase of ["install", "cutover", "cleanup"]) {
      if (phase !== "install" && !world.pending(phase, args)) continue;
      const before = world.failures.length;
      const facts = await measure(world, phase, cluster, args);
      const live = new Set(cluster.recorder.live());
      const plan = world.plan(phase, args);
      const name = [phase, ...args].join(" ");
      await world.phase(phase, [...args, "--facts", facts], { name, limit: LIMIT });
      if (world.failures.length > before) return;
      if (rollback && plan) await goBack(world, cluster, { phase, name, plan, args, before: live });
      if (world.failures.length > before) return;
      if (plan) await deleteByHand(world, cluster, name, plan);
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
