import type { ClusterHandle, World } from "../world/world.ts";
import { ageSecret, encrypt, makeAgeKey } from "./age.ts";
import { adoptionFacts, rootFacts } from "./checks.ts";
import { bootstrapHomeOps, homeOps, startHomeOps } from "./home-ops.ts";
import { configMap, kustomization, objectsOf } from "./pieces.ts";
import { defineScenario } from "./scenario.ts";

/** Lines of a root that decrypts and substitutes, and hands both on to its children. */
export const TALOS_ROOT = `  decryption:
    provider: sops
    secretRef:
      name: sops-age
  postBuild:
    substituteFrom:
      - kind: ConfigMap
        name: cluster-settings
  patches:
    - patch: |
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata:
          name: all
        spec:
          decryption:
            provider: sops
            secretRef:
              name: sops-age
          postBuild:
            substituteFrom:
              - kind: ConfigMap
                name: cluster-settings
      target:
        group: kustomize.toolkit.fluxcd.io
        kind: Kustomization
        name: cluster-apps
`;

/** A flux-talos repository: source and root share a name that is not the namespace's, with encrypted files. */
export async function startFluxTalos(world: World): Promise<void> {
  const key = makeAgeKey();
  const secret = (name: string) =>
    encrypt(
      world.repo.dir,
      key,
      `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\n  namespace: flux-system\nstringData:\n  token: hidden\n`,
    );
  const settings = `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: cluster-settings\n  namespace: flux-system\ndata:\n  DOMAIN: talos.example.org\n`;
  const options = { source: "home-kubernetes", root: "home-kubernetes", rootSpec: TALOS_ROOT };
  await world.addCluster();
  world.write(
    homeOps(world.generation.flux, {
      ...options,
      extra: {
        "kubernetes/flux/vars/secret.sops.yaml": secret("flux-token"),
        "kubernetes/flux/vars/settings.yaml": settings,
        "kubernetes/flux/vars/kustomization.yaml": kustomization(["./settings.yaml", "./secret.sops.yaml"]),
        "kubernetes/apps/flux-system/token.sops.yaml": secret("apps-token"),
        "kubernetes/apps/flux-system/domain.yaml": configMap("domain", { host: "app.${DOMAIN}" }, "flux-system"),
        "kubernetes/apps/flux-system/kustomization.yaml": kustomization([
          "./namespace.yaml",
          "./domain.yaml",
          "./token.sops.yaml",
        ]),
      },
    }),
  );
  world.repo.remove("plain.sops.yaml");
  world.repo.commit("Old state");
  const cluster = world.clusters[0]!;
  await bootstrapHomeOps(world, { ...options, secrets: [ageSecret(key), ...objectsOf(settings)] }, cluster);
}

/** The runbook's step after cutover, where the old root does not prune: what applied the old install goes by hand. */
async function deleteOldInstaller({ plane: { kube } }: ClusterHandle): Promise<void> {
  if (await kube.get("Kustomization", "flux-system", "flux")) {
    await kube.patch("Kustomization", "flux-system", "flux", { spec: { prune: false } });
    await kube.delete("Kustomization", "flux-system", "flux");
  }
  if (await kube.get("OCIRepository", "flux-system", "flux-manifests")) {
    await kube.delete("OCIRepository", "flux-system", "flux-manifests");
  }
}

/** The runbook's last step of `--sync rename`: an old root that nobody pruned is deleted by hand, and its source. */
async function deleteOldRoot(world: World, cluster: ClusterHandle, root: string, source: string): Promise<void> {
  const { kube } = cluster.plane;
  const old = await kube.get("Kustomization", "flux-system", root);
  world.fact(
    "S2.5/trap 8c, the old root after cleanup",
    "After `--sync rename` the new root prunes the old one: not where the old one was the last to apply itself.",
    old === undefined,
    old ? "the old root was still there, with the labels of its own last apply" : "the new root had pruned it",
  );
  world.expect(old === undefined || old.spec.prune === false, "the old root that is left does not prune");
  if (old) await kube.delete("Kustomization", "flux-system", root);
  if (await kube.get("GitRepository", "flux-system", source)) await kube.delete("GitRepository", "flux-system", source);
}

export const homeOpsAdopt = defineScenario({
  id: "home-ops-adopt",
  layout: "home-ops",
  kind: "right",
  what: "The three phases with `--sync adopt`; source, root and namespace have three names.",
  async run(world) {
    await startHomeOps(world);
    await world.phase("install");
    await adoptionFacts(world, "cluster");
    world.measure("cutover");
    await world.phase("cutover");
    world.measure("cleanup");
    await world.phase("cleanup");
    await rootFacts(world, "cluster");
  },
});

