import { poke } from "../cluster/settle.ts";
import { runCommands } from "../world/runbook.ts";
import { until } from "../world/wait.ts";
import type { ClusterHandle, World } from "../world/world.ts";
import { startGotk } from "./gotk.ts";
import { startHomeOps } from "./home-ops.ts";
import { defineScenario } from "./scenario.ts";

const OWNER = "kustomize.toolkit.fluxcd.io/name";
const KINDS = ["Deployment", "ServiceAccount", "Service", "CustomResourceDefinition", "ClusterRole", "Namespace"];

interface Step {
  title: string;
  commands?: string[];
}

type Way = Record<"byHand" | "after" | "back", Step[]>;

/** What the runbook has done by hand before the one merge, what it looks at after it, and its way back from it. */
function wayOf(world: World, args: string[]): Way {
  const phases = world.plan("all", args)?.phases ?? [];
  const of = (name: string, part: "steps" | "rollback") =>
    phases.flatMap(({ phase, clusters }) =>
      phase === name ? clusters.flatMap((one) => one.runbook?.[part] ?? []) : [],
    );
  return {
    byHand: of("install", "steps"),
    after: [...of("cutover", "steps"), ...of("cleanup", "steps")],
    back: of("cutover", "rollback"),
  };
}

const commandsOf = (steps: readonly Step[]) => steps.flatMap(({ commands = [] }) => commands);

/** Whether the operator has taken over every object that it manages: what the runbook looks at before the merge. */
async function isAdopted({ plane }: ClusterHandle): Promise<boolean> {
  const lists = await Promise.all(KINDS.map((kind) => plane.kube.list(kind)));
  const managed = lists
    .flat()
    .filter(({ metadata }) => metadata.labels?.["app.kubernetes.io/managed-by"] === "flux-operator");
  return managed.length > 0 && managed.every(({ metadata }) => metadata.labels?.[OWNER] === undefined);
}

/** Installs both by hand from the files of the commit, and waits until every row is right, asking the operator again. */
async function installByHand(world: World, { byHand }: Way): Promise<void> {
  const cluster = world.clusters[0]!;
  world.expect(byHand[0]?.title === "Install the operator", `the runbook begins with: ${byHand[0]?.title}`);
  await runCommands(world, cluster, "install by hand", commandsOf(byHand));
  await until(
    "the operator owns every object",
    300,
    async () => {
      if (await isAdopted(cluster)) return true;
      await poke(cluster.plane.kube, await cluster.plane.kube.list("FluxInstance"));
      return false;
    },
    10_000,
  );
}

/** The whole move in one merge, and back. */
async function moveAtOnce(world: World, installer: string, more: string[] = []): Promise<void> {
  const args = ["--direct", ...more];
  const way = wayOf(world, args);
  await world.phase("all", args, {
    before: async () => await installByHand(world, way),
    after: async (cluster) => await runCommands(world, cluster, "after the merge", commandsOf(way.after)),
  });
  await goBackForGood(world, way, installer);
}

/** Back from the merge, and for good: in the end the old install owns the controllers again. */
async function goBackForGood(world: World, { back }: Way, installer: string): Promise<void> {
  const cluster = world.clusters[0]!;
  const at = back.findIndex(({ commands = [] }) => commands.some((one) => one.startsWith("git revert")));
  world.expect(at === 1, `the way back: ${back.map(({ title }) => title).join(", ")}`);
  await runCommands(world, cluster, "way back", commandsOf(back.slice(0, at)));
  const phases = world.repo.git("rev-list", "--max-count=3", "HEAD").trim().split("\n");
  await world.change("way back", () => void world.repo.git("revert", "--no-edit", ...phases));
  const good = back.filter(({ title }) => title.startsWith("Only for good"));
  world.expect(good.length > 0, "the runbook says how to go back for good");
  await runCommands(world, cluster, "for good", commandsOf(good));
  const { kube } = cluster.plane;
  await poke(kube, await kube.list("Kustomization", "kustomize.toolkit.fluxcd.io"));
  await until("the old install owns the controllers again", 300, async () => {
    const deployments = (await kube.list("Deployment", "apps")).filter(
      ({ metadata }) =>
        metadata.labels?.["app.kubernetes.io/part-of"] === "flux" && metadata.name.endsWith("-controller"),
    );
    return deployments.length > 0 && deployments.every(({ metadata }) => metadata.labels?.[OWNER] === installer);
  });
  const settled = await world.rest(cluster, 300);
  world.expect(
    settled.notReady.length === 0,
    `not Ready at the end: ${settled.notReady.map((one) => one.object).join(", ")}`,
  );
}

export const homeOpsDirect = defineScenario({
  id: "home-ops-direct",
  layout: "home-ops",
  kind: "right",
  what: "Operator and instance by hand, then all phases in one merge; source, root and namespace have three names. Then back, for good.",
  async run(world) {
    await startHomeOps(world);
    await moveAtOnce(world, "flux");
  },
});

export const gotkDirect = defineScenario({
  id: "gotk-direct",
  layout: "gotk",
  kind: "right",
  what: "The same of a repository of `flux bootstrap`, where source and root keep their names.",
  async run(world) {
    await startGotk(world);
    await moveAtOnce(world, "flux-system");
  },
});

export const gotkDirectAuto = defineScenario({
  id: "gotk-direct-auto",
  layout: "gotk",
  kind: "right",
  what: "The same with an operator that upgrades itself (`--operator-upgrades auto`).",
  async run(world) {
    await startGotk(world);
    await moveAtOnce(world, "flux-system", ["--operator-upgrades", "auto"]);
  },
});
