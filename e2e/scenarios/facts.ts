import type { KubeObject } from "../world/kube.ts";
import type { World } from "../world/world.ts";
import { startGotk } from "./gotk.ts";
import { chartSource, configMap, fluxKustomization, helmRelease, kustomization } from "./pieces.ts";
import { defineScenario } from "./scenario.ts";

const ANY = /./;
const OWNER = "kustomize.toolkit.fluxcd.io/name";

const owned = (object: KubeObject | undefined) => object?.metadata.labels?.[OWNER] ?? "none";

/** A FluxKustomization `name` of its own, below the root, that reads `./NAME`. */
const child = (name: string, more = "") => ({
  [`clusters/main/${name}.yaml`]: fluxKustomization({ name, path: `./${name}`, more }),
});

async function inventoryOf(world: World, name: string): Promise<string[]> {
  const live = await world.live("Kustomization", "flux-system", name);
  return ((live?.status?.inventory?.entries ?? []) as { id: string }[]).map(({ id }) => id);
}

export const ignoreFacts = defineScenario({
  id: "fact-ssa-ignore",
  layout: "gotk",
  kind: "fact",
  what: "What `ssa: Ignore` does, on the live object and in Git, to applying and to pruning.",
  async run(world) {
    await startGotk(world, {
      extra: {
        ...child("marks"),
        "marks/live.yaml": configMap("live", { is: "old" }, "web"),
        "marks/git.yaml": configMap("git", { is: "old" }, "web"),
        "marks/late.yaml": configMap("late", { is: "old" }, "web"),
        "marks/stay.yaml": configMap("stay", { is: "old" }, "web"),
        "marks/kustomization.yaml": kustomization(["live.yaml", "git.yaml", "late.yaml", "stay.yaml"]),
      },
    });
    const { kube } = world.clusters[0]!.plane;
    const mark = { metadata: { annotations: { "kustomize.toolkit.fluxcd.io/ssa": "Ignore" } } };
    await kube.patch("ConfigMap", "web", "live", mark);
    const ignored = configMap("git", { is: "new" }, "web").replace(
      "\ndata:",
      "\n  annotations:\n    kustomize.toolkit.fluxcd.io/ssa: Ignore\n    kustomize.toolkit.fluxcd.io/prune: disabled\ndata:",
    );
    await world.change("change all three", () => {
      world.write({
        "marks/live.yaml": configMap("live", { is: "new" }, "web"),
        "marks/git.yaml": ignored,
        "marks/stay.yaml": configMap("stay", { is: "new" }, "web"),
      });
    });
    const live = await world.live("ConfigMap", "web", "live");
    const git = await world.live("ConfigMap", "web", "git");
    world.fact(
      "S2.4 item 4, live `ssa: Ignore`",
      "A live `ssa: Ignore` stops kustomize-controller from applying the object.",
      live?.data?.is === "old",
      `the live ConfigMap says ${live?.data?.is}`,
    );
    world.fact(
      "S2.4 item 6, `ssa: Ignore` in Git",
      "`ssa: Ignore` in Git is itself never applied, nor is a `prune: disabled` beside it.",
      git?.metadata.annotations?.["kustomize.toolkit.fluxcd.io/prune"] === undefined && git?.data?.is === "old",
      `the live ConfigMap says ${git?.data?.is} and has ${JSON.stringify(git?.metadata.annotations ?? {})}`,
    );
    const entries = await inventoryOf(world, "marks");
    world.fact(
      "S2.4 item 7, inventory",
      "A skipped object stays in the inventory.",
      entries.some((id) => id.includes("_live_")),
      `inventory: ${entries.join(", ")}`,
    );
    await kube.patch("ConfigMap", "web", "late", mark);
    await world.change(
      "take all but one out of Git",
      () => world.write({ "marks/kustomization.yaml": kustomization(["stay.yaml"]) }),
      { expectNotReady: ANY },
    );
    const liveStays = (await world.live("ConfigMap", "web", "live")) !== undefined;
    const gitStays = (await world.live("ConfigMap", "web", "git")) !== undefined;
    world.fact(
      "S2.4 item 2, live `ssa: Ignore` and pruning",
      "A live `ssa: Ignore` that a sync has seen protects from pruning.",
      liveStays,
      liveStays ? "the object stayed" : "the object was deleted",
    );
    const lateStays = (await world.live("ConfigMap", "web", "late")) !== undefined;
    world.fact(
      "trap 9, `ssa: Ignore` set since the last sync",
      "A live `ssa: Ignore` protects from pruning even where it was set after the last sync.",
      lateStays,
      lateStays ? "the object stayed" : "the object was deleted",
    );
    world.fact(
      "S2.4 item 6, marks that were never applied",
      "Marks that came with a skipped apply do not protect.",
      !gitStays,
      gitStays ? "the object stayed all the same" : "the object was deleted",
    );
  },
});

