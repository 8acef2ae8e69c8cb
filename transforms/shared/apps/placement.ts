import { readsLikeRoot, repositoryPath } from "../../../src/cluster/graph.ts";
import { readObjects } from "../../../src/cluster/objects.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { type DeliveredFluxObject, readableSpec } from "../../../src/contract/objects.ts";
import { isFluxKustomization, isHelmRelease } from "../../../src/delivery/kinds.ts";
import { findKustomization, kustomizationOf } from "../../../src/delivery/kustomize/index.ts";
import { basename, dirname, isWithin, join, relative } from "../../../src/delivery/paths.ts";
import type { Conventions } from "./conventions.ts";
import { findDeliverer } from "./deliverer.ts";
import { majority } from "./evidence.ts";
import { displaces, findControllers, findHome, findNamespaceHome } from "./home.ts";
import { findOutsideFolder, findWalledFolder, isFree, isLeftOut, type Site } from "./outside.ts";
import type { AppName, AppPlace, Placement } from "./types.ts";

/** Decides the folders of the two apps; a reason instead when no folder is safe. */
export function placeApps(site: Site, conventions: Conventions, direct: boolean): Placement | { reason: string } {
  const { tree, cluster } = site;
  const { kind, namespaceDir, appsDir } = cluster.layout;
  if (kind === "apps" && namespaceDir !== undefined && appsDir !== undefined) {
    const exists = tree.isDir(namespaceDir);
    if (!exists || findKustomization(tree, namespaceDir)) {
      return placeInApps(site, conventions, namespaceDir, appsDir, exists);
    }
  }
  // The official guide's own route, for the trees it is written for. A root that waits for what it applies would wait for the
  // instance, which waits for the root (trap 13); between the two a FluxKustomization waits for nothing.
  const [root] = cluster.kustomizations;
  const isWaiting = root !== undefined && readableSpec(root)?.wait === true;
  if (direct && cluster.install?.style === "gotk" && !isWaiting) {
    const placement = placeBesideSync(site, conventions);
    if (placement) return placement;
  }
  return placeInManifests(site, conventions);
}

/**
 * In the folder of the root, as the guide shows: the operator and its CRDs are there before the merge, so nothing is
 * applied too early (trap 12). Undefined where the root's path is not literal, and where the source leaves these files out.
 */
function placeBesideSync(site: Site, conventions: Conventions): Placement | undefined {
  const dir = folderOfChildren(site);
  if (dir === undefined) return undefined;
  const file = `flux-instance${conventions.extension}`;
  const place = (name: AppName, folder: string, entry: string): AppPlace =>
    placeIn(site, conventions, name, folder, "", listingOf(site, conventions, dir, entry));
  const apps = {
    "flux-operator": place("flux-operator", join(dir, "flux-operator"), "flux-operator"),
    "flux-instance": place("flux-instance", dir, file),
  };
  const files = [join(dir, file), join(dir, "flux-operator", `helmrelease${conventions.extension}`)];
  if (files.some((path) => isLeftOut(site.tree, site.cluster, path))) return undefined;
  const { listing } = apps["flux-instance"];
  return { layout: "manifests", apps, direct: { instance: join(dir, file), ...(listing && { listing }) } };
}

/** An app whose files lie in a folder, and what has to list it. An operator that is there keeps its names. */
function placeIn(
  { tree, cluster, names }: Site,
  { namePrefix, nameSuffix, pathPrefix }: Conventions,
  app: AppName,
  folder: string,
  fluxKustomization: string,
  listing: AppPlace["listing"],
): AppPlace {
  const there = app === "flux-operator" ? cluster.operators.find(isHelmRelease) : undefined;
  const deliverer = there && findDeliverer(tree, cluster, there.file);
  const byRoot = deliverer !== undefined && deliverer === cluster.kustomizations[0];
  const owner = byRoot
    ? undefined
    : (deliverer?.object ?? readObjects(tree, fluxKustomization).objects.find(isFluxKustomization));
  return {
    // A prefix that the name has already says nothing twice: `flux-operator` beside `flux-alerts`.
    name:
      owner?.name ??
      names?.[app === "flux-operator" ? "operator" : "instance"] ??
      `${app.startsWith(namePrefix) ? "" : namePrefix}${app}${nameSuffix}`,
    ...(byRoot ? { byRoot } : {}),
    release: there?.name ?? app,
    fluxKustomization,
    folder,
    path: fluxPathOf(cluster.artifactRoot, folder, pathPrefix),
    ...(listing && { listing }),
  };
}

/**
 * Beside the operator's own FluxKustomization where there is one, else beside what the root itself delivers: further down,
 * a `targetNamespace` or a prefix would move the apps. Never in the folder of the old install, which goes.
 */
