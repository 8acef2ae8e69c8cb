import { reach } from "../kustomize/index.ts";
import type { Tree } from "../workspace/tree.ts";
import { readChartRelease } from "./chart-release.ts";
import { findDeliverers } from "./deliverers.ts";
import { readGotkInstall } from "./gotk/read.ts";
import { keyOf, repositoryPath } from "./graph.ts";
import { isFluxInstallUrl, isFluxKustomization } from "./kinds.ts";
import { locateField } from "./locations.ts";
import { readPatchList } from "./patch-list.ts";
import { dirname } from "./paths.ts";
import { type ReleaseSource, readReleaseSource } from "./release-source.ts";
import { componentsOf, parseFluxVersion } from "./releases.ts";
import { readRemoteInstall } from "./remote-install.ts";
import { resolveSource, sourceRefOf } from "./sources.ts";
import type { DeliveredFluxObject, Install, KubeObject, YamlData } from "./types.ts";

export interface InstallSearch {
  tree: Tree;
  objects: readonly KubeObject[];
  kustomizations: readonly DeliveredFluxObject[];
  /** Those that read this repository. */
  local: readonly DeliveredFluxObject[];
  files: ReadonlySet<string>;
  root: KubeObject;
  artifactRoot: string;
}

/**
 * Every install that Flux itself keeps applying to a cluster. More than one is a contradiction the caller reports.
 * What lies beside the root but is not delivered counts too: applied once by hand, its FluxKustomization goes on
 * reconciling in the cluster.
 */
export function findContinuousInstalls(search: InstallSearch): Install[] {
  const charts = findCharts(search);
  const others = [...findReleaseSources(search), ...charts, ...findDeliveredRemotes(search)];
  const installs = [...others, ...findGotk(search, others.length === 0)];
  for (const install of installs.filter((item) => !charts.includes(item))) {
    const deliverers = findDeliverers(search.tree, search.local, search.artifactRoot, install);
    if (deliverers.length > 0) install.deliverers = deliverers;
  }
  return installs;
}

/** FluxKustomizations whose source is a release of Flux: the flux-manifests artifact, or the Git repository of flux2. */
function findReleaseSources({ tree, objects, kustomizations, root }: InstallSearch): Install[] {
  const sources = objects.filter(({ kind }) => kind === "OCIRepository" || kind === "GitRepository");
  const delivered = new Set(kustomizations.map(({ object }) => keyOf(object)));
  const installs: Install[] = [];
  for (const object of objects.filter(isFluxKustomization)) {
    if (!delivered.has(keyOf(object)) && dirname(object.file) !== dirname(root.file)) continue;
    const effective = kustomizations.find((item) => keyOf(item.object) === keyOf(object))?.effective ?? object.data;
    const ref = sourceRefOf(effective?.spec, object.namespace);
    const source = ref ? resolveSource(ref, object.file, sources) : undefined;
    const release = source && readReleaseSource(source, effective?.spec?.path);
    if (source && release)
      installs.push(readReleaseInstall(tree, object, source, release, effective?.spec?.targetNamespace));
  }
  return installs;
}

function readReleaseInstall(
  tree: Tree,
  object: KubeObject,
  source: KubeObject,
  { style, version }: ReleaseSource,
  namespace: unknown,
): Install {
  const parsed = version && parseFluxVersion(version.text);
  const at = version && locateField(tree, source, ["spec", "ref", version.field]);
  return {
    style,
    role: "continuous",
    at: locateField(tree, object),
    objects: [object, source],
    ...(typeof namespace === "string" ? { namespace } : {}),
    ...(version && at ? { version: { value: version.text, at } } : {}),
    components: parsed ? componentsOf(style, parsed) : [],
    patches: readPatchList(tree, object, ["spec", "patches"]),
  };
}

function findCharts({ tree, objects, files, local, artifactRoot }: InstallSearch): Install[] {
  const installs: Install[] = [];
  for (const object of objects.filter(({ file }) => files.has(file))) {
    const install = readChartRelease(tree, object, objects);
    if (!install) continue;
    const owner = local
      .slice(1)
      .find(({ effective }) => isOnly(object.file, resourcesOf(tree, effective?.spec, artifactRoot)));
    if (owner) install.objects.push(owner.object);
    installs.push(install);
  }
  return installs;
}

/** An app that holds nothing but the release goes as a whole: its FluxKustomization would build an empty folder. */
function isOnly(file: string, resources: readonly string[]): boolean {
  return resources.length > 0 && resources.every((resource) => resource === file);
}

function resourcesOf(tree: Tree, spec: YamlData, artifactRoot: string): string[] {
  const path = repositoryPath(spec, artifactRoot);
  return path === undefined || !tree.isDir(path) ? [] : reach(tree, path).resources;
}

function findDeliveredRemotes({ tree, local, artifactRoot }: InstallSearch): Install[] {
  const installs: Install[] = [];
  for (const { effective } of local) {
    const path = repositoryPath(effective?.spec, artifactRoot);
    if (path === undefined || !tree.isDir(path)) continue;
    for (const { at, url } of reach(tree, path).remotes) {
      if (!isFluxInstallUrl(url)) continue;
      if (installs.some((install) => install.at.file === at.file)) continue;
      const install = readRemoteInstall(tree, at, url);
      if (install) installs.push({ ...install, role: "continuous" });
    }
  }
  return installs;
}

/** What lies undelivered beside the root counts only where nothing else installs Flux. */
function findGotk({ tree, local, artifactRoot, root }: InstallSearch, isAlone: boolean): Install[] {
  const install = readGotkInstall(tree, local, artifactRoot, isAlone ? root : undefined);
  return install ? [install] : [];
}

/** Installs that a person or a script applies once: kustomizations on the flux2 remote base that nothing delivers. */
export function findBootstraps(tree: Tree, deliveredFiles: ReadonlySet<string>): Install[] {
  const installs: Install[] = [];
  for (const file of tree.grep("fluxcd/flux2")) {
    if (!/(^|\/)(kustomization\.ya?ml|Kustomization)$/.test(file) || deliveredFiles.has(file)) continue;
    const install = reach(tree, dirname(file))
      .remotes.filter(({ at, url }) => at.file === file && isFluxInstallUrl(url))
      .map(({ at, url }) => readRemoteInstall(tree, at, url))
      .find((found) => found !== undefined);
    if (install) installs.push(install);
  }
  return installs;
}