export const ownerFacts = defineScenario({
  id: "fact-two-owners",
  layout: "gotk",
  kind: "fact",
  what: "One ConfigMap delivered by two FluxKustomizations, then by one.",
  async run(world) {
    const both = configMap("both", { a: "b" }, "web");
    await startGotk(world, {
      extra: {
        ...child("left"),
        ...child("right"),
        "left/both.yaml": both,
        "right/both.yaml": both,
        "left/keep.yaml": configMap("l", { a: "0" }, "web"),
        "right/keep.yaml": configMap("r", { a: "0" }, "web"),
      },
    });
    const { recorder } = world.clusters[0]!;
    const first = owned(await world.live("ConfigMap", "web", "both"));
    await world.change("touch the other side", () =>
      world.write({
        "left/keep.yaml": configMap("l", { a: "1" }, "web"),
        "right/keep.yaml": configMap("r", { a: "1" }, "web"),
      }),
    );
    const flips = recorder.observations.filter(
      ({ change, object }) => change === "relabelled" && object === "ConfigMap web/both",
    );
    world.fact(
      "S2.7/trap 7, owner labels flip",
      "Owner labels go to whoever applied last.",
      flips.length > 0,
      `first ${first}, then ${flips.map(({ detail }) => detail).join("; ") || "no change"}`,
    );
    const last = owned(await world.live("ConfigMap", "web", "both"));
    await world.change(`remove it from ${last}`, () => {
      world.repo.remove(`${last}/both.yaml`);
    });
    const there = (await world.live("ConfigMap", "web", "both")) !== undefined;
    const gone = recorder.observations.some(
      ({ change, object }) => change === "deleted" && object === "ConfigMap web/both",
    );
    world.fact(
      "S2.4 item 2, removal by the last owner",
      "Taken out of the Kustomization in its labels, a shared object is deleted, unless the other one applies it first.",
      gone || "not seen",
      `${gone ? "it was deleted" : "the other one applied it first"}; it is ${there ? "there" : "gone"} at the end`,
    );
  },
});

export const pruneFacts = defineScenario({
  id: "fact-prune-and-finalizer",
  layout: "gotk",
  kind: "fact",
  what: "`prune: false`, `deletionPolicy: Orphan`, a deleted FluxKustomization, a path that is missing, a path that is empty.",
  async run(world) {
    const one = (name: string) => ({
      [`${name}/one.yaml`]: configMap(`${name}-one`, { a: "b" }, "web"),
      [`${name}/two.yaml`]: configMap(`${name}-two`, { a: "b" }, "web"),
    });
    await startGotk(world, {
      extra: {
        ...child("guarded"),
        ...one("guarded"),
        ...child("orphan", "  deletionPolicy: Orphan\n"),
        ...one("orphan"),
        ...child("plain"),
        ...one("plain"),
        ...child("gone"),
        ...one("gone"),
        ...child("bare"),
        ...one("bare"),
      },
    });
    const there = async (name: string) => (await world.live("ConfigMap", "web", name)) !== undefined;
    const guarded = (prune: boolean) =>
      world.write({ "clusters/main/guarded.yaml": fluxKustomization({ name: "guarded", path: "./guarded", prune }) });
    await world.change("guard one of them", () => guarded(false));
    await world.change("remove an object under the guard", () => world.repo.remove("guarded/two.yaml"));
    await world.change("drop the guard", () => guarded(true));
    world.fact(
      "S2.4 item 6, `prune: false` and back",
      "What left Git under `prune: false` is never pruned later: it leaves the inventory.",
      await there("guarded-two"),
      (await there("guarded-two")) ? "it stays, in no inventory" : "it was deleted",
    );
    await world.change("delete two FluxKustomizations", () =>
      world.repo.remove("clusters/main/orphan.yaml", "clusters/main/plain.yaml"),
    );
    world.fact(
      "S2.4 item 3, a pruned FluxKustomization",
      "A deleted FluxKustomization takes its inventory along.",
      !(await there("plain-one")),
      (await there("plain-one")) ? "its ConfigMaps stay" : "its ConfigMaps were deleted",
    );
    world.fact(
      "S2.4 item 3, `deletionPolicy: Orphan`",
      "`deletionPolicy: Orphan` keeps the inventory of a deleted FluxKustomization.",
      await there("orphan-one"),
      (await there("orphan-one")) ? "its ConfigMaps stay" : "its ConfigMaps were deleted",
    );
    await world.change(
      "delete the folder of one, empty that of another",
      () => {
        world.repo.remove("gone", "bare");
        world.write({ "bare/README.md": "nothing\n" });
      },
      { expectNotReady: ANY },
    );
    world.fact(
      "trap 42, missing path",
      "A path that does not exist prunes nothing.",
      await there("gone-one"),
      (await there("gone-one")) ? "its ConfigMaps stay" : "its ConfigMaps were deleted",
    );
    world.fact(
      "trap 42, empty path",
      "A path without YAML prunes everything.",
      !(await there("bare-one")),
      (await there("bare-one")) ? "its ConfigMaps stay" : "its ConfigMaps were deleted",
    );
  },
});