function folderOfChildren(site: Site): string | undefined {
  const { tree, cluster } = site;
  const rootPath = repositoryPath(cluster.root.data.spec, cluster.artifactRoot);
  if (rootPath === undefined) return undefined;
  const [root, ...others] = cluster.kustomizations;
  const operator = cluster.operators[0] && findDeliverer(tree, cluster, cluster.operators[0].file);
  if (operator && operator.parent === root && isListedFor(site, operator.object.file)) {
    return dirname(operator.object.file);
  }
  const children = others.filter((child) => child.parent === root && !isTenants(child, cluster));
  const dirs = children.map(({ object }) => dirname(object.file));
  // What stands beside the root's own files stands there, however many more a folder below holds.
  if (dirs.includes(rootPath) || isAppAlone(children, cluster)) return rootPath;
  const isOfInstall = (dir: string) => dir === dirname(cluster.root.file);
  return sharedFolder(
    site,
    rootPath,
    dirs.filter((dir) => isWithin(dir, rootPath) && !isOfInstall(dir)),
  );
}

/** Whether it is somebody else's, in a namespace of their own and from their own source: where that lies nothing of Flux belongs. */
function isTenants(child: DeliveredFluxObject, { root, namespace }: Cluster): boolean {
  const [ref, own] = [readableSpec(child)?.sourceRef, root.data.spec?.sourceRef];
  return child.namespace !== namespace && (ref?.kind !== own?.kind || ref?.name !== own?.name);
}

/** Whether all there is is one app that stands in its own folder, above what it builds. */
function isAppAlone(children: readonly DeliveredFluxObject[], { artifactRoot }: Cluster): boolean {
  const [only, ...more] = children;
  if (!only || more.length > 0) return false;
  const path = repositoryPath(readableSpec(only), artifactRoot);
  return path !== undefined && isWithin(path, dirname(only.object.file));
}

/**
 * The folder that most of them are: `clusters/x/apps` where five of six stand in there. Where each app has its own in its
 * folder, none of those is Flux's, and what stands above them all is. Never one whose kustomization gives what it lists
 * another namespace or name.
 */
function sharedFolder({ tree, cluster }: Site, rootPath: string, dirs: readonly string[]): string {
  const most = majority(dirs);
  if (most === undefined) return rootPath;
  const isMost = dirs.filter((dir) => dir === most).length * 2 > dirs.length;
  let shared = isMost ? most : dirs.reduce((above, dir) => commonFolder(above, dir));
  for (let at = shared; at !== rootPath; at = dirname(at)) {
    if (displaces(kustomizationOf(tree, at)?.data, cluster.namespace)) shared = dirname(at);
  }
  return shared;
}

/** The deepest folder that both lie in. */
function commonFolder(one: string, other: string): string {
  let at = one;
  while (at !== "" && !isWithin(other, at)) at = dirname(at);
  return at;
}

/** Whether the kustomization beside a file lists it, for this cluster alone. */
function isListedFor({ tree, cluster, clusters }: Site, file: string): boolean {
  const resources = kustomizationOf(tree, dirname(file))?.data.resources;
  const isListed = Array.isArray(resources) && resources.some((item) => join(dirname(file), String(item)) === file);
  return isListed && clusters.every((other) => other === cluster || !other.files.has(file));
}

function placeInApps(
  site: Site,
  conventions: Conventions,
  namespaceDir: string,
  appsDir: string,
  exists: boolean,
): Placement {
  const place = (name: AppName): AppPlace => {
    const folder = join(namespaceDir, name, conventions.appFolder || "app");
    const file = conventions.fluxKustomizationFile;
    const entry = `${conventions.listPrefix}${name}/${file}`;
    return placeIn(site, conventions, name, folder, join(namespaceDir, name, file), { dir: namespaceDir, entry });
  };
  const entry = `${conventions.listPrefix}${namespaceDir.slice(appsDir.length + 1)}`;
  const listedIn = findKustomization(site.tree, appsDir) ? { listedIn: { dir: appsDir, entry } } : {};
  const apps = { "flux-operator": place("flux-operator"), "flux-instance": place("flux-instance") };
  return { layout: "apps", apps, ...(exists ? {} : { newNamespaceDir: { dir: namespaceDir, ...listedIn } }) };
}

function placeInManifests(site: Site, conventions: Conventions): Placement | { reason: string } {
  const { tree, cluster } = site;
  const rootPath = repositoryPath(cluster.root.data.spec, cluster.artifactRoot);
  const ksDir = folderOfChildren(site);
  if (rootPath === undefined || ksDir === undefined) return { reason: "the path of the root is not a literal folder" };
  const beside = besideOperator(site);
  const home = beside === undefined ? findHome(site) : undefined;
  if (home !== undefined) return placeAtHome(site, conventions, home, ksDir);
  const own = beside === undefined ? findNamespaceHome(site) : undefined;
  if (own !== undefined) return { layout: "manifests", apps: placeBoth(site, conventions, own, own) };
  const base = beside ?? findOutsideFolder(site, rootPath);
  if (base === undefined) return placeBehindWall(site, conventions, rootPath);
  const apps = placeBoth(site, conventions, base, ksDir);
  // Where the root lists what it builds, a folder inside would do as well, and the place needs no reason.
  if (isWithin(base, rootPath) || findKustomization(tree, rootPath)) return { layout: "manifests", apps };
  const note = `It builds a folder outside of ${rootPath}: Kustomization ${site.cluster.root.name} builds that with all its folders, and would be a second owner of what lies in them.`;
  return { layout: "manifests", apps: mapApps(apps, (place) => ({ ...place, note })) };
}

