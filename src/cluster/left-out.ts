import { repositoryIdentity } from "../contract/address.ts";
import { groupBy } from "../contract/group-by.ts";
import { type KubeObject, readableSpec, type YamlData } from "../contract/objects.ts";
import { reachOf } from "../delivery/flux-build.ts";
import {
  isFluxInstallUrl,
  isFluxKustomization,
  isHelmRelease,
  isSyncSource,
  SYNC_SOURCE_KINDS,
} from "../delivery/kinds.ts";
import { findKustomization } from "../delivery/kustomize/index.ts";
import { dirname } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import type { Surroundings } from "./assemble.ts";
import { isArchived } from "./automation-files.ts";
import { readChartUse } from "./chart-release.ts";
import { findSuppliers } from "./companions.ts";
import { GOTK_NEEDLE } from "./gotk/detect.ts";
import { actsForTenant, computedPath, keyOf, manifestsOf, PLACEHOLDER, repositoryPath } from "./graph.ts";
import { findIdleOverlays } from "./idle-overlays.ts";
import { buildsItself, ELSEWHERE, explain, isNameless, isSync, type Stray } from "./left-out-reasons.ts";
import { isPatchBody } from "./patch-bodies.ts";
import { ownIdentities } from "./root-candidates.ts";
import { findSisters } from "./sister-folders.ts";
import { indexSources, isRepositorySource, type SourceRef, sourceRefOf } from "./sources.ts";
import { appliesFile, bringsRoot } from "./territory.ts";
import type { Cluster, LeftOut } from "./types.ts";

/**
 * Places that look like a cluster and are none of those that were recognised, each with the reason: FluxKustomizations
 * that start something, FluxInstances that no cluster delivers, and what goes to another cluster through a kubeconfig.
 * An app whose `ks.yaml` nothing lists starts nothing and is none.
 */
export function findLeftOut(around: Surroundings, clusters: readonly Cluster[], remotes: readonly string[]): LeftOut[] {
  const { instances } = around;
  const isCovered = ({ file }: KubeObject) => clusters.some((cluster) => appliesFile(cluster, file));
  const roots = new Set(clusters.flatMap(({ root, rivals, peers }) => [root, ...rivals, ...peers]).map(keyOf));
  const said: unknown[] = clusters.map(({ runningSource }) => runningSource?.data.spec?.url);
  const urls = said.filter((url) => typeof url === "string");
  const own = ownIdentities([...remotes, ...urls], instances);
  const isForeign = ({ object, source }: Stray) => {
    // The address of an artifact says nothing of the repository that it is made of.
    if (source && source.kind !== "GitRepository" && (clusters.length === 0 || isSync(object, source))) return false;
    const url = String(source?.data.spec?.url ?? "");
    return own.size > 0 && source !== undefined && !PLACEHOLDER.test(url) && !own.has(repositoryIdentity(url));
  };
  const isKnown = (object: KubeObject) => isCovered(object) || roots.has(keyOf(object));
  const found = findStrays(around, clusters, isKnown, isForeign);
  // Where nothing was recognised, whatever FluxKustomization there is may show why.
  const starting = found.filter(({ starts }) => starts);
  const strays = (clusters.length > 0 || starting.length > 0 ? starting : found).flatMap((stray): Stray[] => {
    if (!isForeign(stray)) return [stray];
    // A repository that moved is still read by its old name, and a fork by its own.
    return buildsItself(stray) ? [{ ...stray, isForeign: true }] : [];
  });
  const known = clusters.flatMap(({ remotes }) => remotes).filter((remote) => bringsRoot(remote, clusters));
  const remote = clusters
    .flatMap((cluster) => findRemote(around, cluster))
    .filter(({ object }) => !known.some((one) => one.by.object === object));
  const told = strays.map(({ object }) => object.file);
  return [
    ...findIdleOverlays(around, clusters, findSisters(clusters, instances, findSource(around)), told),
    ...strays.map((stray) => ({
      object: stray.object,
      ...(stray.source && !stray.beside && !stray.object.data.spec?.kubeConfig ? { source: stray.source } : {}),
      ...explain(around, stray, clusters),
    })),
    ...remote.map(({ object }) => ({ object, ...ELSEWHERE })),
    ...findRemoteReleases(around).map((object) => ({
      object,
      ...ELSEWHERE,
      why: "installs Flux in another cluster through a kubeconfig",
    })),
    ...instances
      .filter(({ object, spec }) => !isCovered(object) && !roots.has(keyOf(object)) && !isPrepared(spec, clusters))
      .map(({ object }) => ({
        object,
        why: "describes a FluxInstance, and no recognised cluster delivers it",
        isCopy: isArchived(object.file),
        next: "List it in what the cluster builds, or delete it.",
      })),
  ];
}

const findSource = ({ objects }: Pick<Surroundings, "objects">) => indexSources(objects.filter(isSyncSource));

/** What goes to another cluster: a release of Flux, or a folder of this repository with Flux or its objects in it. */
function findRemote({ tree, objects, byFile }: Surroundings, { kustomizations, root, artifactRoot }: Cluster) {
  const find = findSource({ objects });
  const holdsFlux = (file: string) => byFile.has(file) || tree.read(file)?.includes(GOTK_NEEDLE);
  return kustomizations.filter((item) => {
    const spec = readableSpec(item);
    const ref = spec?.kubeConfig ? sourceRefOf(spec, item.namespace) : undefined;
    if (!ref) return false;
    const source = find(ref, item.object.file);
    if (source && !isRepositorySource(source)) return true;
    if (ref.name !== root.data.spec?.sourceRef?.name) return false;
    const path = repositoryPath(spec, artifactRoot);
    const remotes = path === undefined ? [] : reachOf(tree, spec, path).remotes;
    return remotes.some(({ url }) => isFluxInstallUrl(url)) || manifestsOf(tree, spec, artifactRoot).some(holdsFlux);
  });
}

