import { repositoryIdentity } from "../contract/address.ts";
import { groupBy } from "../contract/group-by.ts";
import { type KubeObject, readableSpec, type YamlData } from "../contract/objects.ts";
import { sh } from "../contract/shell.ts";
import { reachOf } from "../delivery/flux-build.ts";
import {
  describe,
  isFluxInstallUrl,
  isFluxKustomization,
  isHelmRelease,
  isSyncSource,
  SYNC_SOURCE_KINDS,
} from "../delivery/kinds.ts";
import { dirname } from "../delivery/paths.ts";
import { isMap } from "../yaml/is-map.ts";
import { assemble, type Surroundings } from "./assemble.ts";
import { isArchived } from "./automation-files.ts";
import { readChartUse } from "./chart-release.ts";
import { findSuppliers } from "./companions.ts";
import { GOTK_NEEDLE } from "./gotk/detect.ts";
import { actsForTenant, computedPath, keyOf, manifestsOf, ownOf, PLACEHOLDER, repositoryPath } from "./graph.ts";
import { findContinuousInstalls } from "./install.ts";
import { sayInJson } from "./json-objects.ts";
import { isPatchBody } from "./patch-bodies.ts";
import { ownIdentities } from "./roots.ts";
import { findSisters } from "./sister-folders.ts";
import { indexSources, isRepositorySource, type SourceRef, sourceRefOf } from "./sources.ts";
import { appliesFile, bringsRoot } from "./territory.ts";
import type { Cluster, LeftOut } from "./types.ts";

const ELSEWHERE = {
  why: "applies its folder to another cluster through a kubeconfig",
  isCopy: false,
  next: "Run fluxlift where that cluster's own source and root are declared, if it has any.",
};

interface Stray {
  object: KubeObject;
  source: KubeObject | undefined;
  files: ReadonlySet<string>;
  /** Whether it looks like the start of a cluster, and not like an app. */
  starts: boolean;
  /** Its source has another URL than this repository, as far as its name is known. */
  isForeign?: true;
  /** The cluster beside whose folder it lies, in one of its own: `clusters/prod` and `clusters/staging`. */
  beside?: Cluster;
}

/**
 * Places that look like a cluster and are none of those that were recognised, each with the reason: FluxKustomizations
 * that start something, FluxInstances that no cluster delivers, and what goes to another cluster through a kubeconfig.
 * An app whose `ks.yaml` nothing lists starts nothing and is none.
 */