/** The folder that holds the one of the owner's operator, which nothing else builds: the instance's goes beside it. */
function besideOperator(site: Site): string | undefined {
  const { tree, cluster, clusters } = site;
  const operator = cluster.operators.find(isHelmRelease);
  const deliverer = operator && findDeliverer(tree, cluster, operator.file);
  const isOfRoot = deliverer !== undefined && readsLikeRoot(deliverer);
  const folder = isOfRoot ? repositoryPath(readableSpec(deliverer), cluster.artifactRoot) : undefined;
  if (folder === undefined || folder !== dirname(operator!.file) || basename(folder) !== "flux-operator")
    return undefined;
  const isShared = clusters.some((other) => other !== cluster && other.files.has(operator!.file));
  const base = dirname(folder);
  return !isShared && isFree(site, join(base, "flux-instance")) ? base : undefined;
}

/**
 * In the folder of the sync, as owners do it, and the operator beside their other controllers. Where the owner's operator
 * has its FluxKustomization elsewhere, the instance's stands beside it; what bootstrap's kustomization then no longer
 * lists, it still keeps from being walked.
 */
function placeAtHome(site: Site, conventions: Conventions, home: string, ksDir: string): Placement {
  const { cluster } = site;
  const dir = cluster.operators.length > 0 && ksDir !== dirname(home) ? ksDir : home;
  const apps = placeBoth(site, conventions, home, dir);
  const controllers = findControllers(site);
  if (controllers === undefined) return { layout: "manifests", apps };
  const folder = join(controllers, "flux-operator");
  const note = `It builds ${folder}, which the kustomization of ${controllers} does not list: flux-instance waits for this one alone, and nothing may prune it.`;
  const operator = {
    ...apps["flux-operator"],
    folder,
    path: fluxPathOf(cluster.artifactRoot, folder, conventions.pathPrefix),
    note,
  };
  return { layout: "manifests", apps: { ...apps, "flux-operator": operator } };
}

function mapApps(apps: Placement["apps"], change: (place: AppPlace) => AppPlace): Placement["apps"] {
  return { "flux-operator": change(apps["flux-operator"]), "flux-instance": change(apps["flux-instance"]) };
}

/** Both FluxKustomizations in one folder, and what they build in folders of `base`. */
function placeBoth(
  site: Site,
  conventions: Conventions,
  base: string,
  dir: string,
  lister = listerOf(site, dir),
): Placement["apps"] {
  const place = (name: AppName): AppPlace => {
    const file = `${name}${conventions.fileSuffix}${conventions.extension}`;
    const listing = listingOf(site, conventions, dir, file, lister);
    return placeIn(site, conventions, name, join(base, name), join(dir, file), listing);
  };
  return { "flux-operator": place("flux-operator"), "flux-instance": place("flux-instance") };
}

/** The folder whose kustomization lists what stands in a folder: its own, else the closest one above up to the root's. */
function listerOf({ tree, cluster }: Site, dir: string): string | undefined {
  const rootPath = repositoryPath(cluster.root.data.spec, cluster.artifactRoot) ?? "";
  for (let at = dir; ; at = dirname(at)) {
    if (findKustomization(tree, at)) return at;
    // A folder that the root reaches elsewhere, by a list of its own, has nothing to do with what lies above it.
    if (at === rootPath || !isWithin(at, rootPath)) return undefined;
  }
}

/** Where something new in a folder is listed; undefined where the folder is walked. */
function listingOf(
  site: Site,
  { listPrefix }: Conventions,
  dir: string,
  name: string,
  lister = listerOf(site, dir),
): AppPlace["listing"] {
  if (lister === undefined) return undefined;
  return { dir: lister, entry: `${listPrefix}${relative(lister, join(dir, name))}` };
}

/** Paths in an artifact leave out its root: `kubernetes/apps/x` in an artifact of `kubernetes` is `./apps/x`. */
export function fluxPathOf(artifactRoot: string, folder: string, prefix = "./"): string {
  const path = artifactRoot === "" ? folder : folder.slice(artifactRoot.length + 1);
  return path === "" ? "./" : `${prefix}${path}`;
}

/**
 * For a root that walks everything there is, such as `path: ./`: a new folder whose own kustomization lists the two
 * FluxKustomizations and nothing else. The walk takes such a folder as one resource and never looks below it
 * (flux-facts 2.8 item 4), so the apps in it are built by those two alone.
 */
function placeBehindWall(site: Site, conventions: Conventions, rootPath: string): Placement | { reason: string } {
  const dir = findWalledFolder(site, rootPath);
  if (dir === undefined)
    return { reason: "every folder that the root reads is ignored by the source, or read by another cluster as well" };
  const apps = placeBoth(site, conventions, dir, dir, dir);
  return { layout: "manifests", apps, newNamespaceDir: { dir } };
}