/** Releases of a chart that installs Flux, for another cluster. */
function findRemoteReleases({ objects }: Surroundings): KubeObject[] {
  return objects.filter(
    (object) =>
      isHelmRelease(object) &&
      object.data.spec?.kubeConfig &&
      ["flux2", "flux-instance"].includes(readChartUse(object, objects)?.chart ?? ""),
  );
}

/** Whether a FluxInstance that nothing lists yet is meant for one of the clusters: it syncs the folder of its root. */
function isPrepared({ sync }: YamlData, clusters: readonly Cluster[]): boolean {
  const folder = typeof sync?.path === "string" ? repositoryPath(sync, "") : undefined;
  return clusters.some(({ root }) => folder !== undefined && repositoryPath(root.data.spec, "") === folder);
}

/**
 * FluxKustomizations outside the clusters that start something; what one of them delivers is not listed again. What reads another
 * repository delivers nothing of this one, although it has a folder of that path, such as `./`.
 */
function findStrays(
  { tree, objects, instances, byFile: all }: Surroundings,
  clusters: readonly Cluster[],
  isKnown: (object: KubeObject) => boolean,
  isForeign: (stray: Stray) => boolean,
): Stray[] {
  const find = findSource({ objects });
  const candidates = objects.filter(
    (object) => isFluxKustomization(object) && !isPatchBody(object, tree) && !isKnown(object),
  );
  const own = new Set(candidates.map(({ file }) => file));
  const sisterOf = findSisters(clusters, instances, find);
  const supplies = findSuppliers(tree, clusters);
  const strays = candidates.flatMap((object): Stray[] => {
    const ref = sourceRefOf(object.data.spec, object.namespace);
    const source = ref && find(ref, object.file);
    // Where nothing was recognised, what is made of sources may be why.
    const isMade = clusters.length === 0 && ref?.kind === "ExternalArtifact";
    if (!isMade && !isOfRepository(ref, source) && !isNameless(object, ref)) return [];
    const files = new Set(manifestsOf(tree, object.data.spec, ""));
    const isBy = source !== undefined && dirname(source.file) === dirname(object.file);
    const isBeside =
      (isBy && !isUnlisted(tree, source, clusters)) ||
      all.get(object.file)?.some((one) => isSyncSource(one) && isRepositorySource(one)) === true;
    const holdsFlux = (file: string) => all.get(file)?.some(isFluxKustomization) === true;
    const startsOthers = repositoryPath(object.data.spec, "") !== "" && [...files].some(holdsFlux);
    const beside = isBy || isBeside || files.has(object.file) ? undefined : sisterOf(dirname(object.file));
    const startsAll = computedPath(tree, object) === undefined && isOfAll(object, source, clusters);
    const starts = isBeside || startsOthers || startsAll || beside !== undefined || supplies(source, files);
    return [{ object, source, files, starts, ...(beside ? { beside } : {}) }];
  });
  const delivered = strays.filter(({ starts }) => starts);
  const foreign = new Set(delivered.filter(isForeign));
  const deliveries = delivered.flatMap((by) =>
    [...by.files].filter((file) => own.has(file)).map((file) => ({ file, by })),
  );
  const byFile = groupBy(deliveries, ({ file }) => file);
  const isListed = ({ object, source, files }: Stray) =>
    !byFile.get(object.file)?.some(({ by }) => {
      if (by.object === object || files.has(by.object.file)) return false;
      return !foreign.has(by) || by.source === source;
    });
  const listed = strays.filter(isListed);
  return [...listed.filter(({ beside }) => !beside), ...firstOfFolders(listed)];
}

/** Whether a cluster has root and source from the list of this folder: what the list leaves out is an app switched off. */
function isUnlisted(tree: Tree, source: KubeObject, clusters: readonly Cluster[]): boolean {
  const list = findKustomization(tree, dirname(source.file));
  if (list === undefined || list.error !== undefined) return false;
  const isOf = (one: Cluster) => one.source !== undefined && keyOf(one.source) === keyOf(source);
  return clusters.some((one) => isOf(one) && [list.path, one.root.file].every((file) => one.files.has(file)));
}

/** Whether it would build the whole repository, every root in it, from the source of a cluster. */
function isOfAll({ data }: KubeObject, source: KubeObject | undefined, clusters: readonly Cluster[]): boolean {
  const isWhole = repositoryPath(data.spec, "") === "" && !actsForTenant(data.spec);
  return isWhole && clusters.some((one) => source && one.source && keyOf(one.source) === keyOf(source));
}

/** Of those that only lie beside the folder of a cluster, one for each folder of which nothing else is listed. */
function firstOfFolders(listed: readonly Stray[]): Stray[] {
  const said = new Set<string>();
  for (const { object } of listed.filter(({ starts, beside }) => starts && !beside)) {
    for (let dir = dirname(object.file); dir !== ""; dir = dirname(dir)) said.add(dir);
  }
  return listed.filter(({ object, beside }) => {
    const dir = dirname(object.file);
    if (!beside || said.has(dir)) return false;
    said.add(dir);
    return true;
  });
}

function isOfRepository(ref: SourceRef | undefined, source: KubeObject | undefined): boolean {
  return (
    ref !== undefined && SYNC_SOURCE_KINDS.includes(ref.kind) && (source === undefined || isRepositorySource(source))
  );
}
