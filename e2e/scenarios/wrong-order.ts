import { CORE, IMAGE } from "../world/gotk.ts";
import { dropBlock, GOTK_INSTANCE, phasesAtOnce } from "./edits.ts";
import { startGotk } from "./gotk.ts";
import { startHomeOps } from "./home-ops.ts";
import { kustomization } from "./pieces.ts";
import { FOREIGN, IMAGE_OBJECTS } from "./right-gotk.ts";
import { defineScenario } from "./scenario.ts";

const ALL = ["install", "cutover", "cleanup"];
const ANY = /./;

export const allInOneMerge = defineScenario({
  id: "wrong-all-in-one-home-ops",
  layout: "home-ops",
  kind: "wrong",
  what: "The three phases in one merge: the old install is pruned before the operator runs.",
  async run(world) {
    await startHomeOps(world);
    world.refuses("all", [], /./);
    await world.change("all phases in one merge", () => phasesAtOnce(world, ALL), { expectNotReady: ANY });
  },
});

export const allInOneGotk = defineScenario({
  id: "wrong-all-in-one-gotk",
  layout: "gotk",
  kind: "wrong",
  what: "The same on what bootstrap left: root and install go with one commit.",
  async run(world) {
    await startGotk(world);
    await world.change("all phases in one merge", () => phasesAtOnce(world, ["install", "cutover"]), {
      expectNotReady: ANY,
    });
  },
});

export const cutoverWithoutOperator = defineScenario({
  id: "wrong-cutover-without-operator",
  layout: "gotk",
  kind: "wrong",
  what: "gotk-components.yaml is deleted on a cluster that never saw the operator.",
  async run(world) {
    await startGotk(world);
    world.refuses("cutover", [], /./);
    await world.change(
      "delete gotk-components.yaml",
      () => {
        world.repo.remove("clusters/main/flux-system/gotk-components.yaml");
        world.write({ "clusters/main/flux-system/kustomization.yaml": kustomization(["gotk-sync.yaml"]) });
      },
      { expectNotReady: ANY },
    );
    const { kube } = world.clusters[0]!.plane;
    const crds = (await kube.list("CustomResourceDefinition")).filter(({ metadata }) =>
      metadata.name.endsWith(".toolkit.fluxcd.io"),
    );
    const own = await world.live("Deployment", "flux-system", "kustomize-controller");
    const account = await world.live("ServiceAccount", "flux-system", "kustomize-controller");
    const home = await world.live("Namespace", undefined, "flux-system");
    world.fact(
      "S2.5 without the operator [I effects]",
      "kustomize-controller prunes its own Deployment, then its rights, and ends on the way: the damage stops at a random point, before the CRDs and the Namespace.",
      own === undefined && crds.length > 0 && home !== undefined,
      `Deployment ${own ? "there" : "gone"}, ServiceAccount ${account ? "there" : "gone"}, ${crds.length} CRDs there, Namespace ${home ? "there" : "gone"}`,
    );
  },
});

export const unguardedRename = defineScenario({
  id: "wrong-unguarded-rename",
  layout: "home-ops",
  kind: "wrong",
  what: "`--sync rename` with the guards taken out of the install phase, and the old root dropped.",
  async run(world) {
    await startHomeOps(world);
    await world.change("install without the guards", () => {
      phasesAtOnce(world, ["install"], ["--sync", "rename"]);
      for (const path of world.repo.git("ls-files", "*.yaml").split("\n")) {
        const text = world.repo.read(path);
        const open = text.replace(/^( *prune: )false(.*fluxlift.*)$/gm, "$1true");
        if (open !== text) world.write({ [path]: open });
      }
    });
    world.refuses("cutover", ["--sync", "rename"], /./);
    await world.change(
      "drop the old root from Git",
      () => {
        world.repo.remove("kubernetes/flux/config/cluster.yaml");
        world.write({ "kubernetes/flux/config/kustomization.yaml": kustomization(["./flux.yaml"]) });
      },
      { expectNotReady: ANY },
    );
  },
});

