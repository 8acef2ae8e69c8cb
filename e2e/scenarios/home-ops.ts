import { manifestComponents } from "../world/gotk.ts";
import type { KubeObject } from "../world/kube.ts";
import type { Files } from "../world/repo.ts";
import type { ClusterHandle, World } from "../world/world.ts";
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
  /** Folder of the cluster. */
  base?: string;
  /** Names of the old source and the old root. */
  source?: string;
  root?: string;
  /** Patches of the install, indented by two. */
  install?: string;
  /** Lines of the spec of the root and of `cluster-apps`, indented by two. */
  rootSpec?: string;
  appsSpec?: string;
  /** More files, and what their folder's kustomization lists in `kubernetes/apps/default`. */
  extra?: Files;
  extraApps?: string[];
  /** Whether the apps have no folder for flux-system. */
  bare?: boolean;
}

/** Namespace and app, in the folders of `kubernetes/apps`. */
export const APPS: [namespace: string, app: string][] = [
  ["default", "echo"],
  ["media", "notes"],
];

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
export function homeOpsSync(options: HomeOpsOptions = {}): string {
  const { base = "kubernetes", source = "home-ops", root = "cluster", rootSpec = "" } = options;
  const rootText = fluxKustomization({ name: root, path: `./${base}/flux`, source, more: rootSpec });
  return `${gitRepository({ name: source })}---\n${rootText}`;
}

/** `flux/` is read by the root, `apps/` by `cluster-apps`, each app by its own ks.yaml. */
export function homeOps(version: string, options: HomeOpsOptions = {}): Files {
  const { base = "kubernetes", source = "home-ops", install = CONTROLLER_PATCHES } = options;
  const { appsSpec = "", extra = {}, extraApps = [] } = options;
  const files: Files = {
    [`${base}/flux/config/cluster.yaml`]: homeOpsSync(options),
    [`${base}/flux/config/flux.yaml`]: fluxManifests(version, install),
    [`${base}/flux/config/kustomization.yaml`]: kustomization(["./cluster.yaml", "./flux.yaml"]),
    [`${base}/flux/apps.yaml`]: fluxKustomization({
      name: "cluster-apps",
      path: `./${base}/apps`,
      source,
      more: appsSpec,
    }),
    ...(options.bare
      ? {}
      : {
          [`${base}/apps/flux-system/kustomization.yaml`]: kustomization(["./namespace.yaml"]),
          [`${base}/apps/flux-system/namespace.yaml`]: namespace("flux-system"),
        }),
    [`${base}/apps/default/kustomization.yaml`]: kustomization(["./echo/ks.yaml", ...extraApps]),
    [`${base}/apps/media/kustomization.yaml`]: kustomization(["./namespace.yaml", "./notes/ks.yaml"]),
    [`${base}/apps/media/namespace.yaml`]: namespace("media"),
    ...extra,
  };
  for (const [space, name] of APPS) {
    files[`${base}/apps/${space}/${name}/ks.yaml`] = fluxKustomization({
      name,
      path: `./${base}/apps/${space}/${name}/app`,
      source,
      more: `  targetNamespace: ${space}\n  wait: false\n`,
    });
    Object.assign(files, appFolder(`${base}/apps/${space}/${name}/app`, name));
  }
  return files;
}

/** Brings up a cluster on the old state of a home-ops repository. */
export async function startHomeOps(
  world: World,
  options: HomeOpsOptions & { secrets?: KubeObject[] } = {},
): Promise<void> {
  const cluster = await world.addCluster();
  world.write(homeOps(world.generation.flux, options));
  world.repo.commit("Old state");
  await bootstrapHomeOps(world, options, cluster);
}

export async function bootstrapHomeOps(
  world: World,
  options: HomeOpsOptions & { secrets?: KubeObject[] },
  cluster: ClusterHandle,
): Promise<void> {
  const sync = objectsOf(homeOpsSync(options).replaceAll("__GIT__", world.repo.url));
  const components = manifestComponents(world.generation.flux);
  await world.bootstrap(sync, { networkPolicy: false, components, extra: options.secrets ?? [] }, cluster);
}
