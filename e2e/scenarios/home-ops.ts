import type { KubeObject } from "../world/kube.ts";
import type { Files } from "../world/repo.ts";
import type { World } from "../world/world.ts";
import {
  appFolder,
  fluxKustomization,
  fluxManifests,
  gitRepository,
  kustomization,
  namespace,
  objectsOf,
} from "./pieces.ts";

export interface HomeOpsOptions {
  /** Names of the old source and the old root. */
  source?: string;
  root?: string;
  /** Patches of the install, indented by two. */
  install?: string;
  /** Lines of the root's spec, indented by two. */
  rootSpec?: string;
  apps?: string[];
}

const CONTROLLER_PATCHES = `  patches:
    - patch: |
        $patch: delete
        apiVersion: networking.k8s.io/v1
        kind: NetworkPolicy
        metadata:
          name: all
      target:
        group: networking.k8s.io
        kind: NetworkPolicy
    - patch: |
        - op: add
          path: /spec/template/spec/containers/0/args/-
          value: --concurrent=7
      target:
        kind: Deployment
        name: (kustomize-controller|helm-controller)
`;

/** The sync of a home-ops repository: source and root in one file, applied once by hand. */
export const homeOpsSync = ({ source = "home-ops", root = "cluster", rootSpec = "" }: HomeOpsOptions = {}): string =>
  `${gitRepository({ name: source })}---\n${fluxKustomization({ name: root, path: "./kubernetes/flux", source, more: rootSpec })}`;

/** kubernetes/flux is read by the root, kubernetes/apps by `cluster-apps`, each app by its own ks.yaml. */
export function homeOps(version: string, options: HomeOpsOptions = {}): Files {
  const { source = "home-ops", install = CONTROLLER_PATCHES, apps = ["echo", "notes"] } = options;
  const files: Files = {
    "kubernetes/flux/config/cluster.yaml": homeOpsSync(options),
    "kubernetes/flux/config/flux.yaml": fluxManifests(version, install),
    "kubernetes/flux/config/kustomization.yaml": kustomization(["./cluster.yaml", "./flux.yaml"]),
    "kubernetes/flux/apps.yaml": fluxKustomization({ name: "cluster-apps", path: "./kubernetes/apps", source }),
    "kubernetes/apps/flux-system/kustomization.yaml": kustomization(["./namespace.yaml"]),
    "kubernetes/apps/flux-system/namespace.yaml": namespace("flux-system"),
    "kubernetes/apps/default/kustomization.yaml": kustomization(apps.map((name) => `./${name}/ks.yaml`)),
  };
  for (const name of apps) {
    files[`kubernetes/apps/default/${name}/ks.yaml`] = fluxKustomization({
      name,
      path: `./kubernetes/apps/default/${name}/app`,
      source,
      more: "  targetNamespace: default\n  wait: false\n",
    });
    Object.assign(files, appFolder(`kubernetes/apps/default/${name}/app`, name));
  }
  return files;
}

/** Brings up a cluster on the old state of a home-ops repository. */
export async function startHomeOps(world: World, options: HomeOpsOptions = {}): Promise<void> {
  const { components = undefined } = {};
  await world.addCluster();
  world.write(homeOps(world.generation.flux, options));
  world.repo.commit("Old state");
  const sync: KubeObject[] = objectsOf(homeOpsSync(options).replaceAll("__GIT__", world.repo.url));
  await world.bootstrap(sync, { networkPolicy: false, ...(components ? { components } : {}) });
}