export const foreignDeleted = defineScenario({
  id: "wrong-foreign-file-deleted",
  layout: "gotk-foreign-files",
  kind: "wrong",
  what: "After adoption the whole flux-system folder is deleted, as the upstream guide says, with the files a person put there.",
  async run(world) {
    await startGotk(world, { foreign: FOREIGN });
    await world.phase("install");
    await world.change("delete the flux-system folder", () => world.repo.remove("clusters/main/flux-system"), {
      expectNotReady: ANY,
    });
    const gone = (await world.live("ConfigMap", "flux-system", "flux-settings")) === undefined;
    world.fact(
      "S2.5/trap 3",
      "Files beside the gotk files keep their owner labels and are pruned with the folder.",
      gone,
      gone ? "the ConfigMap was deleted" : "the ConfigMap is still there",
    );
  },
});

export const componentOmitted = defineScenario({
  id: "wrong-component-omitted",
  layout: "gotk-omitted",
  kind: "wrong",
  what: "The instance leaves out the image controllers that the old install has and whose objects are in use.",
  async run(world) {
    await startGotk(world, { components: [...CORE, ...IMAGE], extra: { "clusters/main/images.yaml": IMAGE_OBJECTS } });
    await world.change("install without the image controllers", () => {
      phasesAtOnce(world, ["install"]);
      world.repo.replace(GOTK_INSTANCE, /\n *- image-reflector-controller\n *- image-automation-controller/, "");
    });
    await world.change(
      "delete the gotk files",
      () => {
        const folder = "clusters/main/flux-system";
        world.repo.remove(`${folder}/gotk-components.yaml`, `${folder}/gotk-sync.yaml`);
        world.repo.replace(`${folder}/kustomization.yaml`, / *- gotk-(?:components|sync)\.yaml\n/g, "");
      },
      { expectNotReady: ANY },
    );
    const gone =
      (await world.live("CustomResourceDefinition", undefined, "imagepolicies.image.toolkit.fluxcd.io")) === undefined;
    world.fact(
      "trap 2",
      "A component of the old install that the instance omits is pruned with its CRDs, and so are all objects of its kinds.",
      gone,
      gone ? "the CRDs and their objects were deleted" : "the CRD is still there",
    );
  },
});

export const componentDropped = defineScenario({
  id: "wrong-component-dropped-later",
  layout: "gotk-omitted",
  kind: "wrong",
  what: "The image controllers are taken out of a running FluxInstance while their objects are in use.",
  async run(world) {
    await startGotk(world, { components: [...CORE, ...IMAGE], extra: { "clusters/main/images.yaml": IMAGE_OBJECTS } });
    await world.phase("install");
    await world.phase("cutover");
    await world.change(
      "drop the image controllers",
      () => world.repo.replace(GOTK_INSTANCE, /\n *- image-reflector-controller\n *- image-automation-controller/, ""),
      { expectNotReady: ANY },
    );
  },
});

export const syncRemoved = defineScenario({
  id: "wrong-sync-removed",
  layout: "gotk",
  kind: "wrong",
  what: "`sync` is taken out of the FluxInstance after adoption: the operator deletes the root, whose finalizer deletes the rest.",
  async run(world) {
    await startGotk(world);
    await world.phase("install");
    await world.phase("cutover");
    if (world.pending("cleanup")) await world.phase("cleanup");
    await world.change(
      "remove sync",
      () => world.write({ [GOTK_INSTANCE]: dropBlock(world.repo.read(GOTK_INSTANCE), /^ *sync:/) }),
      { expectNotReady: ANY },
    );
    const gone = (await world.live("ConfigMap", "web", "docs")) === undefined;
    world.fact(
      "trap 8a",
      "Removing `sync` after adoption deletes the root, and through finalizers every workload.",
      gone,
      gone ? "the apps were deleted" : "the apps are still there",
    );
  },
});
