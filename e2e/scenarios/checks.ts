import type { World } from "../world/world.ts";

const NAME = "kustomize.toolkit.fluxcd.io/name";

/** What adoption does to live objects (flux-facts 2.1, 2.5), asked right after the install phase. */
export async function adoptionFacts(world: World, root: string): Promise<void> {
  const { plane, recorder } = world.clusters[0]!;
  const instance = await world.live("FluxInstance", "flux-system", "flux");
  const inventory = (instance?.status?.inventory?.entries ?? []) as { id: string }[];
  const marks: string[] = [];
  for (const kind of [
    "Deployment",
    "CustomResourceDefinition",
    "ClusterRole",
    "Namespace",
    "ServiceAccount",
    "Service",
  ]) {
    for (const { metadata } of await plane.kube.list(kind)) {
      if (metadata.labels?.["app.kubernetes.io/managed-by"] !== "flux-operator") continue;
      const labelled = metadata.labels?.[NAME] !== undefined;
      const ignored = metadata.annotations?.["kustomize.toolkit.fluxcd.io/ssa"] === "Ignore";
      const kept = metadata.annotations?.["kustomize.toolkit.fluxcd.io/prune"] === "Disabled";
      if (labelled || !ignored || !kept) marks.push(`${kind} ${metadata.name}`);
    }
  }
  world.fact(
    "S2.1 adoption",
    "Every adopted object loses the owner labels and carries `ssa: Ignore` and `prune: Disabled`, also after later syncs of the old owner.",
    marks.length === 0 && inventory.length > 0,
    marks.length === 0
      ? `${inventory.length} objects in the operator's inventory, none without the marks`
      : `without: ${marks.join(", ")}`,
  );
  const back = recorder.observations.filter(
    ({ step, change, object, detail }) =>
      step.startsWith("install") &&
      change === "relabelled" &&
      detail?.startsWith("none ->") &&
      recorder.isAdopted(object) &&
      !object.startsWith("Kustomization"),
  );
  world.fact(
    "S2.5 residual race [I]",
    "kustomize-controller may put its labels back between the operator's two writes.",
    back.length > 0 || "not seen",
    back.length > 0
      ? `${back.length} objects got labels back for a while: ${back
          .map(({ object }) => object)
          .slice(0, 5)
          .join(", ")}`
      : "not seen in this run",
  );
  const live = await world.live("Kustomization", "flux-system", root);
  const entries = (live?.status?.inventory?.entries ?? []) as unknown[];
  world.fact(
    "S2.5 adoption under the old name",
    "Adoption with `sync.name` = the old root keeps the root object and its inventory.",
    entries.length > 0 &&
      !recorder.observations.some(
        ({ change, object }) => change === "deleted" && object === `Kustomization flux-system/${root}`,
      ),
    `the root has ${entries.length} inventory entries after adoption`,
  );
}

/** After the last phase: one root, Ready, and nobody else's labels on what it delivers. */
export async function rootFacts(world: World, root: string): Promise<void> {
  const live = await world.live("Kustomization", "flux-system", root);
  world.expect(live !== undefined, `root ${root} exists`);
  world.expect(live?.spec.prune !== false, `root ${root} prunes again`);
  const instance = await world.live("FluxInstance", "flux-system", "flux");
  world.expect(instance !== undefined, "the FluxInstance exists");
}
