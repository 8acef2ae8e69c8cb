import { readable } from "../contract/answer.ts";
import { getOrMake, groupBy } from "../contract/group-by.ts";
import {
  type DeliveredFluxObject,
  type KubeObject,
  readableSpec,
  type SourcePatch,
  type YamlData,
} from "../contract/objects.ts";
import type { KubeData } from "../contract/specs.ts";
import { reachOf } from "../delivery/flux-build.ts";
import { isFluxInstallUrl, isFluxKustomization } from "../delivery/kinds.ts";
import { findKustomization, isKustomizationFile, type Reach, reach } from "../delivery/kustomize/index.ts";
import { compile } from "../delivery/kustomize/regex.ts";
import { locateField } from "../delivery/locations.ts";
import { readPatchList } from "../delivery/patch-list.ts";
import { dirname, isWithin } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { CORE_COMPONENTS, componentsOf, parseFluxVersion } from "../release/releases.ts";
import { readYamlCached } from "../yaml/read.ts";
import { readChartRelease, readChartUse } from "./chart-release.ts";
import { findDeliverers, holdsOnlyRelease } from "./deliverers.ts";
import { CONTROLLERS } from "./gotk/detect.ts";
import { readGotkInstalls } from "./gotk/read.ts";
import { keyOf, repositoryPath } from "./graph.ts";
import { readOwnRemoteInstall } from "./remote-patches.ts";
import { runningSource } from "./running-source.ts";
import { indexReleaseSources, type ReleaseSource, readReleaseSource, sourceRefOf } from "./sources.ts";
import type { Install } from "./types.ts";

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
  const remotes = findDeliveredRemotes(search);
  const parts = remotes.filter(({ component }) => component !== undefined);
  const whole = remotes.filter((item) => !parts.includes(item)).map(({ install }) => install);
  const { listed, unlisted } = findReleaseSources(search);
  const installs = [...listed, ...charts, ...whole];
  // What lies undelivered beside the root counts only where nothing else installs Flux.
  const beside = installs.length === 0 ? search.root : undefined;
  installs.push(...readGotkInstalls(search.tree, search.local, search.artifactRoot, beside));
  if (installs.length === 0) installs.push(...unlisted);
  else if (unlisted.length > 0) installs[0]!.leftovers = unlisted.flatMap(({ objects }) => objects);
  // Once the chart is gone, they would be the install.
  if (charts.length > 0 && installs.every(({ gotk }) => gotk === undefined)) {
    const idle = readGotkInstalls(search.tree, search.local, search.artifactRoot, search.root);
    const left = [...(installs[0]!.leftovers ?? []), ...idle.flatMap(({ objects }) => objects)];
    if (left.length > 0) installs[0]!.leftovers = left;
  }
  if (installs.length === 0) installs.push(...joinParts(search.tree, parts));
  else if (parts.length > 0) addComponents(installs[0]!, parts);
  for (const install of installs.filter((item) => !charts.includes(item))) {
    const deliverers = findDeliverers(search.tree, search.local, search.artifactRoot, install);
    if (deliverers.length > 0) install.deliverers = deliverers;
  }
  return installs;
}

interface RemoteInstall {
  install: Install;
  /** Set when it is the base of one component only. */
  component?: string;
}

/** The component that a base or a folder of flux2 holds alone. */
function componentOfBase(text: string): string | undefined {
  return CONTROLLERS.find((name) => new RegExp(`\\bmanifests/bases/${name}(?![\\w-])`).test(text));
}

const POLICIES = /\/manifests\/policies\b/;

/**
 * Where nothing installs Flux as a whole, the bases of single components that one kustomization lists at one version are an
 * install of these.
 */
function joinParts(tree: Tree, parts: readonly RemoteInstall[]): Install[] {
  const lists = groupBy(parts, ({ install: { at, version } }) => `${version?.value ?? ""} ${at.file}`);
  return [...lists.values()].map((group) => {
    const { install } = group[0]!;
    const { remotes } = reach(tree, dirname(install.at.file));
    const hasPolicies = remotes.some(({ at, url }) => at.file === install.at.file && POLICIES.test(url));
    const components = group.map(({ component }) => component!);
    return { ...install, components, ...(hasPolicies ? {} : ({ lacksPolicies: true } as const)) };
  });
}