export const homeOpsRename = defineScenario({
  id: "home-ops-rename",
  layout: "home-ops",
  kind: "right",
  what: "The three phases with `--sync rename`, each reconciled: the guards are in effect before the root changes its name.",
  async run(world) {
    await startHomeOps(world);
    await world.phase("install", ["--sync", "rename"]);
    world.measure("cutover", ["--sync", "rename"]);
    await world.phase("cutover", ["--sync", "rename"], { after: deleteOldInstaller });
    world.measure("cleanup", ["--sync", "rename"]);
    await world.phase("cleanup", ["--sync", "rename"], {
      after: (cluster) => deleteOldRoot(world, cluster, "cluster", "home-ops"),
    });
    await rootFacts(world, "flux-system");
  },
});

export const homeOpsKeep = defineScenario({
  id: "home-ops-keep",
  layout: "home-ops",
  kind: "right",
  what: "The three phases with `--sync keep`: the operator owns the controllers and nothing else.",
  async run(world) {
    await startHomeOps(world);
    await world.phase("install", ["--sync", "keep"]);
    await world.phase("cutover", ["--sync", "keep"]);
    if (world.pending("cleanup", ["--sync", "keep"])) await world.phase("cleanup", ["--sync", "keep"]);
    await rootFacts(world, "cluster");
  },
});

/** Lines of a parent that patches everything below it, and has releases uninstalled that fail. */
const PATCHES_ALL = `  patches:
    - patch: |
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata:
          name: all
        spec:
          prune: true
          deletionPolicy: Delete
          patches:
            - patch: |
                apiVersion: helm.toolkit.fluxcd.io/v2
                kind: HelmRelease
                metadata:
                  name: all
                spec:
                  upgrade:
                    remediation:
                      retries: 2
                      strategy: uninstall
              target:
                group: helm.toolkit.fluxcd.io
                kind: HelmRelease
      target:
        group: kustomize.toolkit.fluxcd.io
        kind: Kustomization
`;

export const homeOpsNarrowed = defineScenario({
  id: "home-ops-narrowed",
  layout: "home-ops",
  kind: "right",
  what: "A parent patches `prune: true` and uninstalling releases into everything: operator and instance are left out, the apps keep both.",
  async run(world) {
    await startHomeOps(world, { appsSpec: PATCHES_ALL });
    for (const phase of ["install", "cutover", "cleanup"]) await world.phase(phase);
    for (const name of ["flux-operator", "flux-instance"]) {
      const spec = (await world.live("Kustomization", "flux-system", name))?.spec;
      const own = spec?.prune === false && spec.deletionPolicy !== "Delete" && spec.patches === undefined;
      world.expect(own, `${name} is left out of the patch`);
      const strategy = (await world.live("HelmRelease", "flux-system", name))?.spec.upgrade?.remediation?.strategy;
      world.expect(strategy !== "uninstall", `the release ${name} is not uninstalled where an upgrade fails`);
    }
    const app = (await world.live("Kustomization", "flux-system", "echo"))?.spec;
    world.expect(app?.prune === true && app.deletionPolicy === "Delete", "the apps keep the patch");
    const release = (await world.live("HelmRelease", "default", "echo-chart"))?.spec;
    world.expect(release?.upgrade?.remediation?.strategy === "uninstall", "their releases keep it, too");
  },
});

/** Lines of the folder's kustomization that give the install one more patch. */
const ONE_MORE = `patches:
  - target:
      kind: Kustomization
      name: flux
    patch: |
      - op: add
        path: /spec/patches/-
        value:
          target:
            kind: Deployment
            name: helm-controller
          patch: |
            - op: add
              path: /spec/template/spec/containers/0/args/-
              value: --requeue-dependency=7s
`;

