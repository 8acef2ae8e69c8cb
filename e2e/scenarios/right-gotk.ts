import { CORE, IMAGE } from "../world/gotk.ts";
import type { World } from "../world/world.ts";
import { adoptionFacts, rootFacts } from "./checks.ts";
import { bootstrapGotk, gotk, gotkSync, startGotk } from "./gotk.ts";
import { configMap, objectsOf } from "./pieces.ts";
import { defineScenario } from "./scenario.ts";

export const CONCURRENT_PATCH = `patches:
  - patch: |
      - op: add
        path: /spec/template/spec/containers/0/args/-
        value: --concurrent=6
    target:
      kind: Deployment
      name: kustomize-controller
`;

/** Files a person put beside the gotk files: each is still wanted. */
export const FOREIGN = {
  "settings.yaml": configMap("flux-settings", { colour: "blue" }, "flux-system"),
  "provider.yaml": `apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Provider
metadata:
  name: chat
  namespace: flux-system
spec:
  type: generic
  address: http://127.0.0.1:9/hook
---
apiVersion: notification.toolkit.fluxcd.io/v1beta3
kind: Alert
metadata:
  name: chat
  namespace: flux-system
spec:
  providerRef:
    name: chat
  eventSources:
    - kind: GitRepository
      name: "*"
`,
};

export const IMAGE_OBJECTS = `apiVersion: image.toolkit.fluxcd.io/v1
kind: ImageRepository
metadata:
  name: web
  namespace: flux-system
spec:
  image: registry.example.org/web
  interval: 1h
---
apiVersion: image.toolkit.fluxcd.io/v1
kind: ImagePolicy
metadata:
  name: web
  namespace: flux-system
spec:
  imageRepositoryRef:
    name: web
  policy:
    semver:
      range: ">=1.0.0"
`;

async function phases(world: World, args: string[] = []): Promise<void> {
  await world.phase("install", args);
  world.measure("cutover", args);
  await world.phase("cutover", args);
  if (world.pending("cleanup", args)) await world.phase("cleanup", args);
}

export const gotkPlain = defineScenario({
  id: "gotk-plain",
  layout: "gotk",
  kind: "right",
  what: "What `flux bootstrap` leaves, with a patch; source, root and namespace share one name.",
  async run(world) {
    await startGotk(world, { patches: CONCURRENT_PATCH });
    // Source and root already have the names that `--sync rename` would give them.
    const plans = ["adopt", "rename"].map((sync) => world.plan("install", ["--sync", sync]));
    const written = plans.map((plan) =>
      JSON.stringify(plan?.phases[0]?.clusters.map((one) => [one.edits, one.safety])),
    );
    world.expect(written[0] !== undefined && written[0] === written[1], "`--sync rename` writes what adopt writes");
    await world.phase("install");
    await adoptionFacts(world, "flux-system");
    world.measure("cutover");
    await world.phase("cutover");
    if (world.pending("cleanup")) await world.phase("cleanup");
    await rootFacts(world, "flux-system");
    const live = await world.live("Deployment", "flux-system", "kustomize-controller");
    const args = live?.spec.template.spec.containers[0].args as string[];
    world.expect(args.includes("--concurrent=6"), "the patch of the old install is in effect");
  },
});

export const gotkForeign = defineScenario({
  id: "gotk-foreign-files",
  layout: "gotk-foreign-files",
  kind: "right",
  what: "The flux-system folder also holds a ConfigMap, a Provider and an Alert, which stay delivered.",
  async run(world) {
    await startGotk(world, { foreign: FOREIGN });
    await phases(world);
    world.expect(
      (await world.live("ConfigMap", "flux-system", "flux-settings")) !== undefined,
      "the ConfigMap is there",
    );
    world.expect((await world.live("Alert", "flux-system", "chat")) !== undefined, "the Alert is there");
  },
});

export const gotkImages = defineScenario({
  id: "gotk-extra-components",
  layout: "gotk-omitted",
  kind: "right",
  what: "The image controllers are installed too, and their objects are in use: the instance lists them.",
  async run(world) {
    await startGotk(world, { components: [...CORE, ...IMAGE], extra: { "clusters/main/images.yaml": IMAGE_OBJECTS } });
    await phases(world);
    world.expect((await world.live("ImagePolicy", "flux-system", "web")) !== undefined, "the ImagePolicy is there");
  },
});

