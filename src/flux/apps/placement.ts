import ignore from "ignore";
import { findKustomization } from "../../kustomize/index.ts";
import type { Tree } from "../../workspace/tree.ts";
import { repositoryPath } from "../graph.ts";
import { dirname, isWithin, join } from "../paths.ts";
import type { Cluster } from "../types.ts";
import { type Conventions, majority } from "./conventions.ts";

export type AppName = "flux-operator" | "flux-instance";

/** Where one generated app goes. */
export interface AppPlace {
  /** File of the FluxKustomization. */
  fluxKustomization: string;
  /** Folder it builds. */
  folder: string;
  /** `spec.path` that names the folder inside the source's artifact. */
  path: string;
  /** Kustomization that has to list the FluxKustomization; undefined where the folder is built recursively. */
  listing?: { dir: string; entry: string };
}

export interface Placement {
  layout: "apps" | "manifests";
  apps: Record<AppName, AppPlace>;
  /** Folder of the Flux namespace, when this migration has to create it. */
  newNamespaceDir?: { dir: string; listedIn?: { dir: string; entry: string } };
}

/**
 * Decides the folders of the two apps; a reason instead when no folder is safe.
 * @param clusters all clusters of the repository: none of them may build the folders by walking.
 */
export function placeApps(
  tree: Tree,
  cluster: Cluster,
  conventions: Conventions,
  clusters: readonly Cluster[] = [cluster],
): Placement | { reason: string } {
  const { kind, namespaceDir, appsDir } = cluster.layout;
  if (kind === "apps" && namespaceDir !== undefined && appsDir !== undefined) {
    const exists = tree.isDir(namespaceDir);
    if (!exists || findKustomization(tree, namespaceDir)) {
      return placeInApps(tree, cluster, conventions, namespaceDir, appsDir, exists);
    }
  }
  return placeInManifests(tree, cluster, conventions, clusters);
}

function placeInApps(
  tree: Tree,
  cluster: Cluster,
  conventions: Conventions,
  namespaceDir: string,
  appsDir: string,
  exists: boolean,
): Placement {
  const place = (name: AppName): AppPlace => {
    const folder = join(namespaceDir, name, conventions.appFolder || "app");
    const file = conventions.fluxKustomizationFile;
    return {
      fluxKustomization: join(namespaceDir, name, file),
      folder,
      path: fluxPathOf(cluster, folder),
      listing: { dir: namespaceDir, entry: `${conventions.listPrefix}${name}/${file}` },
    };
  };
  const entry = namespaceDir.slice(appsDir.length + 1);
  return {
    layout: "apps",
    apps: { "flux-operator": place("flux-operator"), "flux-instance": place("flux-instance") },
    ...(exists
      ? {}
      : {
          newNamespaceDir: {
            dir: namespaceDir,
            ...(findKustomization(tree, appsDir)
              ? { listedIn: { dir: appsDir, entry: `${conventions.listPrefix}${entry}` } }
              : {}),
          },
        }),
  };
}

function placeInManifests(
  tree: Tree,
  cluster: Cluster,
  conventions: Conventions,
  clusters: readonly Cluster[],
): Placement | { reason: string } {
  const rootPath = repositoryPath(cluster.root.data?.spec, cluster.artifactRoot);
  if (rootPath === undefined) return { reason: "the path of the root is not a literal folder" };
  // Beside what the root itself delivers: further down, a `targetNamespace` or a prefix would move the apps.
  const [root, ...others] = cluster.kustomizations;
  const dirs = others.filter(({ parent }) => parent === root).map(({ object }) => dirname(object.file));
  const ksDir = majority(dirs.filter((dir) => isWithin(dir, rootPath))) ?? rootPath;
  const base = findOutsideFolder(tree, cluster, clusters, rootPath);
  if (base === undefined) return { reason: "every folder of the source is built recursively or ignored by it" };
  const listed = findKustomization(tree, ksDir) !== undefined;
  const place = (name: AppName): AppPlace => {
    const folder = join(base, name);
    const file = `${name}${conventions.extension}`;
    return {
      fluxKustomization: join(ksDir, file),
      folder,
      path: fluxPathOf(cluster, folder),
      ...(listed ? { listing: { dir: ksDir, entry: `${conventions.listPrefix}${file}` } } : {}),
    };
  };
  return {
    layout: "manifests",
    apps: { "flux-operator": place("flux-operator"), "flux-instance": place("flux-instance") },
  };
}

/** Paths in the source's artifact leave out its root: `kubernetes/apps/x` in an artifact of `kubernetes` is `./apps/x`. */
function fluxPathOf(cluster: Cluster, folder: string): string {
  const inside = cluster.artifactRoot === "" ? folder : folder.slice(cluster.artifactRoot.length + 1);
  return `./${inside}`;
}

/**
 * The closest folder above the root that no FluxKustomization builds recursively, because a FluxInstance found there
 * would be applied before its CRD exists and stall the whole build (trap 12).
 */
function findOutsideFolder(
  tree: Tree,
  cluster: Cluster,
  clusters: readonly Cluster[],
  rootPath: string,
): string | undefined {
  for (let dir = dirname(rootPath); isWithin(dir, cluster.artifactRoot); dir = dirname(dir)) {
    const folder = join(dir, cluster.namespace, cluster.name === "default" ? "" : cluster.name);
    if (!clusters.some((each) => isBuilt(tree, each, folder)) && !isIgnored(tree, cluster, folder)) return folder;
    if (dir === "") return undefined;
  }
  return undefined;
}

function isBuilt(tree: Tree, cluster: Cluster, folder: string): boolean {
  return cluster.local.some(({ effective }) => {
    const path = repositoryPath(effective?.spec, cluster.artifactRoot);
    if (path === undefined || !tree.isDir(path) || !isWithin(folder, path)) return false;
    for (let dir = folder; isWithin(dir, path); dir = dirname(dir)) {
      if (findKustomization(tree, dir)) return false;
      if (dir === path || dir === "") return true;
    }
    return true;
  });
}

/** Whether the source leaves the folder out of its artifact (`spec.ignore` and the `.sourceignore` at its root). */
function isIgnored(tree: Tree, cluster: Cluster, folder: string): boolean {
  const rules = [tree.read(join(cluster.artifactRoot, ".sourceignore")), cluster.source?.data?.spec?.ignore];
  const matcher = ignore();
  for (const rule of rules) if (typeof rule === "string") matcher.add(rule);
  return matcher.ignores(join(folder, "flux-instance", "kustomization.yaml"));
}