export const homeOpsBare = defineScenario({
  id: "home-ops-bare",
  layout: "home-ops",
  kind: "right",
  what: "No folder of the apps for flux-system, so that the install alone makes its Namespace; a kustomization gives it one more patch.",
  async run(world) {
    const list = `${kustomization(["./cluster.yaml", "./flux.yaml"])}${ONE_MORE}`;
    await startHomeOps(world, { bare: true, extra: { "kubernetes/flux/config/kustomization.yaml": list } });
    const args = async () =>
      (await world.live("Deployment", "flux-system", "helm-controller"))?.spec.template.spec.containers[0].args ?? [];
    world.expect((await args()).includes("--requeue-dependency=7s"), "the patch of the kustomization is in effect");
    for (const phase of ["install", "cutover", "cleanup"]) await world.phase(phase);
    world.expect((await args()).includes("--requeue-dependency=7s"), "the operator applies that patch as well");
    const space = await world.live("Namespace", "", "flux-system");
    world.expect(
      space?.metadata.labels?.["app.kubernetes.io/managed-by"] === "flux-operator",
      "the Namespace is the operator's",
    );
  },
});

export const fluxTalosAdopt = defineScenario({
  id: "flux-talos-adopt",
  layout: "flux-talos",
  kind: "right",
  what: "Source and root share a name; the root decrypts, substitutes and patches its children.",
  async run(world) {
    await startFluxTalos(world);
    await world.phase("install");
    await adoptionFacts(world, "home-kubernetes");
    world.measure("cutover");
    await world.phase("cutover");
    if (world.pending("cleanup")) await world.phase("cleanup");
    const root = await world.live("Kustomization", "flux-system", "home-kubernetes");
    const kept = ["decryption", "postBuild", "patches"].filter((field) => root?.spec[field] !== undefined);
    world.expect(
      kept.length === 3,
      `the generated root keeps decryption, postBuild and patches; it has ${kept.join(", ")}`,
    );
    world.fact(
      "S1.5/S3 patches on the generated root",
      "Instance patches reach the generated root Kustomization.",
      kept.length === 3,
      `the live root has ${kept.join(", ")}`,
    );
    const domain = await world.live("ConfigMap", "flux-system", "domain");
    world.expect(domain?.data?.host === "app.talos.example.org", `substitution still works: ${domain?.data?.host}`);
  },
});

export const fluxTalosRename = defineScenario({
  id: "flux-talos-rename",
  layout: "flux-talos",
  kind: "right",
  what: "The same tree with guarded `--sync rename`.",
  async run(world) {
    await startFluxTalos(world);
    await world.phase("install", ["--sync", "rename"]);
    await world.phase("cutover", ["--sync", "rename"], { after: deleteOldInstaller });
    await world.phase("cleanup", ["--sync", "rename"], {
      after: (cluster) => deleteOldRoot(world, cluster, "home-kubernetes", "home-kubernetes"),
    });
    await rootFacts(world, "flux-system");
    const domain = await world.live("ConfigMap", "flux-system", "domain");
    world.expect(domain?.data?.host === "app.talos.example.org", `substitution still works: ${domain?.data?.host}`);
  },
});

async function startTwoClusters(world: World): Promise<string[]> {
  const names = ["edge", "main"];
  for (const name of names) {
    await world.addCluster(name);
    world.write(homeOps(world.generation.flux, { base: `kubernetes/${name}` }));
  }
  world.repo.commit("Old state");
  for (const cluster of world.clusters) await bootstrapHomeOps(world, { base: `kubernetes/${cluster.name}` }, cluster);
  return names;
}

export const twoClusters = defineScenario({
  id: "two-clusters",
  layout: "two-clusters",
  kind: "right",
  what: "Two clusters of one repository, one migrated after the other; nothing happens on the one that is not meant.",
  async run(world) {
    for (const name of await startTwoClusters(world)) {
      for (const phase of ["install", "cutover", "cleanup"]) await world.phase(phase, ["--cluster", name]);
    }
  },
});

export const twoClustersRename = defineScenario({
  id: "two-clusters-rename",
  layout: "two-clusters",
  kind: "right",
  what: "The same two clusters with guarded `--sync rename`, one after the other.",
  async run(world) {
    for (const name of await startTwoClusters(world)) {
      const args = ["--cluster", name, "--sync", "rename"];
      const only = (act: (cluster: ClusterHandle) => Promise<void>) => async (cluster: ClusterHandle) => {
        if (cluster.name === name) await act(cluster);
      };
      await world.phase("install", args);
      await world.phase("cutover", args, { after: only(deleteOldInstaller) });
      await world.phase("cleanup", args, {
        after: only((cluster) => deleteOldRoot(world, cluster, "cluster", "home-ops")),
      });
    }
    for (const { name, plane } of world.clusters) {
      const root = await plane.kube.get("Kustomization", "flux-system", "flux-system");
      world.expect(root !== undefined && root.spec.prune !== false, `the new root of ${name} is there and prunes`);
    }
  },
});