export const gotkOmitted = defineScenario({
  id: "gotk-omitted-component",
  layout: "gotk-omitted",
  kind: "right",
  what: "Bootstrap was told to leave notification-controller out: the instance leaves it out too.",
  async run(world) {
    await startGotk(world, { components: CORE.filter((name) => name !== "notification-controller") });
    await phases(world);
    await rootFacts(world, "flux-system");
    const controller = await world.live("Deployment", "flux-system", "notification-controller");
    const crd = await world.live("CustomResourceDefinition", undefined, "alerts.notification.toolkit.fluxcd.io");
    world.expect(controller === undefined && crd === undefined, "the operator adds no notification-controller");
  },
});

export const gotkRootFields = defineScenario({
  id: "gotk-root-fields",
  layout: "gotk",
  kind: "right",
  what: "gotk-sync.yaml says more about the root than the operator does: every field is carried over.",
  async run(world) {
    const rootSpec =
      "  wait: false\n  force: false\n  postBuild:\n    substitute:\n      region: north\n  commonMetadata:\n    labels:\n      team: platform\n";
    await startGotk(world, { rootSpec });
    await phases(world);
    const root = await world.live("Kustomization", "flux-system", "flux-system");
    world.expect(root?.spec.postBuild?.substitute?.region === "north", "the root still substitutes");
    world.expect(root?.spec.commonMetadata?.labels?.team === "platform", "the root still sets its labels");
  },
});

export const sharedBase = defineScenario({
  id: "shared-base",
  layout: "shared-base",
  kind: "right",
  what: "Two clusters install Flux from one folder: dev goes first, and the folder stays until prod is adopted too.",
  async run(world) {
    const base = "clusters/base/flux-system";
    for (const name of ["dev", "prod"]) {
      await world.addCluster(name);
      world.write(gotk(world.operatorDir, world.generation.flux, { path: `clusters/${name}`, base }));
    }
    world.repo.commit("Old state");
    for (const cluster of world.clusters) await bootstrapGotk(world, { path: `clusters/${cluster.name}` }, cluster);
    await world.phase("install", ["--cluster", "dev"]);
    await world.phase("cutover", ["--cluster", "dev"]);
    world.expect(world.repo.has(`${base}/gotk-components.yaml`), "the shared folder stays while prod reads it");
    await world.phase("install", ["--cluster", "prod"]);
    await world.phase("cutover", ["--cluster", "prod"]);
    if (world.pending("cleanup")) await world.phase("cleanup");
    world.expect(!world.repo.has(`${base}/gotk-components.yaml`), "the shared folder goes with its last reader");
  },
});

export const keepElsewhere = defineScenario({
  id: "keep-elsewhere",
  layout: "gotk",
  kind: "right",
  what: "Source and root live in another namespace than the controllers and stay there.",
  async run(world) {
    const files = gotk(world.operatorDir, world.generation.flux, {});
    const moved = Object.fromEntries(
      Object.entries(files).map(([path, text]) => [
        path,
        /gotk-sync|apps\.yaml$/.test(path) ? text.replaceAll("namespace: flux-system", "namespace: gitops") : text,
      ]),
    );
    moved["clusters/main/flux-system/gitops.yaml"] = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: gitops\n";
    moved["clusters/main/flux-system/kustomization.yaml"] =
      `${files["clusters/main/flux-system/kustomization.yaml"]!.trimEnd()}\n  - gitops.yaml\n`;
    const cluster = await world.addCluster();
    world.write(moved);
    world.repo.commit("Old state");
    const sync = objectsOf(gotkSync("clusters/main").replaceAll("__GIT__", world.repo.url));
    for (const one of sync) one.metadata.namespace = "gitops";
    const space = { apiVersion: "v1", kind: "Namespace", metadata: { name: "gitops" } };
    await world.bootstrap([space, ...sync] as typeof sync, { components: CORE, extra: [] }, cluster);
    await phases(world, ["--sync", "keep"]);
    const root = await world.live("Kustomization", "gitops", "flux-system");
    world.expect(root !== undefined, "the root stays");
  },
});
