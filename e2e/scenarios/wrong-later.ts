import { condition } from "../world/kube.ts";
import { dropBlock, GOTK_INSTANCE, INSTANCE, migrate } from "./edits.ts";
import { startGotk } from "./gotk.ts";
import { startHomeOps } from "./home-ops.ts";
import { configMap, kustomization } from "./pieces.ts";
import { startFluxTalos } from "./right-home-ops.ts";
import { defineScenario } from "./scenario.ts";

const ANY = /./;

export const childrenRenamed = defineScenario({
  id: "wrong-children-renamed",
  layout: "home-ops",
  kind: "wrong",
  what: "A child FluxKustomization gets another name in one commit, without a guard; its path stays.",
  async run(world) {
    await startHomeOps(world);
    const file = "kubernetes/apps/default/echo/ks.yaml";
    await world.change("rename a child", () => world.repo.replace(file, "name: echo\n", "name: echo-app\n"), {
      expectNotReady: ANY,
    });
    const there = (await world.live("ConfigMap", "default", "echo")) !== undefined;
    world.expect(there, "the renamed child delivers its ConfigMap in the end");
  },
});

export const rootPathChanged = defineScenario({
  id: "wrong-root-path-changed",
  layout: "home-ops",
  kind: "wrong",
  what: "`sync.path` of a migrated cluster points at another folder: all that the old path delivered is pruned.",
  async run(world) {
    await startHomeOps(world);
    await migrate(world);
    await world.change(
      "change sync.path",
      () => {
        world.write({ "kubernetes/other/settings.yaml": configMap("other", { a: "b" }, "flux-system") });
        world.repo.replace(INSTANCE, "path: ./kubernetes/flux\n", "path: ./kubernetes/other\n");
      },
      { expectNotReady: ANY },
    );
    const gone = (await world.live("ConfigMap", "default", "echo")) === undefined;
    world.fact(
      "trap 8",
      "Another `sync.path` re-roots the root: what the new path does not reach is pruned.",
      gone,
      gone ? "the apps were deleted" : "the apps are still there",
    );
  },
});

export const syncNameDropped = defineScenario({
  id: "wrong-sync-name-dropped",
  layout: "home-ops",
  kind: "wrong",
  what: "`sync.name` of a migrated cluster is dropped: the root changes its name without a guard.",
  async run(world) {
    await startHomeOps(world);
    await migrate(world);
    await world.change(
      "drop sync.name",
      () => world.repo.replace(INSTANCE, /\n *name: cluster\n( *kind: GitRepository)/, "\n$1"),
      { expectNotReady: ANY },
    );
    const instance = await world.live("FluxInstance", "flux-system", "flux");
    const passed = instance !== undefined && instance.spec.sync?.name === undefined;
    world.fact(
      "S1.2 sync.name set to unset [I]",
      "`sync.name` may go from set to unset: the immutability rule does not see it.",
      passed,
      passed ? "the API server accepted it and the operator followed" : "the live FluxInstance still has its sync.name",
    );
  },
});

export const syncNameSet = defineScenario({
  id: "wrong-sync-name-set",
  layout: "gotk",
  kind: "wrong",
  what: "`sync.name` of a migrated cluster, so far left out, gets a value: the root changes its name without a guard.",
  async run(world) {
    await startGotk(world);
    await migrate(world);
    await world.change(
      "set sync.name",
      () =>
        world.repo.replace(GOTK_INSTANCE, /\n( *)kind: GitRepository\n/, "\n$1name: other\n$1kind: GitRepository\n"),
      { expectNotReady: ANY },
    );
    const instance = await world.live("FluxInstance", "flux-system", "flux");
    const passed = instance?.spec.sync?.name === "other";
    world.fact(
      "S1.2 sync.name unset to set [I]",
      "`sync.name` may go from unset to set: the immutability rule does not see it.",
      passed,
      passed ? "the API server accepted it" : `the live FluxInstance has sync.name ${instance?.spec.sync?.name}`,
    );
  },
});

export const syncNameChanged = defineScenario({
  id: "wrong-sync-name-changed",
  layout: "home-ops",
  kind: "wrong",
  what: "`sync.name` of a migrated cluster gets another value, which the API server refuses.",
  alarms: "the API server refuses the FluxInstance, so nothing changes; fluxlift speaks of what the change would do",
  async run(world) {
    await startHomeOps(world);
    await migrate(world);
    await world.change(
      "change sync.name",
      () => world.repo.replace(INSTANCE, /(\n *name: )cluster(\n *kind: GitRepository)/, "$1other$2"),
      {
        expectNotReady: ANY,
      },
    );
    const instance = await world.live("FluxInstance", "flux-system", "flux");
    const refused = instance?.spec.sync?.name === "cluster";
    world.fact(
      "trap 6",
      "Another value of `sync.name` is refused, and the HelmRelease that carries it fails.",
      refused,
      `the live FluxInstance has sync.name ${instance?.spec.sync?.name}`,
    );
  },
});

