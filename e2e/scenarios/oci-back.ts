import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { PRIVATE_HOST } from "../install/pki.ts";
import { FLEETING } from "../trees/by-hand.ts";
import { runCommands } from "../world/runbook.ts";
import type { World } from "../world/world.ts";
import { migrate } from "./edits.ts";
import { startHomeOps } from "./home-ops.ts";
import {
  follow,
  homeOpsMove,
  letIn,
  type Move,
  PERSON,
  phase,
  publish,
  REGISTRY,
  type RunbookStep,
  reads,
  runbookOf,
  trial,
} from "./oci.ts";
import { defineScenario } from "./scenario.ts";

/** Helm keeps five records of a release, and this scenario upgrades more often. */
const RECORD = /^Secret [^ ]*\/sh\.helm\.release\.v1\./;

const isRevert = (command: string) => command.startsWith("git revert");

interface Way {
  name: string;
  rollback: RunbookStep[];
  /** What was in the cluster before the phases that are taken back. */
  before: ReadonlySet<string>;
  /** Commits of those phases, newest first. */
  commits: string[];
  /** The registry is down all the while. */
  alone?: boolean;
}

/**
 * Reverts phases as the runbook of the last one says: what comes before its `git push`, the push, and what comes after.
 * What was in the cluster before them has to be there again.
 */
async function back(world: World, move: Move, { name, rollback, before, commits, alone = false }: Way): Promise<void> {
  const cluster = world.clusters[0]!;
  const what = `way back from oci ${name}`;
  const commands = rollback.flatMap((one) => one.commands ?? []);
  const reverts = commands.filter(isRevert);
  world.expect(reverts.length === commits.length, `${what}: the runbook reverts ${reverts.join(", ") || "nothing"}`);
  const rest = commands.filter((one) => !isRevert(one));
  const push = rest.indexOf("git push");
  const run = async (some: string[]) => await runCommands(world, cluster, what, some, { env: PERSON });
  if (alone) world.registry.broken = PRIVATE_HOST;
  world.artifact = push < 0 ? "" : REGISTRY;
  await world.change(what, () => void world.repo.git("revert", "--no-edit", ...commits), {
    before: async () => await run(rest.slice(0, Math.max(push, 0))),
    during: async () => {
      if (push < 0) return;
      if (!alone) await publish(world, move);
      await run(rest.slice(push + 1));
      world.registry.broken = false;
      if (alone) await publish(world, move);
    },
  });
  if (push < 0) await run(rest);
  world.artifact = REGISTRY;
  const live = cluster.recorder.live();
  const missing = [...before].filter((one) => !live.has(one) && !FLEETING.test(one) && !RECORD.test(one));
  world.expect(missing.length === 0, `${what}: no longer there: ${missing.join(", ")}`);
}

/** Flux reads Git, by the source of the instance. */
async function readsGit(world: World, { source }: Move, after: string): Promise<void> {
  const git = await world.live("GitRepository", "flux-system", source);
  const root = await world.live("Kustomization", "flux-system", source);
  world.expect(git !== undefined, `GitRepository ${source} is there after ${after}`);
  world.expect(root?.spec.sourceRef.kind === "GitRepository", `the root reads Git after ${after}`);
}

export const ociBack = defineScenario({
  id: "oci-home-ops-back",
  layout: "home-ops",
  kind: "oci",
  what: "The same, back from each phase by its runbook, and forward again; from the switch also while the registry answers 500.",
  async run(world) {
    await startHomeOps(world);
    await migrate(world);
    const move = homeOpsMove();
    letIn(world);
    const keys = join(world.dir, "keys");
    mkdirSync(keys, { recursive: true });
    const live = () => new Set(world.clusters[0]!.recorder.live());

    const prepare = runbookOf(world, "prepare", move);
    await follow(world, "prepare", prepare.steps, /^Create Secret/, keys);
    world.artifact = REGISTRY;
    const before = live();
    await phase(world, "prepare", move);
    await back(world, move, { name: "prepare", rollback: prepare.rollback, before, commits: ["HEAD"] });
    await phase(world, "prepare", move);

    const prepared = live();
    for (const alone of [false, true]) {
      const turn = runbookOf(world, "switch", move);
      await phase(world, "switch", move, { before: () => trial(world, move, turn.steps) });
      await reads(world, move, "switch");
      const way = { name: `switch${alone ? " without the registry" : ""}`, rollback: turn.rollback };
      await back(world, move, { ...way, before: prepared, commits: ["HEAD"], alone });
      await readsGit(world, move, way.name);
    }
    const turn = runbookOf(world, "switch", move);
    await phase(world, "switch", move, { before: () => trial(world, move, turn.steps) });
    await follow(world, "switch", turn.steps, /^(Merge the switch|Check that)/);
    const switched = world.repo.head();

    const tidy = runbookOf(world, "cleanup", move);
    await follow(world, "cleanup", tidy.steps, /^(Everything is Ready|The operator owns)/);
    await phase(world, "cleanup", move);
    await reads(world, move, "cleanup");
    const both = { before: prepared, commits: ["HEAD", switched] };
    await back(world, move, { name: "cleanup", rollback: tidy.rollback, ...both });
    await readsGit(world, move, "cleanup");
  },
});
