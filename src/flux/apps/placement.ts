import { findKustomization, loadKustomization } from "../../kustomize/index.ts";
import type { Tree } from "../../workspace/tree.ts";
import { repositoryPath } from "../graph.ts";
import { dirname, isWithin, join } from "../paths.ts";
import type { Cluster } from "../types.ts";
import { type Conventions, majority } from "./conventions.ts";
import { findDeliverer } from "./deliverer.ts";
import { findOutsideFolder, findWalledFolder } from "./outside.ts";

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
  /** Direct route: the root itself delivers both, a FluxInstance manifest and the release of the operator. */
  direct?: { instance: string; listing?: { dir: string; entry: string } };
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
  direct = false,
): Placement | { reason: string } {
  const { kind, namespaceDir, appsDir } = cluster.layout;
  if (kind === "apps" && namespaceDir !== undefined && appsDir !== undefined) {
    const exists = tree.isDir(namespaceDir);
    if (!exists || findKustomization(tree, namespaceDir)) {
      return placeInApps(tree, cluster, conventions, namespaceDir, appsDir, exists);
    }
  }
  // The official guide's own route, for the trees it is written for.
  if (direct && cluster.install?.style === "gotk") {
    const placement = placeBesideSync(tree, cluster, conventions, clusters);
    if (placement) return placement;
  }
  return placeInManifests(tree, cluster, conventions, clusters);
}

/**
 * In the folder of the root, as the guide shows: the operator and its CRDs are there before the merge, so nothing is
 * applied too early (trap 12). Undefined where the root's path is not literal.
 */
function placeBesideSync(
  tree: Tree,
  cluster: Cluster,
  conventions: Conventions,
  clusters: readonly Cluster[],
): Placement | undefined {
  const dir = folderOfChildren(tree, cluster, clusters);
  if (dir === undefined) return undefined;
  const listed = findKustomization(tree, dir) !== undefined;
  const listing = (entry: string) => (listed ? { listing: { dir, entry: `${conventions.listPrefix}${entry}` } } : {});
  const file = `flux-instance${conventions.extension}`;
  const folder = join(dir, "flux-operator");
  const operator = { fluxKustomization: "", folder, path: fluxPathOf(cluster, folder), ...listing("flux-operator") };
  const instance = { fluxKustomization: "", folder: dir, path: fluxPathOf(cluster, dir), ...listing(file) };
  return {
    layout: "manifests",
    apps: { "flux-operator": operator, "flux-instance": instance },
    direct: { instance: join(dir, file), ...listing(file) },
  };
}

/**
 * Beside the operator's own FluxKustomization where there is one, else beside what the root itself delivers: further down,
 * a `targetNamespace` or a prefix would move the apps. Never in the folder of the old install, which goes.
 */
function folderOfChildren(tree: Tree, cluster: Cluster, clusters: readonly Cluster[]): string | undefined {
  const rootPath = repositoryPath(cluster.root.data?.spec, cluster.artifactRoot);
  if (rootPath === undefined) return undefined;
  const [root, ...others] = cluster.kustomizations;
  const operator = cluster.operators[0] && findDeliverer(tree, cluster, cluster.operators[0].file);
  if (operator && operator.parent === root && isListedFor(tree, operator.object.file, cluster, clusters)) {
    return dirname(operator.object.file);
  }
  const dirs = others.filter(({ parent }) => parent === root).map(({ object }) => dirname(object.file));
  const isOfInstall = (dir: string) => dir !== rootPath && dir === dirname(cluster.root.file);
  return majority(dirs.filter((dir) => isWithin(dir, rootPath) && !isOfInstall(dir))) ?? rootPath;
}

/** Whether the kustomization beside a file lists it, for this cluster alone. */
function isListedFor(tree: Tree, file: string, cluster: Cluster, clusters: readonly Cluster[]): boolean {
  const found = findKustomization(tree, dirname(file));
  const loaded = found && found.error === undefined ? loadKustomization(tree, found.path) : undefined;
  const resources = loaded?.ok ? loaded.file.data.resources : undefined;
  const isListed = Array.isArray(resources) && resources.some((item) => join(dirname(file), String(item)) === file);
  return isListed && clusters.every((other) => other === cluster || !other.files.has(file));
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
  const ksDir = folderOfChildren(tree, cluster, clusters);
  if (rootPath === undefined || ksDir === undefined) return { reason: "the path of the root is not a literal folder" };
  const base = findOutsideFolder(tree, cluster, clusters, rootPath);
  if (base === undefined) return placeBehindWall(tree, cluster, conventions, clusters, rootPath);
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
 * For a root that walks everything there is, such as `path: ./`: a new folder whose own kustomization lists the two
 * FluxKustomizations and nothing else. The walk takes such a folder as one resource and never looks below it
 * (flux-semantics 2.8 item 4), so the apps in it are built by those two alone.
 */
function placeBehindWall(
  tree: Tree,
  cluster: Cluster,
  conventions: Conventions,
  clusters: readonly Cluster[],
  rootPath: string,
): Placement | { reason: string } {
  const dir = findWalledFolder(tree, cluster, clusters, rootPath);
  if (dir === undefined)
    return { reason: "every folder that the root reads is ignored by the source, or read by another cluster as well" };
  const place = (name: AppName): AppPlace => {
    const folder = join(dir, name);
    const file = `${name}${conventions.extension}`;
    return {
      fluxKustomization: join(dir, file),
      folder,
      path: fluxPathOf(cluster, folder),
      listing: { dir, entry: `${conventions.listPrefix}${file}` },
    };
  };
  return {
    layout: "manifests",
    apps: { "flux-operator": place("flux-operator"), "flux-instance": place("flux-instance") },
    newNamespaceDir: { dir },
  };
}