export const helmFacts = defineScenario({
  id: "fact-helm-release",
  layout: "gotk",
  kind: "fact",
  what: "A HelmRelease is pruned, once suspended and once not.",
  async run(world) {
    const release = (name: string) =>
      helmRelease(name).replace(`  name: ${name}\nspec`, `  name: ${name}\n  namespace: web\nspec`);
    const source = (name: string) =>
      chartSource(name).replace(`  name: ${name}\nspec`, `  name: ${name}\n  namespace: web\nspec`);
    await startGotk(world, {
      extra: {
        ...child("charts"),
        "charts/sources.yaml": `${source("runs")}---\n${source("rests")}`,
        "charts/runs.yaml": release("runs"),
        "charts/rests.yaml": release("rests"),
      },
    });
    await world.change("suspend one release", () =>
      world.repo.replace("charts/rests.yaml", "  interval: 1h\n", "  interval: 1h\n  suspend: true\n"),
    );
    await world.change("delete both releases", () => world.repo.remove("charts/runs.yaml", "charts/rests.yaml"));
    const runs = await world.live("ConfigMap", "web", "runs-settings");
    const rests = await world.live("ConfigMap", "web", "rests-settings");
    world.fact(
      "trap 62, deleted HelmRelease",
      "A deleted HelmRelease uninstalls its release.",
      runs === undefined,
      runs ? "its objects stay" : "its objects were deleted",
    );
    world.fact(
      "trap 62, suspended HelmRelease",
      "A suspended HelmRelease is not uninstalled on deletion.",
      rests !== undefined,
      rests ? "its objects stay" : "its objects were deleted",
    );
  },
});

export const storedVersionFacts = defineScenario({
  id: "fact-stored-versions",
  layout: "gotk",
  kind: "fact",
  what: "A CRD drops a version that its status still lists as stored.",
  generations: ["new"],
  async run(world) {
    const cluster = await world.addCluster();
    const version = (name: string, storage: boolean) => ({
      name,
      served: true,
      storage,
      schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
    });
    const crd = (versions: unknown[]): KubeObject => ({
      apiVersion: "apiextensions.k8s.io/v1",
      kind: "CustomResourceDefinition",
      metadata: { name: "things.e2e.example.org" },
      spec: { group: "e2e.example.org", scope: "Namespaced", names: { kind: "Thing", plural: "things" }, versions },
    });
    await world.apply([crd([version("v1beta1", true), version("v1", false)])]);
    await world.apply([crd([version("v1beta1", false), version("v1", true)])]);
    const refused = await cluster.plane.kube.apply(crd([version("v1", true)]), "flux").then(
      () => "",
      (error: Error) => error.message,
    );
    world.fact(
      "trap 15 [I/X]",
      "The API server refuses a CRD that drops a version in `status.storedVersions`.",
      /storedVersions/.test(refused),
      refused || "it was accepted",
    );
  },
});
