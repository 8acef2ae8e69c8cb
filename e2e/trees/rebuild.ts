import { appendFileSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Component, OWNER_TOOLS } from "../install/components.ts";
import type { PlanJson } from "../world/fluxlift.ts";
import { runCommands } from "../world/runbook.ts";
import type { ClusterHandle, World } from "../world/world.ts";
import type { OwnWay } from "./list.ts";
import { Neighbours } from "./neighbours.ts";
import { LIMIT, placeTree, type Seen, type TreeRun } from "./prepare.ts";
import type { Rebuilt } from "./result.ts";

/**
 * Takes the repository through the phases without a cluster, and brings empty ones up from what is left: by the runbook,
 * or as its owner does.
 */
export async function rebuildTree(world: World, run: TreeRun, by: Rebuilt["by"]): Promise<Seen> {
  const { tree, prepared, key, known = {} } = run;
  placeTree(world, run);
  const started = Date.now();
  const homes = new Neighbours();
  const rebuilt: Rebuilt = { by, ready: {}, seconds: 0 };
  try {
    if (by === "owner" && !tree.clusters.some(({ ownWay }) => ownWay))
      throw new Error("how its owner brings it up is not known");
    for (const { name, ownWay } of tree.clusters) {
      if (by === "owner" && !ownWay) continue;
      const args = tree.several ? ["--cluster", name] : [];
      const plan = writePhases(world, args);
      world.repo.push();
      const cluster = await homes.start(world, name, tree.url);
      for (const [object, why] of Object.entries(known[name] ?? {})) cluster.accepted.set(object, why);
      await world.apply(prepared.crds, cluster, "stand-in");
      const empty = { world, cluster, secret: key.secret };
      const way = by === "owner" && ownWay ? ownersWay(ownWay, empty) : runbooksWay(plan, empty);
      rebuilt.ready[name] = await rebuild(way, empty);
    }
  } finally {
    await homes.stop();
    rebuilt.seconds = Math.round((Date.now() - started) / 1000);
  }
  return { stubs: prepared.crds.length, made: homes.made, rebuilt };
}

/** Writes and commits every phase that is left; returns the plan of the last one. */
function writePhases(world: World, args: string[]): PlanJson {
  let last: PlanJson | undefined;
  for (const phase of ["install", "cutover", "cleanup"]) {
    if (phase !== "install" && !world.pending(phase, args)) continue;
    const plan = world.plan(phase, args);
    const ran = world.fluxlift("migrate", "--phase", phase, ...args, "--yes", "--commit");
    if (ran.status !== 0) throw new Error(`${phase}: ${ran.stderr.trim().slice(-500)}`);
    last = plan ?? last;
  }
  if (!last) throw new Error("nothing was planned");
  return last;
}

interface Empty {
  world: World;
  cluster: ClusterHandle;
  /** Secret half of the age key of the run. */
  secret: string;
}

interface Way {
  commands: string[];
  /** File with the secret half of the age key. */
  ageKey: string;
  tools: readonly Component[];
}

/** The commands of the rebuild section of the last phase's plan, which was made before the phase was written. */
function runbooksWay(plan: PlanJson, { world, cluster, secret }: Empty): Way {
  const steps = plan.phases.flatMap((one) => one.clusters.flatMap(({ runbook }) => runbook?.rebuild ?? []));
  world.expect(steps[0]?.title === "Create the namespace", `${cluster.name}: the runbook has a rebuild section`);
  const keys = join(world.dir, "keys");
  const ageKey = join(keys, "age.agekey");
  const credentials = join(keys, "credentials");
  mkdirSync(credentials, { recursive: true });
  writeFileSync(ageKey, `${secret}\n`);
  for (const [file, text] of Object.entries({ username: "git", password: "none" }))
    writeFileSync(join(credentials, file), text);
  const own = {
    "<your age key file>": ageKey,
    "<a folder with your credentials for the source>": credentials,
    "<user>": "git",
    "<token>": "none",
    "<your private key>": ageKey,
    "<the host keys of your Git server>": ageKey,
  };
  const filled = steps
    .flatMap((one) => one.commands ?? [])
    .map((command) => Object.entries(own).reduce((text, [what, path]) => text.replaceAll(what, path), command));
  return { commands: filled, ageKey, tools: [] };
}

/** The owner's commands, with the files in the checkout that no commit holds. */
function ownersWay({ commands, kubeconfig, ageKey }: OwnWay, { world, cluster, secret }: Empty): Way {
  const at = join(world.repo.dir, ageKey);
  writeFileSync(at, `${secret}\n`);
  copyFileSync(world.kubeconfig(cluster), join(world.repo.dir, kubeconfig));
  // The phases of the next cluster are written in the same checkout, and nothing of this is theirs.
  appendFileSync(join(world.repo.dir, ".git/info/exclude"), `/${kubeconfig}\n/${ageKey}\n`);
  return { commands, ageKey: at, tools: OWNER_TOOLS };
}

/** Brings an empty cluster up by these commands and nothing beside them. */
async function rebuild({ commands, ageKey, tools }: Way, { world, cluster }: Empty): Promise<Rebuilt["ready"][string]> {
  const { name, plane } = cluster;
  cluster.controllers.start();
  await runCommands(world, cluster, `${name} from zero`, commands, { env: { SOPS_AGE_KEY_FILE: ageKey }, tools });
  const settled = await world.rest(cluster, LIMIT);
  for (const { object, reason, message } of settled.notReady) {
    const known = cluster.accepted.has(object);
    world.log(`    ${name}: not Ready${known ? ", as before" : ""}: ${object} ${reason} ${message}`);
    if (!known) world.failures.push(`${name} from zero: ${object} is not Ready: ${reason} ${message}`);
  }
  if (settled.timedOut) world.failures.push(`${name} from zero: does not come to rest within ${settled.seconds} s`);
  world.log(`  ${name}: at rest after ${settled.seconds} s`);
  const count = async (kind: string, group: string): Promise<[number, number]> => {
    const all = await plane.kube.list(kind, group);
    const bad = new Set(settled.notReady.map(({ object }) => object));
    const good = all.filter((one) => !bad.has(`${one.kind} ${one.metadata.namespace}/${one.metadata.name}`));
    return [good.length, all.length];
  };
  const kustomizations = await count("Kustomization", "kustomize.toolkit.fluxcd.io");
  world.expect(kustomizations[1] > 0, `${name}: the rebuilt cluster has FluxKustomizations`);
  return { kustomizations, releases: await count("HelmRelease", "helm.toolkit.fluxcd.io") };
}