/** The bases of single components beside an install add these to it, with the patches of their kustomizations. */
function addComponents(install: Install, parts: readonly RemoteInstall[]): void {
  const idOf = ({ file, path }: SourcePatch) => `${file} ${path}`;
  const own = new Set(install.patches.map(idOf));
  const patches = parts.flatMap(({ component, install: part }) =>
    part.patches.map((patch) => ({ patch, component: component! })),
  );
  // Two bases may stand in one kustomization.
  for (const [id, group] of groupBy(patches, ({ patch }) => idOf(patch))) {
    const components = group.map(({ component }) => component);
    if (!own.has(id)) install.patches.push(...narrowTo(components, group[0]!.patch));
  }
  const known = install.components.length > 0 ? install.components : CORE_COMPONENTS;
  install.components = [...new Set([...known, ...parts.map(({ component }) => component!)])];
  const dir = parts.find(({ install }) => install.dir !== undefined)?.install.dir;
  if (install.dir === undefined && dir !== undefined) install.dir = dir;
}

/** Kinds that the base of a component has an object of, called as the component is. */
const OF_COMPONENT = ["Deployment", "Service", "ServiceAccount"];

/**
 * A patch of the kustomization that has the bases of some components: of Flux it sees these alone, however much of a whole
 * install its target would select. What is about other kinds is about other objects of that kustomization, or about nothing.
 */
function narrowTo(components: readonly string[], patch: SourcePatch): SourcePatch[] {
  const { target, body } = patch;
  if (target === undefined) {
    const parsed = readYamlCached(body);
    const isAbout = ({ data }: YamlData) =>
      data?.kind === "CustomResourceDefinition" ||
      (OF_COMPONENT.includes(data?.kind) && components.includes(data?.metadata?.name));
    return parsed.ok && parsed.docs.some(isAbout) ? [patch] : [];
  }
  const isOf = (pattern: string | undefined, name: string) =>
    pattern === undefined || compile(`^(?:${pattern})$`)?.test(name) === true;
  if (isOf(target.kind, "CustomResourceDefinition") && target.kind !== undefined) return [patch];
  if (!OF_COMPONENT.some((kind) => isOf(target.kind, kind))) return [];
  const [name, ...more] = components.filter((component) => isOf(target.name, component));
  if (name === undefined) return [];
  return [{ ...patch, target: { ...target, name: more.length > 0 ? `(${[name, ...more].join("|")})` : name } }];
}

/** FluxKustomizations whose source is a release of Flux: the flux-manifests artifact, or the Git repository of flux2. */
function findReleaseSources(search: InstallSearch) {
  const { tree, objects, kustomizations, files, root, artifactRoot } = search;
  const built = repositoryPath(root.data.spec, artifactRoot);
  // One of the same name far off is another cluster's, and would be edited there.
  const isOwn = ({ file }: KubeObject, by: KubeObject) =>
    files.has(file) ||
    [dirname(by.file), dirname(root.file), built].some((dir) => dir !== undefined && isWithin(file, dir));
  const find = indexReleaseSources(objects);
  const delivered = new Map(kustomizations.map((item) => [keyOf(item.object), item]));
  const dir = dirname(root.file);
  // Bootstrap builds the folder's kustomization, so what that leaves out is mostly a leftover.
  const beside = findKustomization(tree, dir) ? new Set(reach(tree, dir).resources) : undefined;
  const asApplied = new Map<KubeObject, KubeObject>();
  const running = (source: KubeObject) => getOrMake(asApplied, source, () => runningSource(tree, search, source)!);
  const listed: Install[] = [];
  const unlisted: Install[] = [];
  for (const object of objects.filter(isFluxKustomization)) {
    const known = delivered.get(keyOf(object));
    if (!known && dirname(object.file) !== dir) continue;
    const applied = known ? readable(known.effective) : object.data;
    const { spec } = applied;
    // What goes through a kubeconfig installs another cluster's Flux.
    const ref = spec?.kubeConfig ? undefined : sourceRefOf(spec, object.namespace);
    const source = ref && find(ref, object.file);
    const release = source && isOwn(source, object) ? readReleaseSource(running(source), spec?.path) : undefined;
    if (!source || !release) continue;
    const isListed = known !== undefined || beside === undefined || beside.has(object.file);
    (isListed ? listed : unlisted).push(readReleaseInstall(tree, object, source, release, applied));
  }
  return { listed, unlisted };
}

