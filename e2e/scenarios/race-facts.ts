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
  what: "While the operator adopts the install, what applied it is asked to reconcile again and again; then its labels are put back by hand.",
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
    if (left.all.length === 0) await putBack(world);
    const findings = world.preflight("cutover");
    world.expect(
      findings.some((one) => one.startsWith("blocker facts-not-adopted")),
      `preflight sees the labels: ${findings.join("; ") || "nothing"}`,
    );
    await poke(plane.kube, await plane.kube.list("FluxInstance"));
    const gone = await until("labels go", 120, async () => (await labelled(world)).all.length === 0).catch(() => false);
    world.fact(
      "S2.5 residual race, the way out [I]",
      "The next reconcile of the FluxInstance takes labels that came back away again.",
      gone,
      gone ? "they were gone" : `${(await labelled(world)).all.length} objects kept them`,
    );
    await until("FluxInstance is Ready", 300, async () => {
      const live = await world.live("FluxInstance", "flux-system", "flux");
      return live !== undefined && condition(live, "Ready")?.status === "True";
    });
    world.measure("cutover");
    // A person who does not look: the old files go while the labels are back.
    await putBack(world);
    const { all, bare } = await labelled(world);
    world.expect(all.length > 0 && bare.length === 0, `labels are back, under protection: ${all.join(", ")}`);
    await world.phase("cutover");
    const kept = await world.live("Deployment", "flux-system", "source-controller");
    world.fact(
      "S2.5 residual race, protection",
      "`prune: Disabled` protects an adopted object whose labels are back when the old files go.",
      kept !== undefined,
      kept ? "the Deployment stayed" : "the Deployment was deleted",
    );
  },
});

/** What the race leaves, made by hand: one adopted object with the labels of what applied it before. */
async function putBack(world: World): Promise<void> {
  const labels = { [OWNER]: "flux", [OWNER.replace("/name", "/namespace")]: "flux-system" };
  const { kube } = world.clusters[0]!.plane;
  await kube.patch("Deployment", "flux-system", "source-controller", { metadata: { labels } });
}