export function findLeftOut(around: Surroundings, clusters: readonly Cluster[], remotes: readonly string[]): LeftOut[] {
  const { instances } = around;
  const isCovered = ({ file }: KubeObject) => clusters.some((cluster) => appliesFile(cluster, file));
  const roots = new Set(clusters.flatMap(({ root, rivals, peers }) => [root, ...rivals, ...peers]).map(keyOf));
  const found = findStrays(around, clusters, (object) => isCovered(object) || roots.has(keyOf(object)));
  // Where nothing was recognised, whatever FluxKustomization there is may show why.
  const starting = found.filter(({ starts }) => starts);
  const said: unknown[] = clusters.map(({ runningSource }) => runningSource?.data.spec?.url);
  const urls = said.filter((url) => typeof url === "string");
  const own = ownIdentities([...remotes, ...urls], instances);
  const isForeign = ({ object, source }: Stray) => {
    // The address of an artifact says nothing of the repository that it is made of.
    if (source && source.kind !== "GitRepository" && (clusters.length === 0 || isSync(object, source))) return false;
    const url = String(source?.data.spec?.url ?? "");
    return own.size > 0 && source !== undefined && !PLACEHOLDER.test(url) && !own.has(repositoryIdentity(url));
  };
  const strays = (clusters.length > 0 || starting.length > 0 ? starting : found).flatMap((stray): Stray[] => {
    if (!isForeign(stray)) return [stray];
    // A repository that moved is still read by its old name, and a fork by its own.
    return buildsItself(stray) ? [{ ...stray, isForeign: true }] : [];
  });
  const known = clusters.flatMap(({ remotes }) => remotes).filter((remote) => bringsRoot(remote, clusters));
  const remote = clusters
    .flatMap((cluster) => findRemote(around, cluster))
    .filter(({ object }) => !known.some((one) => one.by.object === object));
  return [
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

/** What goes to another cluster: a release of Flux, or a folder of this repository with Flux or its objects in it. */
function findRemote({ tree, objects, byFile }: Surroundings, { kustomizations, root, artifactRoot }: Cluster) {
  const find = indexSources(objects.filter(isSyncSource));
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

/** FluxKustomizations outside the clusters that start something; what one of them delivers is not listed again. */
function findStrays(
  { tree, objects, instances, byFile: all }: Surroundings,
  clusters: readonly Cluster[],
  isKnown: (object: KubeObject) => boolean,
): Stray[] {
  const find = indexSources(objects.filter(isSyncSource));
  const candidates = objects.filter(
    (object) => isFluxKustomization(object) && !isPatchBody(object, tree) && !isKnown(object),
  );
  const own = new Set(candidates.map(({ file }) => file));
  const sisterOf = findSisters(clusters, instances, find);
  const supplies = findSuppliers(tree, clusters);
  const strays = candidates.flatMap((object): Stray[] => {
    const ref = sourceRefOf(object.data.spec, object.namespace);
    const source = ref && find(ref, object.file);
    if (!isOfRepository(ref, source) && !isNameless(object, ref)) return [];
    const files = new Set(manifestsOf(tree, object.data.spec, ""));
    const isBeside =
      (source !== undefined && dirname(source.file) === dirname(object.file)) ||
      all.get(object.file)?.some((one) => isSyncSource(one) && isRepositorySource(one)) === true;
    const holdsFlux = (file: string) => all.get(file)?.some(isFluxKustomization) === true;
    const startsOthers = repositoryPath(object.data.spec, "") !== "" && [...files].some(holdsFlux);
    const beside = isBeside || files.has(object.file) ? undefined : sisterOf(dirname(object.file));
    const startsAll = computedPath(tree, object) === undefined && isOfAll(object, source, clusters);
    const starts = isBeside || startsOthers || startsAll || beside !== undefined || supplies(source, files);
    return [{ object, source, files, starts, ...(beside ? { beside } : {}) }];
  });
  const delivered = strays.filter(({ starts }) => starts);
  const deliveries = delivered.flatMap((by) =>
    [...by.files].filter((file) => own.has(file)).map((file) => ({ file, by })),
  );
  const byFile = groupBy(deliveries, ({ file }) => file);
  const isListed = ({ object, files }: Stray) =>
    !byFile.get(object.file)?.some(({ by }) => by.object !== object && !files.has(by.object.file));
  const listed = strays.filter(isListed);
  return [...listed.filter(({ beside }) => !beside), ...firstOfFolders(listed)];
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

/** One whose `sourceRef` is written, and names nothing: no cluster takes it, so no root can be it. */
function isNameless({ data }: KubeObject, ref: SourceRef | undefined): boolean {
  const said = data.spec?.sourceRef;
  return ref === undefined && isMap(said) && (said.name === undefined || said.kind === undefined);
}

/** Whether both are called as their namespace is, as bootstrap and the operator call the sync of a cluster. */
function isSync({ name, namespace }: KubeObject, source: KubeObject): boolean {
  return name === namespace && name === source.name;
}

/** Whether the folder that it builds is here, with itself in it: the sync of a cluster, and not of what somebody else keeps. */
function buildsItself({ object, files }: Stray): boolean {
  return repositoryPath(object.data.spec, "") !== "" && files.has(object.file);
}

/** `${CLUSTER}` is mostly filled in by what applies the file, as envsubst does, so that no tree ever holds it. */
function sayFilling(path: string): string {
  if (!/\$\{?\w/.test(path)) return `Have ${path} filled in first, and run fluxlift on the tree that comes of it.`;
  return `If a script fills in ${path} while it applies this file, commit source and root as each cluster has them (flux export source git --all, flux export kustomization …), and run fluxlift again. Else have it filled in first, and run fluxlift on the tree that comes of it.`;
}

type Reason = Pick<LeftOut, "why" | "isCopy" | "next" | "installs">;

function explain(around: Surroundings, stray: Stray, clusters: readonly Cluster[]): Reason {
  const { tree } = around;
  const { object, source, files, beside, isForeign } = stray;
  const { path: written, kubeConfig } = object.data.spec ?? {};
  const computed = computedPath(tree, object);
  const path = computed ?? String(written ?? "./");
  const because = (why: string, next: string): Reason => ({
    why: `builds ${path}${why}`,
    isCopy: isArchived(object.file),
    next,
  });
  if (kubeConfig) return ELSEWHERE;
  if (computed !== undefined || PLACEHOLDER.test(path))
    return because(", which something fills in before Flux reads it", sayFilling(path));
  const { sourceRef: ref } = object.data.spec ?? {};
  if (isNameless(object, sourceRefOf(object.data.spec, object.namespace))) {
    const lacks = ref?.name === undefined ? "name" : "kind";
    return because(
      `, and names no source: spec.sourceRef has no ${lacks}, so the API server refuses it`,
      `Write the ${lacks} of the source that it reads into spec.sourceRef, and run fluxlift again.`,
    );
  }
  if (beside) {
    const folder = dirname(object.file);
    const what = ` and lies in ${folder}, beside the folder of cluster ${beside.name}, but no root builds ${folder}`;
    return because(
      what,
      "If a cluster starts from there, commit its root as the cluster has it (flux export kustomization …).",
    );
  }
  if (isForeign && source) {
    const url = repositoryIdentity(String(source.data.spec?.url));
    return because(
      ` of ${url}, and no git remote here is called so`,
      "If that is this repository by an older name, write its URL of today into the source, merge that, and run fluxlift again. If it is a fork, run it there.",
    );
  }
  const folder = repositoryPath(object.data.spec, "");
  const sayPublished = (of: KubeObject) =>
    because(
      ` of ${describe(of)}, and no job or task says which folder is published there`,
      `If a folder of this repository is published to ${describe(of)}, give that folder with ${sayFlag(of)}. Else commit the source and the root that read this repository, and run fluxlift again.`,
    );
  if (source && source.kind !== "GitRepository" && folder === "" && isSync(object, source)) return sayPublished(source);
  const own = ownOf(files, folder);
  const builder = clusters.find((cluster) => own.some((file) => cluster.files.has(file)));
  const twin = clusters.find((cluster) => isTwin(cluster, source, folder));
  if (twin)
    return because(
      ` from a source of its own, as the root of cluster ${twin.name} does (${twin.root.file}), so what is merged for that one reaches whatever starts from here in the same moment`,
      `If a second cluster starts from it, merge no phase before every check of the runbook holds in both, and take its own root and source out as well at cleanup. If nothing uses it, delete it.`,
    );
  if (builder)
    return {
      ...because(`, which cluster ${builder.name} delivers already, and nothing delivers this`, ""),
      isCopy: true,
    };
  if (PLACEHOLDER.test(String(source?.data.spec?.url ?? ""))) {
    const what = ` of ${describe(source!)}, whose URL something fills in before Flux reads it`;
    return { ...because(what, ""), isCopy: true };
  }
  if (actsForTenant(object.data.spec))
    return because(
      ` as ServiceAccount ${object.data.spec?.serviceAccountName}, as that of a tenant does`,
      "Nothing, if it is a tenant's, whose Flux is the fleet's. If a cluster starts with it, that account is to apply the operator as well: have kustomize-controller do so (spec.serviceAccountName: kustomize-controller), or give the account these rights and list the install of Flux in what it builds; merge that, and run fluxlift again.",
    );
  if (!source) {
    const { kind, name } = ref ?? {};
    const json = sayInJson(tree, kind, name);
    if (json) return because(json.why, json.next);
    const parent = `the FluxKustomization that builds ${dirname(object.file) || "this folder"}, if the cluster has one (flux export kustomization …), `;
    const next = `Commit the ${kind} ${name} as the cluster has it (flux export source …)${buildsItself(stray) ? " " : `, and ${parent}`}beside this file, and run fluxlift again.`;
    return because(`, but its source ${kind} ${name} is not in this repository`, next);
  }
  if (folder && !tree.isDir(folder)) {
    const of = ` of ${describe(source)}`;
    if (source.kind === "GitRepository")
      return because(
        `${of}, and there is no such folder`,
        "Correct its path, or run fluxlift at the top of the repository that has that folder. If it is a template, change that by hand: what is made of it starts with the old install.",
      );
    const what = `${of}; there is no such folder at the top, and no job or task says which folder is published there`;
    return because(what, `Give the published folder with ${sayFlag(source)}.`);
  }
  if (clusters.length === 0 && source.kind !== "GitRepository") return sayPublished(source);
  const same = clusters.find((cluster) => cluster.source && keyOf(cluster.source) === keyOf(source));
  if (same) {
    const what = ` of ${describe(source)}, as cluster ${same.name} does, and nothing in this repository delivers it`;
    const next = "If it is in the cluster, list it in what the root builds: then fluxlift follows it too.";
    const { artifactRoot } = same;
    const start = { source, root: object, rootFrom: "manifest" as const, artifactRoot, rivals: [], peers: [] };
    const other = assemble(around, start);
    // What it installs may come from a source that the other root delivers, and the other way round.
    const reached = { files: new Set([...other.manifests, ...same.manifests]), root: object, artifactRoot };
    const kustomizations = [...other.kustomizations, ...same.kustomizations];
    const local = [...other.local, ...same.local];
    const installs = findContinuousInstalls({ tree, objects: around.objects, kustomizations, local, ...reached });
    return { ...because(what, next), ...(installs.length > 0 ? { installs: true } : {}) };
  }
  const what = `, but its source ${describe(source)} lies far from it, or is another repository`;
  return because(what, "If it is this repository, give the git remote the URL of that source, and run fluxlift again.");
}

/** Whether it builds the very folder of a root that somebody applied by hand, as somebody may have applied this one. */
function isTwin(cluster: Cluster, source: KubeObject | undefined, folder: string | undefined): boolean {
  const { root, artifactRoot, files } = cluster;
  const isApart = source && cluster.source && keyOf(cluster.source) !== keyOf(source);
  return Boolean(isApart) && !files.has(root.file) && folder === repositoryPath(root.data.spec, artifactRoot);
}

function sayFlag({ name }: KubeObject): string {
  return sh`--artifact-path ${`${name}=FOLDER`}`.line;
}