function readReleaseInstall(
  tree: Tree,
  object: KubeObject,
  source: KubeObject,
  { style, version }: ReleaseSource,
  applied: KubeData,
): Install {
  const namespace = applied.spec?.targetNamespace;
  const parsed = version && parseFluxVersion(version.text);
  const at = version && locateField(tree, source, ["spec", "ref", version.field]);
  const component = style === "remote-install" ? componentOfBase(String(applied.spec?.path)) : undefined;
  const whole = parsed ? componentsOf(style, parsed) : [];
  return {
    style,
    role: "continuous",
    at: locateField(tree, object),
    objects: [object, source],
    ...(typeof namespace === "string" ? { namespace } : {}),
    ...(version && at ? { version: { value: version.text, at } } : {}),
    components: component ? [component] : whole,
    ...(component ? { lacksPolicies: true as const } : {}),
    patches: readPatchList(tree, object, ["spec", "patches"], applied),
  };
}

function findCharts(search: InstallSearch): Install[] {
  const { objects, files, local } = search;
  const installs: Install[] = [];
  for (const object of objects.filter(({ file }) => files.has(file))) {
    const install = readAppliedChart(search, object);
    if (!install) continue;
    // An app that holds nothing but the release goes as a whole: its FluxKustomization would build an empty folder.
    const owner = local.slice(1).find((item) => {
      const built = builtBy(item, search);
      return built !== undefined && holdsOnlyRelease(search.tree, built, object);
    });
    if (owner) install.objects.push(owner.object);
    installs.push(install);
  }
  return installs;
}

/** A release of the flux2 chart with the version that patches give it, or the source of its chart. */
function readAppliedChart(search: InstallSearch, object: KubeObject): Install | undefined {
  const { tree, objects } = search;
  const written = readChartRelease(tree, object, objects);
  if (!written) return undefined;
  const asApplied = (one: KubeObject) => runningSource(tree, search, one)!;
  const release = asApplied(object);
  const source = readChartUse(release, objects)?.source;
  const around = source ? objects.map((one) => (one === source ? asApplied(one) : one)) : objects;
  const applied = readChartRelease(tree, release, around);
  return applied ? { ...applied, objects: written.objects } : written;
}

/** What a FluxKustomization builds from a folder of this repository. */
function builtBy(item: DeliveredFluxObject, { tree, artifactRoot }: InstallSearch): Reach | undefined {
  const spec = readableSpec(item);
  const path = repositoryPath(spec, artifactRoot);
  return path === undefined || !tree.isDir(path) ? undefined : reachOf(tree, spec, path);
}

function findDeliveredRemotes(search: InstallSearch): RemoteInstall[] {
  const { tree, local, artifactRoot } = search;
  const installs: RemoteInstall[] = [];
  for (const item of local) {
    const top = repositoryPath(readableSpec(item), artifactRoot) ?? "";
    for (const { at, url } of builtBy(item, search)?.remotes ?? []) {
      if (!isFluxInstallUrl(url)) continue;
      const component = componentOfBase(url);
      if (installs.some((known) => known.install.at.file === at.file && known.component === component)) continue;
      const install = readOwnRemoteInstall(tree, at, url, { owner: item, top });
      if (install) installs.push({ install: { ...install, role: "continuous" }, ...(component ? { component } : {}) });
    }
  }
  return installs;
}

/** Installs that a person or a script applies once: kustomizations on the flux2 remote base that nothing delivers. */
export function findBootstraps(tree: Tree, deliveredFiles: ReadonlySet<string>): Install[] {
  const installs: Install[] = [];
  for (const file of tree.grep("fluxcd/flux2")) {
    if (!isKustomizationFile(file) || deliveredFiles.has(file)) continue;
    const install = reach(tree, dirname(file))
      .remotes.filter(({ at, url }) => at.file === file && isFluxInstallUrl(url))
      .map(({ at, url }) => readOwnRemoteInstall(tree, at, url))
      .find((found) => found !== undefined);
    if (install) installs.push(install);
  }
  return installs;
}
