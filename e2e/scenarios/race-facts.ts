import { poke } from "../cluster/settle.ts";
import { condition } from "../world/kube.ts";
import { until } from "../world/wait.ts";
import type { World } from "../world/world.ts";
import { startHomeOps } from "./home-ops.ts";
import { defineScenario } from "./scenario.ts";

const OWNER = "kustomize.toolkit.fluxcd.io/name";
const PRUNE = "kustomize.toolkit.fluxcd.io/prune";
const KINDS = ["Deployment", "ServiceAccount", "Service", "CustomResourceDefinition", "ClusterRole", "Namespace"];

/** Adopted objects that carry the labels of the old install, and those of them that are not protected. */
async function labelled(world: World): Promise<{ all: string[]; bare: string[] }> {
  const found = { all: [] as string[], bare: [] as string[] };
  for (const kind of KINDS) {
    for (const { metadata } of await world.clusters[0]!.plane.kube.list(kind)) {
      if (metadata.labels?.["app.kubernetes.io/managed-by"] !== "flux-operator" || !metadata.labels[OWNER]) continue;
      found.all.push(`${kind} ${metadata.name}`);
      if (metadata.annotations?.[PRUNE] !== "Disabled") found.bare.push(`${kind} ${metadata.name}`);
    }
  }
  return found;
}

export const residualRace = defineScenario({
  id: "fact-residual-race",
  layout: "home-ops",
  kind: "fact",
  what: "While the operator adopts the install, what applied it is asked to reconcile again and again.",
  async run(world) {
    await startHomeOps(world);
    const { plane, recorder } = world.clusters[0]!;
    let adopting = true;
    const asking = (async () => {
      while (adopting) {
        const old = await plane.kube.get("Kustomization", "flux-system", "flux").catch(() => undefined);
        if (old) await poke(plane.kube, [old]);
      }
    })();
    try {
      await world.phase("install");
    } finally {
      adopting = false;
      await asking;
    }
    const back = new Set(
      recorder.observations
        .filter(
          ({ step, change, detail }) =>
            step === "install" && change === "relabelled" && /^none -> ./.test(detail ?? ""),
        )
        .map(({ object }) => object)
        .filter((object) => recorder.isAdopted(object) && !object.startsWith("Kustomization")),
    );
    const left = await labelled(world);
    world.fact(
      "S2.5 residual race [I]",
      "kustomize-controller may put its labels back between the operator's two writes.",
      back.size > 0 || "not seen",
      `${back.size} objects got labels back, ${left.all.length} still had them when all was at rest${back.size > 0 ? `: ${[...back].slice(0, 3).join(", ")}` : ""}`,
    );
    world.fact(
      "S2.5 residual race, protection [I]",
      "`prune: Disabled` is on every object that has the labels back.",
      left.all.length > 0 ? left.bare.length === 0 : "not seen",
      left.all.length > 0 ? `${left.bare.length} of ${left.all.length} lack it` : "no object had them at rest",
    );
    if (left.all.length > 0) {
      const findings = world.preflight("cutover");
      world.expect(
        findings.some((one) => one.startsWith("blocker facts-not-adopted")),
        `preflight sees the labels: ${findings.join("; ") || "nothing"}`,
      );
      await poke(plane.kube, await plane.kube.list("FluxInstance"));
      const gone = await until("labels go", 120, async () => (await labelled(world)).all.length === 0).catch(
        () => false,
      );
      world.fact(
        "S2.5 residual race, the way out [I]",
        "The next reconcile of the FluxInstance takes the labels away again.",
        gone,
        gone ? "they were gone" : `${(await labelled(world)).all.length} objects kept them`,
      );
    }
    await until("FluxInstance is Ready", 300, async () => {
      const live = await world.live("FluxInstance", "flux-system", "flux");
      return live !== undefined && condition(live, "Ready")?.status === "True";
    });
    world.measure("cutover");
    await world.phase("cutover");
  },
});
