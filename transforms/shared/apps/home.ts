import { actsForTenant, readsLikeRoot, repositoryPath } from "../../../src/cluster/graph.ts";
import { itemsOf, readableSpec, type YamlData } from "../../../src/contract/objects.ts";
import { kustomizationOf, patchObject } from "../../../src/delivery/kustomize/index.ts";
import { basename, dirname, isWithin, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { findDeliverer } from "./deliverer.ts";
import { majority } from "./evidence.ts";
import { isFree, type Site } from "./outside.ts";

/**
 * Flux's own folder of a cluster, `clusters/x/flux-system`: bootstrap's kustomization there lists what is applied, so that
 * the folders of the apps can lie beside it without being built too early (trap 12). It stays as long as it lists the
 * FluxKustomizations of the apps. Undefined where it says more than a list, or is not this cluster's alone.
 */
export function findHome(site: Site): string | undefined {
  const { tree, cluster, clusters } = site;
  const rootPath = repositoryPath(cluster.root.data.spec, cluster.artifactRoot);
  const home = dirname(cluster.root.file);
  if (cluster.install?.style !== "gotk" || rootPath === undefined) return undefined;
  // Where the root builds this very folder, its kustomization is the root's: the owner lists other things in it.
  if (home === rootPath || !isWithin(home, rootPath)) return undefined;
  const own = kustomizationOf(tree, home);
  if (!own || !isOwn(site, own.path) || changes(tree, home, own.data, cluster.namespace)) return undefined;
  const isShared = clusters.some(({ local, artifactRoot }) =>
    local.some((item) => repositoryPath(readableSpec(item), artifactRoot) === home),
  );
  return isShared || !isFree(site, join(home, "flux-instance")) ? undefined : home;
}

/**
 * Flux's own folder where each namespace has one with the FluxKustomizations of its apps beside the folders that they build:
 * `apps/media/plex.ks.yaml` and `apps/media/plex`. Its kustomization lists what is applied, so a folder more is built by
 * nobody else. Undefined where fewer than two other namespaces are kept so, or most apps are not.
 */
export function findNamespaceHome(site: Site): string | undefined {
  const { tree, cluster } = site;
  const apps = cluster.local.slice(1).filter(readsLikeRoot);
  const kept = apps.flatMap((item) => {
    const dir = dirname(item.object.file);
    const path = repositoryPath(readableSpec(item), cluster.artifactRoot);
    return path !== undefined && dirname(path) === dir && kustomizationOf(tree, dir) ? [dir] : [];
  });
  const dirs = [...new Set(kept)];
  const above = majority(dirs.map(dirname));
  if (above === undefined || kept.length * 2 <= apps.length) return undefined;
  const home = join(above, cluster.namespace);
  const others = dirs.filter((dir) => dirname(dir) === above && dir !== home);
  const own = others.length > 1 && tree.isDir(home) ? kustomizationOf(tree, home) : undefined;
  if (!own || !isOwn(site, own.path) || changes(tree, home, own.data, cluster.namespace)) return undefined;
  const deliverer = readableSpec(findDeliverer(tree, cluster, own.path));
  const { targetNamespace = cluster.namespace, namePrefix, nameSuffix } = deliverer ?? {};
  if (actsForTenant(deliverer) || targetNamespace !== cluster.namespace || namePrefix || nameSuffix) return undefined;
  for (let at = above; at !== ""; at = dirname(at)) {
    if (displaces(kustomizationOf(tree, at)?.data, cluster.namespace)) return undefined;
  }
  return isFree(site, join(home, "flux-instance")) ? home : undefined;
}

/** Whether this cluster is delivered a file, and no other is. */
function isOwn({ cluster, clusters }: Site, file: string): boolean {
  return cluster.files.has(file) && clusters.every((other) => other === cluster || !other.files.has(file));
}

/** Whether what a kustomization lists comes to another namespace or name. */
export function displaces(data: YamlData, namespace: string): boolean {
  const { namePrefix, nameSuffix, namespace: moved = namespace } = data ?? {};
  return Boolean(namePrefix || nameSuffix) || moved !== namespace;
}

/** Whether a kustomization would change a FluxKustomization of ours that it lists. */
function changes(tree: Tree, dir: string, data: YamlData, namespace: string): boolean {
  const { transformers, components } = data;
  if (displaces(data, namespace) || itemsOf(transformers).length > 0 || itemsOf(components).length > 0) return true;
  const patches = itemsOf(data.patches).map((item) =>
    typeof item.path === "string" ? { ...item, patch: tree.read(join(dir, item.path)) } : item,
  );
  const probe = {
    apiVersion: "kustomize.toolkit.fluxcd.io/v1",
    kind: "Kustomization",
    metadata: { name: "flux-instance", namespace },
    spec: { prune: false, path: "./", sourceRef: {} },
  };
  return patches.some((patch) => {
    const tried = patchObject(probe, [patch]);
    return tried.ok && tried.applied.length > 0;
  });
}

/** What controllers are for, where their folder says so: `monitoring/controllers` and `monitoring-controllers` have those of Prometheus. */
const ONE_PURPOSE =
  /(?:^|\/)(?:monitoring|observability|logging|metrics|databases?|storage|network(?:ing)?|security)[/-][\w-]+$/i;

/**
 * The folder where an owner keeps controllers, if its kustomization lists what belongs to it: a folder more beside the
 * listed ones is then built by nobody but its own FluxKustomization. Errs towards none: only names that say so count, and
 * `keycloak-operator` is one app.
 */
export function findControllers(site: Site): string | undefined {
  const { tree, cluster } = site;
  const built = cluster.local
    .slice(1)
    .filter(readsLikeRoot)
    .flatMap((item) => repositoryPath(readableSpec(item), cluster.artifactRoot) ?? []);
  const dirs = [...new Set(built.flatMap((dir) => [dir, join(dir, "controllers"), join(dir, "operators")]))];
  const isNamed = (dir: string) => /^(?:[\w-]+-)?(?:controllers|operators)$/i.test(basename(dir));
  // `controllers/production`, built for this cluster, is the same folder with a stage below.
  const named = dirs.flatMap((dir) => {
    const top = isNamed(dir) ? dir : built.includes(dir) && isNamed(dirname(dir)) ? dirname(dir) : undefined;
    return top === undefined || ONE_PURPOSE.test(top) ? [] : [dir];
  });
  return named.find((dir) => {
    const own = tree.isDir(dir) ? kustomizationOf(tree, dir) : undefined;
    const lists = itemsOf(own?.data.resources).length > 0;
    return own !== undefined && lists && isOwn(site, own.path) && isFree(site, join(dir, "flux-operator"));
  });
}
