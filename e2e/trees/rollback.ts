import type { PlanJson } from "../world/fluxlift.ts";
import { runCommands } from "../world/runbook.ts";
import type { ClusterHandle, World } from "../world/world.ts";
import { FLEETING } from "./by-hand.ts";
import { LIMIT } from "./prepare.ts";

export interface WayBack {
  phase: string;
  /** What the step forward was called. */
  name: string;
  plan: PlanJson;
  args: string[];
  /** What was in the cluster before the phase. */
  before: ReadonlySet<string>;
}

/**
 * Goes back from a phase by the steps of its runbook, and then forward again by merging it a second time. Both are
 * changes like any other: verify or the plan predicts, the watch tells.
 */
export async function goBack(world: World, cluster: ClusterHandle, way: WayBack): Promise<void> {
  const { phase, name, plan, args, before } = way;
  const steps = plan.phases.flatMap((one) => one.clusters.flatMap(({ runbook }) => runbook?.rollback ?? []));
  const at = steps.findIndex(({ commands = [] }) => commands.some(isRevert));
  if (at < 0) return void world.failures.push(`${phase}: the runbook has no way back`);
  const merged = world.repo.head();
  const back = `way back from ${name}`;
  await runCommands(world, cluster, back, steps.slice(0, at).flatMap(commandsOf));
  await world.change(back, () => void world.repo.git("revert", "--no-edit", merged), { limit: LIMIT });
  // What is only for good would take away what the way forward needs, that comes later, and what may be is not.
  const [later, again] = [/^(Only for good|Or |If )/, /^Or take the phase up again/];
  const after = steps.slice(at).filter(({ title }) => !later.test(title));
  await runCommands(world, cluster, back, after.flatMap(commandsOf));
  const live = cluster.recorder.live();
  const missing = [...before].filter((one) => !live.has(one) && !FLEETING.test(one));
  world.expect(missing.length === 0, `${back}: no longer there: ${missing.join(", ")}`);
  const forward = steps.filter(({ title }) => again.test(title)).flatMap(commandsOf);
  await world.phase(phase, args, {
    name: `${name} again`,
    limit: LIMIT,
    after: async (one) => {
      if (one === cluster) await runCommands(world, cluster, `${name} again`, forward);
    },
  });
}

const isRevert = (command: string) => command.startsWith("git revert");
const commandsOf = ({ commands = [] }: { commands?: string[] }) => commands.filter((one) => !isRevert(one));
