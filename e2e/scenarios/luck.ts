import { poke } from "../cluster/settle.ts";
import type { PlanJson } from "../world/fluxlift.ts";
import { runCommands } from "../world/runbook.ts";
import { sleep, until } from "../world/wait.ts";
import type { World } from "../world/world.ts";
import { rootFacts } from "./checks.ts";
import { phasesAtOnce } from "./edits.ts";
import { startGotk } from "./gotk.ts";
import { startHomeOps } from "./home-ops.ts";
import { configMap } from "./pieces.ts";
import { defineScenario } from "./scenario.ts";

/** Milliseconds of an outage. */
const MINUTE = 60_000;

type Luck = (world: World) => Promise<void>;

/** Every phase as its runbook says, with something that goes wrong while the cluster follows it. */
async function phases(world: World, luck: { install?: Luck; cutover?: Luck; between?: Luck }): Promise<void> {
  await startHomeOps(world);
  for (const phase of ["install", "cutover", "cleanup"] as const) {
    if (phase !== "install") {
      await luck.between?.(world);
      const against = (await world.preflightAdopted(phase)).filter((one) => !one.startsWith("info"));
      world.expect(against.length === 0, `preflight before ${phase} says: ${against.join("; ")}`);
    }
    const strike = phase === "cleanup" ? undefined : luck[phase];
    await world.phase(phase, [], { during: async () => strike?.(world) });
  }
  await rootFacts(world, "cluster");
}

/** Lets every source fetch what was pushed, as its interval would. */
async function fetchNow({ clusters }: World): Promise<void> {
  for (const { plane } of clusters) await poke(plane.kube, await plane.kube.list("GitRepository"));
}

/** Waits until the operator has put its mark on the first object and is not done with the others. */
async function adopting(world: World): Promise<void> {
  const { recorder } = world.clusters[0]!;
  const from = recorder.observations.length;
  await fetchNow(world);
  const begun = async () => recorder.observations.slice(from).some(({ change }) => change === "adopted");
  await until("the operator adopts", 240, begun, 20);
}

/** Kills a controller again and again: at once, and each time it has come back and begun. */
const killed =
  (name: string): Luck =>
  async (world) => {
    for (let time = 0; time < 3; time++) {
      world.clusters[0]!.controllers.kill(name);
      await sleep(4000);
    }
  };

export const operatorKilled = defineScenario({
  id: "luck-operator-killed",
  layout: "home-ops",
  kind: "luck",
  what: "The operator is killed three times in the middle of the adoption, and three times during cutover.",
  run: (world) =>
    phases(world, {
      install: async () => {
        await adopting(world);
        await killed("flux-operator")(world);
      },
      cutover: async () => {
        await fetchNow(world);
        await killed("flux-operator")(world);
      },
    }),
});

export const kustomizeControllerKilled = defineScenario({
  id: "luck-kustomize-controller-killed",
  layout: "home-ops",
  kind: "luck",
  what: "kustomize-controller is killed three times in the middle of the adoption, and three times during cutover.",
  run: (world) =>
    phases(world, {
      install: async () => {
        await adopting(world);
        await killed("kustomize-controller")(world);
      },
      cutover: async () => {
        await fetchNow(world);
        await sleep(1500);
        await killed("kustomize-controller")(world);
      },
    }),
});

export const gitAway = defineScenario({
  id: "luck-git-away",
  layout: "home-ops",
  kind: "luck",
  what: "The Git server refuses everything for a minute after each merge; during the adoption too.",
  run: (world) => {
    const away = async () => {
      world.git.down = true;
      await fetchNow(world);
      await sleep(MINUTE);
      world.git.down = false;
      await fetchNow(world);
    };
    return phases(world, {
      install: async () => {
        await adopting(world);
        await away();
      },
      cutover: away,
    });
  },
});

export const apiServerRestarted = defineScenario({
  id: "luck-api-server-restarted",
  layout: "home-ops",
  kind: "luck",
  what: "The API server is killed in the middle of the adoption and during cutover, and comes back after five seconds.",
  run: (world) =>
    phases(world, {
      install: async () => {
        await adopting(world);
        await world.clusters[0]!.plane.restartApiServer(5000);
      },
      cutover: async () => {
        await fetchNow(world);
        await sleep(2000);
        await world.clusters[0]!.plane.restartApiServer(5000);
      },
    }),
});

export const registryBroken = defineScenario({
  id: "luck-registry-500",
  layout: "home-ops",
  kind: "luck",
  what: "The registry of charts and manifests answers 500 for a minute after each merge.",
  run: (world) => {
    const broken = async () => {
      world.registry.broken = true;
      await fetchNow(world);
      await sleep(MINUTE);
      world.registry.broken = false;
    };
    return phases(world, { install: broken, cutover: broken });
  },
});

export const editedByHand = defineScenario({
  id: "luck-edited-by-hand",
  layout: "home-ops",
  kind: "luck",
  what: "Between the phases somebody edits controllers with kubectl: an argument more, and the operator's marks taken off.",
  run: (world) =>
    phases(world, {
      between: async () => {
        const { kube } = world.clusters[0]!.plane;
        const args = { op: "add", path: "/spec/template/spec/containers/0/args/-", value: "--concurrent=3" };
        const at = "/apis/apps/v1/namespaces/flux-system/deployments/helm-controller?fieldManager=kubectl-edit";
        await kube.json("PATCH", at, [args], "application/json-patch+json");
        const [prune, ssa] = ["prune", "ssa"].map((one) => `kustomize.toolkit.fluxcd.io/${one}`);
        const bare = { metadata: { annotations: { [prune!]: null, [ssa!]: null } } };
        for (const name of ["source-controller", "notification-controller"])
          await kube.patch("Deployment", "flux-system", name, bare);
        // Its next sync, which applies what no longer says that it is to be left alone.
        await poke(kube, await kube.list("Kustomization"));
        await sleep(10_000);
      },
    }),
});

export const mergedTooEarly = defineScenario({
  id: "luck-merged-too-early",
  layout: "gotk",
  kind: "luck",
  what: "Cutover is merged seconds after install, before the operator is there, and Flux takes itself out; the rebuild section of the runbook brings it back.",
  async run(world) {
    await startGotk(world);
    let plan: PlanJson | undefined;
    await world.change(
      "cutover seconds after install",
      async () => {
        phasesAtOnce(world, ["install"]);
        plan = world.plan("cutover");
        world.repo.push();
        await fetchNow(world);
        await sleep(3000);
        phasesAtOnce(world, ["cutover"]);
      },
      { expectNotReady: /./ },
    );
    const runbooks =
      plan?.phases.flatMap((one) => one.clusters.flatMap(({ runbook }) => (runbook ? [runbook] : []))) ?? [];
    const gone = runbooks
      .flatMap(({ rollback }) => rollback)
      .filter(({ title }) => title === "If Flux took itself out");
    const [first, ...rest] = runbooks.flatMap(({ rebuild }) => rebuild);
    world.expect(first?.title === "Create the namespace" && rest.length > 0, "the runbook has a rebuild section");
    world.expect(gone.length === 1, "the runbook says what to do when Flux took itself out");
    // The namespace is still there.
    const commands = [...gone, ...rest].flatMap((one) => one.commands ?? []);
    await runCommands(world, world.clusters[0]!, "rebuild", commands);
    await world.change("a change after the rebuild", () =>
      world.write({ "apps/docs.yaml": configMap("docs", { page: "two" }, "web") }),
    );
    const docs = await world.live("ConfigMap", "web", "docs");
    world.expect(docs?.data?.page === "two", "what is merged after the rebuild arrives");
  },
});