export const decryptionDropped = defineScenario({
  id: "wrong-decryption-dropped",
  layout: "flux-talos",
  kind: "wrong",
  what: "The patch that carries `decryption` of the root is taken out of the FluxInstance.",
  async run(world) {
    await startFluxTalos(world);
    await world.phase("install");
    await world.phase("cutover");
    await world.change(
      "drop decryption",
      () => {
        const text = world.repo.read(INSTANCE);
        const at = text.indexOf("                decryption:\n");
        if (at < 0) throw new Error("no decryption in the instance");
        world.write({ [INSTANCE]: dropBlock(text, /^ {16}decryption:/) });
      },
      { expectNotReady: ANY },
    );
    const root = await world.live("Kustomization", "flux-system", "home-kubernetes");
    const ready = root && condition(root, "Ready");
    const token = (await world.live("Secret", "flux-system", "flux-token"))?.data?.token ?? "";
    const written = Buffer.from(token, "base64").toString("utf8");
    world.fact(
      "trap 25, the root",
      "A root that loses `decryption` fails on encrypted Secrets and leaves them as they are.",
      ready?.status === "False" && written === "hidden",
      `Ready is ${ready?.status}; the live Secret holds ${written.startsWith("ENC[") ? "the ciphertext" : written === "hidden" ? "its value" : "something else"}`,
    );
  },
});

export const namespaceDropped = defineScenario({
  id: "wrong-namespace-dropped",
  layout: "home-ops",
  kind: "wrong",
  what: "A namespace.yaml leaves its kustomization while the apps in the namespace stay.",
  async run(world) {
    await startHomeOps(world);
    await world.change(
      "drop a namespace",
      () => {
        world.write({ "kubernetes/apps/media/kustomization.yaml": kustomization(["./notes/ks.yaml"]) });
        world.repo.remove("kubernetes/apps/media/namespace.yaml");
      },
      { expectNotReady: ANY },
    );
  },
});

export const instanceRemoved = defineScenario({
  id: "wrong-instance-app-removed",
  layout: "home-ops",
  kind: "wrong",
  what: "The folder of the flux-instance app is deleted from a migrated tree; its protections hold.",
  async run(world) {
    await startHomeOps(world);
    await migrate(world);
    await world.change(
      "delete the flux-instance app",
      () => {
        world.repo.remove("kubernetes/apps/flux-system/flux-instance");
        world.repo.replace("kubernetes/apps/flux-system/kustomization.yaml", /\n.*flux-instance\/ks\.yaml/, "");
      },
      { expectNotReady: ANY },
    );
    world.expect(
      (await world.live("FluxInstance", "flux-system", "flux")) !== undefined,
      "the FluxInstance is still there",
    );
  },
});

export const instanceUnprotected = defineScenario({
  id: "wrong-instance-unprotected",
  layout: "home-ops",
  kind: "wrong",
  what: "First the protections of the flux-instance app are dropped, then the app: Helm uninstalls the release.",
  alarms: "the FluxInstance carries `helm.sh/resource-policy: keep`, on which fluxlift does not count",
  async run(world) {
    await startHomeOps(world);
    await migrate(world);
    const ks = "kubernetes/apps/flux-system/flux-instance/ks.yaml";
    await world.change("drop the protections", () => {
      world.repo.replace(ks, "prune: false", "prune: true");
      world.write({ [INSTANCE]: dropBlock(world.repo.read(INSTANCE), /^ {2}annotations:/) });
    });
    await world.change(
      "delete the flux-instance app",
      () => {
        world.repo.remove("kubernetes/apps/flux-system/flux-instance");
        world.repo.replace("kubernetes/apps/flux-system/kustomization.yaml", /\n.*flux-instance\/ks\.yaml/, "");
      },
      { expectNotReady: ANY },
    );
    const release = await world.live("HelmRelease", "flux-system", "flux-instance");
    const instance = await world.live("FluxInstance", "flux-system", "flux");
    world.fact(
      "trap 5 [X] helm.sh/resource-policy",
      "`helm.sh/resource-policy: keep` on the FluxInstance keeps it when its release is uninstalled.",
      release === undefined && instance !== undefined,
      `HelmRelease ${release ? "there" : "gone"}, FluxInstance ${instance ? "there" : "gone"}`,
    );
  },
});
