import type { PlanJson } from "../world/fluxlift.ts";
import { runCommands } from "../world/runbook.ts";
import type { ClusterHandle, World } from "../world/world.ts";
import { LIMIT } from "./prepare.ts";

/** Comes and goes by itself. */
export const FLEETING = /^(Pod|ReplicaSet|Event|Lease|Endpoints|EndpointSlice|ControllerRevision) /;

/**
 * Deletes what the runbook of a phase says to delete by hand once it is merged, such as the suspended release of a chart
 * and its records. Nothing may go along with it, and everything has to stay Ready.
 */
export async function deleteByHand(world: World, cluster: ClusterHandle, name: string, plan: PlanJson): Promise<void> {
  const steps = plan.phases.flatMap((one) => one.clusters.flatMap(({ runbook }) => runbook?.steps ?? []));
  const commands = steps.flatMap(({ commands = [] }) => (commands.some(deletes) ? commands : []));
  if (commands.length === 0) return;
  const what = `${name} by hand`;
  world.log(`  ${what}`);
  const before = [...cluster.recorder.live()];
  await runCommands(world, cluster, what, commands);
  const settled = await world.rest(cluster, LIMIT);
  const live = cluster.recorder.live();
  const gone = before.filter((key) => !live.has(key) && !FLEETING.test(key));
  for (const key of gone) world.log(`    gone: ${key}`);
  const along = gone.filter((key) => !isAskedFor(key, commands));
  world.expect(along.length === 0, `${what}: goes along: ${along.join(", ")}`);
  const bad = settled.notReady.filter(({ object }) => !cluster.accepted.has(object));
  world.expect(
    bad.length === 0,
    `${what}: not Ready: ${bad.map(({ object, message }) => `${object} ${message}`).join("; ")}`,
  );
}

const deletes = (command: string) => /^kubectl .*\bdelete\b/.test(command);

/** Whether a command names it; the records of a release go by its label, its HelmChart with it. Exported for its test. */
export function isAskedFor(key: string, commands: readonly string[]): boolean {
  const [kind = "", place = ""] = key.split(" ");
  const name = place.split("/").at(-1)!;
  const record = /^sh\.helm\.release\.v1\.(.+)\.v\d+$/.exec(name)?.[1];
  const namespace = place.split("/")[0]!;
  return commands.filter(deletes).some((command) => {
    const words = command.split(/[\s,/]+/);
    if (kind === "Secret" && record) return words.includes(`name=${record}`);
    if (kind === "HelmChart") return words.some((word) => name === `${namespace}-${word}`);
    return words.includes(name) && words.some((word) => word.startsWith(kind.toLowerCase().replace(/y$/, "")));
  });
}
