import {
  findLinks,
  findOtherUsers,
  type Link,
  type OtherUsers,
  overlayBreaks,
  reportShared,
} from "../../../src/cluster/gotk/shared.ts";
import { keyOf, repositoryPath } from "../../../src/cluster/graph.ts";
import { stateOf } from "../../../src/cluster/instances.ts";
import { readLazily } from "../../../src/cluster/objects.ts";
import type { Cluster, Install } from "../../../src/cluster/types.ts";
import { readable } from "../../../src/contract/answer.ts";
import type { DraftFinding } from "../../../src/contract/finding.ts";
import type { KubeObject } from "../../../src/contract/objects.ts";
import type { ClusterState } from "../../../src/contract/plan.ts";
import { isFluxInstallUrl, isFluxKustomization, isSyncSource } from "../../../src/delivery/kinds.ts";
import {
  findKustomization,
  isKustomizationFile,
  type KustomizationFile,
  loadKustomization,
  reach,
} from "../../../src/delivery/kustomize/index.ts";
import { readDocs } from "../../../src/delivery/kustomize/read.ts";
import { dirname, isWithin, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { TransformContext } from "../../contract.ts";
import { sourceNamesOf } from "./names.ts";
import { bodyFilesOf, findStalePatches, type StalePatch, unusedBodies } from "./stale-patches.ts";

/** What a phase takes away, by document; everything else follows from that. */
export interface Removal {
  /** Documents that are old install, superseded source or superseded root. */
  documents: KubeObject[];
  /** Files of which no document is left, and kustomization files that list nothing any more. */
  files: string[];
  /** Topmost folders of which no file is left. */
  folders: string[];
  /** Folders that can no longer be built because their kustomization file goes, whatever else lies in them. */
  builds: string[];
  /** Kustomization files that stay but lose at least one entry or patch. */
  trimmed: string[];
  /** Those of them that stay although nothing is left, so that files they never listed are not picked up. */
  emptied: string[];
  /** Patches of trimmed kustomizations whose objects all go. */
  stale: StalePatch[];
  /** Entries that lead to an install which stays for others. */
  links: Link[];
  findings: DraftFinding[];
}

const LISTS = ["resources", "bases", "components", "crds", "generators"] as const;
const GENERATORS = ["configMapGenerator", "secretGenerator", "helmCharts", "helmChartInflationGenerator"] as const;

/**
 * What goes in the context's phase, judged from the tree as it is.
 * The rule: cutover takes the documents of the install Flux keeps applying; cleanup takes those of installs applied by
 * hand too, and the source and root that the FluxInstance generates in their place. A file goes when every document of
 * it goes. A kustomization goes when all it lists goes and no FluxKustomization builds its folder; then what lists that
 * folder loses an entry, and so on upwards. Keys and notes beside it stay, and so does their folder.
 */
export function planRemoval(context: TransformContext): Removal {
  const { tree } = context;
  const shared = separateShared(context);
  const documents = findDocuments(context, shared.kept);
  const isLink = (kustomization: string, entry: string) =>
    shared.links.some((link) => link.kustomization === kustomization && link.entry === entry);
  const gone = new Set(filesLeftEmpty(tree, documents));
  const unbuilt = unbuiltFolders(context, documents);
  for (const dir of unbuilt) for (const file of reach(tree, dir).auxiliary) if (isWithin(file, dir)) gone.add(file);
  const builds = new Set<string>();
  const trimmed = new Set<string>();
  const emptied = new Set<string>();
  const pinned = builtFolders(context, documents);
  const dirs = new Set([
    ...documents.map(({ file }) => dirname(file)),
    ...shared.links.map(({ kustomization }) => dirname(kustomization)),
    ...bootstrapDirs(context),
  ]);
  for (const dir of [...dirs]) for (let up = dirname(dir); up !== ""; up = dirname(up)) dirs.add(up);
  const elsewhere = new Set(foldersListing(context, gone).filter((dir) => !dirs.has(dir)));
  for (let changed = true; changed; ) {
    changed = false;
    for (const dir of [...dirs, ...elsewhere]) {
      const file = readKustomization(tree, dir);
      if (!file || gone.has(file.path)) continue;
      const entries = readEntries(file);
      // A remote base in a kustomization elsewhere is another install, of which nothing is decided here.
      const isUrl = (entry: string) => elsewhere.has(dir) && isFluxInstallUrl(entry);
      const goes = (entry: string) => !isUrl(entry) && isGone(entry, dir, gone, builds);
      const left = entries.filter((entry) => !goes(entry) && !isLink(file.path, entry));
      if (left.length === entries.length) continue;
      if (left.length > 0 || (hasGenerators(file) && !unbuilt.has(dir)) || pinned.has(dir)) {
        trimmed.add(file.path);
      } else if (hidesFiles(context, dir, gone)) {
        trimmed.add(file.path);
        emptied.add(file.path);
      } else {
        for (const body of unusedBodies(tree, bodyFilesOf(tree, file.path), new Set([...gone, file.path]), [])) {
          gone.add(body);
        }
        gone.add(file.path);
        builds.add(dir);
        trimmed.delete(file.path);
        changed = true;
      }
    }
  }
  const keys = new Set([...documents, ...shared.kept.flatMap(({ objects }) => objects)].map(keyOf));
  const above = [...dirs].flatMap((dir) => readKustomization(tree, dir)?.path ?? []);
  const patching = new Set([...trimmed, ...above.filter((path) => !gone.has(path) && isOwnFile(context, path))]);
  const stale = [...patching].flatMap((path) => findStalePatches(tree, path, keys));
  for (const { kustomization } of stale) trimmed.add(kustomization);
  const bodies = stale.flatMap(({ file }) => file ?? []);
  for (const body of unusedBodies(tree, bodies, gone, stale)) gone.add(body);
  const files = [...gone].sort();
  return {
    documents,
    files,
    folders: foldersLeftEmpty(tree, gone),
    builds: [...builds].sort(),
    trimmed: [...trimmed].sort(),
    emptied: [...emptied].sort(),
    stale,
    links: shared.links,
    findings: shared.findings,
  };
}

/** Whether this cluster alone reads a file. */
function isOwnFile({ model, cluster }: TransformContext, path: string): boolean {
  return cluster.files.has(path) && !model.clusters.some((other) => other !== cluster && other.files.has(path));
}

/**
 * Folders anywhere in the tree whose kustomization may list what goes; listed there still, it would fail their build
 * (trap 41). Another cluster's too: what it still needs does not go.
 */
function foldersListing({ tree }: TransformContext, gone: ReadonlySet<string>): string[] {
  const words = new Set([...gone].flatMap((path) => path.split("/")));
  return tree.paths
    .filter(isKustomizationFile)
    .filter((path) => {
      const text = tree.read(path) ?? "";
      return [...words].some((word) => text.includes(word));
    })
    .map(dirname);
}

/** The gotk installs that others build from too: they stay, and only what leads this cluster to them goes. */
function separateShared(context: TransformContext): { kept: Install[]; links: Link[]; findings: DraftFinding[] } {
  const result: { kept: Install[]; links: Link[]; findings: DraftFinding[] } = { kept: [], links: [], findings: [] };
  if (context.phase === "install") return result;
  for (const install of installsOf(context).filter(({ style }) => style === "gotk")) {
    const files = [...new Set(install.objects.map(({ file }) => file))].filter((file) => context.tree.has(file));
    const others = findOtherUsers(context, files);
    if (files.length === 0 || others.clusters.length + others.overlays.length === 0) continue;
    const links = findLinks(context, files, others);
    if (!links && leaveTogether(context, others)) continue;
    const isDelivered = files.some((file) => context.cluster.files.has(file));
    // What only an undelivered overlay shares cannot stay where the folder is walked: it would go on being applied.
    if (!links && others.clusters.length === 0) {
      result.findings.push(overlayBreaks(install, others.overlays));
      continue;
    }
    result.kept.push(install);
    if (!isDelivered) continue;
    result.findings.push(reportShared(install, others, links));
    result.links.push(...(links ?? []));
  }
  return result;
}

const HAS_INSTALL: readonly ClusterState[] = ["installed", "cut-over", "done"];

/** Whether everybody who builds from a shared install takes this very phase in this very commit, so that it may go for all. */
function leaveTogether({ model, agreed }: TransformContext, others: OtherUsers): boolean {
  return (
    others.overlays.length === 0 &&
    model.clusters
      .filter(({ name }) => others.clusters.includes(name))
      .every((other) => HAS_INSTALL.includes(stateOf(other)) && agreed.takesPart(other))
  );
}

/**
 * Whether a folder is walked as soon as its kustomization is gone, and still holds YAML that would then be applied: what
 * an owner left unlisted or commented out must stay undelivered (flux-facts 2.8 item 4).
 */
function hidesFiles({ tree, model }: TransformContext, dir: string, gone: ReadonlySet<string>): boolean {
  const own = readKustomization(tree, dir)?.path;
  const bodies = new Set(own === undefined ? [] : bodyFilesOf(tree, own));
  const isLeft = (path: string) =>
    isWithin(path, dir) && /\.ya?ml$/.test(path) && !gone.has(path) && path !== own && !bodies.has(path);
  if (!tree.paths.some(isLeft)) return false;
  const built = model.clusters.flatMap(({ local, artifactRoot }) =>
    local.map(({ effective }) => repositoryPath(readable(effective)?.spec, artifactRoot)),
  );
  return built.some((path) => path !== undefined && path !== dir && isWalked(tree, path, dir));
}

/** Whether the build of `top` would find `dir` by walking: no folder from there down has a kustomization. */
function isWalked(tree: Tree, top: string, dir: string): boolean {
  if (!isWithin(dir, top)) return false;
  for (let up = dirname(dir); ; up = dirname(up)) {
    if (findKustomization(tree, up)) return false;
    if (up === top) return true;
    if (up === "") return false;
  }
}

/** The files and folders that the phase of `context` removes, sorted; folders without a trailing slash. */
export function removedPaths(context: TransformContext): string[] {
  const { files, folders } = planRemoval(context);
  return [...new Set([...files, ...folders])].sort();
}

function findDocuments(context: TransformContext, kept: readonly Install[]): KubeObject[] {
  const { cluster, phase, tree } = context;
  if (phase === "install") return [];
  const found = installsOf(context)
    .filter((install) => !kept.includes(install))
    .flatMap(({ objects, deliverers = [] }) => [...objects, ...deliverers]);
  if (phase === "cleanup") {
    if (cluster.rootFrom === "manifest" && sourceNamesOf(cluster)) {
      const objects = [
        ...(isSourceShared(context) ? [] : [cluster.source]),
        ...(isRootShared(context) ? [] : [cluster.root]),
      ];
      found.push(...objects.filter((object) => object !== undefined));
    }
  }
  const unique = new Map(found.filter((object) => tree.has(object.file)).map((object) => [keyOf(object), object]));
  // A kustomization is no document to delete by itself: it goes when nothing it lists is left.
  return [...unique.values()].filter(
    (object) => isFluxKustomization(object) || isSyncSource(object) || isPlain(object),
  );
}

/**
 * The installs that go, less those another cluster still needs: it has no instance of its own, or Flux applies it there
 * and this run does not look at that cluster, so nobody knows whether the operator has adopted it (trap 47).
 */
function installsOf({ cluster, model, phase, agreed }: TransformContext): Install[] {
  const installs = [...(cluster.install ? [cluster.install] : []), ...(phase === "cleanup" ? cluster.bootstraps : [])];
  const others = model.clusters.filter((other) => other.name !== cluster.name);
  const isWaiting = (other: Cluster, install: Install) =>
    other.instances.length === 0 || (install.role === "continuous" && !agreed.takesPart(other));
  const isNeeded = (install: Install) =>
    others
      .filter((other) => isWaiting(other, install))
      .some((other) => [other.install, ...other.bootstraps].some((used) => used && isSamePlace(used, install)));
  // A shared gotk file is told apart by who builds from it, not by whether the other cluster has an instance.
  return installs.filter((install) => install.style === "gotk" || (install.style !== "operator" && !isNeeded(install)));
}

/** One manifest of the source for several clusters goes with the last of them (trap 47). */
function isSourceShared({ cluster, model, agreed }: TransformContext): boolean {
  const { source } = cluster;
  return model.clusters.some(
    (other) =>
      other.name !== cluster.name &&
      source !== undefined &&
      other.files.has(source.file) &&
      stateOf(other) !== "done" &&
      (other.instances.length === 0 || !agreed.takesPart(other)),
  );
}

/** One manifest of the root, patched by the overlay of each cluster, goes with the last of them as well. */
function isRootShared({ cluster, model, agreed }: TransformContext): boolean {
  return model.clusters.some(
    (other) =>
      other.name !== cluster.name &&
      other.rootFrom === "manifest" &&
      keyOf(other.root) === keyOf(cluster.root) &&
      stateOf(other) !== "done" &&
      (other.instances.length === 0 || !agreed.takesPart(other)),
  );
}

function isSamePlace(a: Install, b: Install): boolean {
  return a.at.file === b.at.file && a.at.line === b.at.line;
}

function isPlain({ apiVersion, kind }: KubeObject): boolean {
  return kind !== "Kustomization" && kind !== "Component" && apiVersion !== "";
}

function bootstrapDirs(context: TransformContext): string[] {
  return installsOf(context).flatMap(({ dir }) => (dir === undefined ? [] : [dir]));
}

function filesLeftEmpty(tree: Tree, documents: readonly KubeObject[]): string[] {
  const byFile = new Map<string, Set<number>>();
  for (const { file, doc } of documents) byFile.set(file, (byFile.get(file) ?? new Set()).add(doc));
  return [...byFile].filter(([file, removed]) => isEmptied(tree, file, removed)).map(([file]) => file);
}

function isEmptied(tree: Tree, file: string, removed: ReadonlySet<number>): boolean {
  const text = tree.read(file) ?? "";
  // Every document of an install file is known by then; parsing a megabyte of CRDs to see that would tell nothing new.
  if (text.includes("kind: CustomResourceDefinition")) {
    return readLazily(tree, file).every(({ doc }) => removed.has(doc));
  }
  const read = readDocs(tree, file);
  return read.ok && read.docs.every(({ index, data }) => removed.has(index) || data === undefined || data === null);
}

/** Folders whose FluxKustomization goes because it only delivered the old install: their generators feed nothing else. */
function unbuiltFolders({ cluster }: TransformContext, documents: readonly KubeObject[]): Set<string> {
  if (cluster.install?.style !== "community-chart") return new Set();
  const specs = documents.filter(isFluxKustomization).map(({ data }) => data?.spec);
  return new Set(specs.map((spec) => repositoryPath(spec, cluster.artifactRoot)).filter((dir) => dir !== undefined));
}

/** Folders a FluxKustomization or the FluxInstance builds: taking their kustomization away would stall it (trap 42). */
function builtFolders({ cluster }: TransformContext, documents: readonly KubeObject[]): Set<string> {
  const going = new Set(documents.map(keyOf));
  if (cluster.rootFrom === "manifest" && sourceNamesOf(cluster)) going.add(keyOf(cluster.root));
  const paths = cluster.local
    .filter(({ object }) => !going.has(keyOf(object)))
    .map(({ effective }) => readable(effective)?.spec?.path);
  for (const { spec } of cluster.instances) paths.push(spec?.sync?.path);
  const literal = paths.filter((path): path is string => typeof path === "string" && !path.includes("${"));
  return new Set(literal.map((path) => join(cluster.artifactRoot, path)));
}

function readKustomization(tree: Tree, dir: string): KustomizationFile | undefined {
  const found = findKustomization(tree, dir);
  const loaded = found?.error === undefined && found ? loadKustomization(tree, found.path) : undefined;
  return loaded?.ok ? loaded.file : undefined;
}

function readEntries({ data }: KustomizationFile): string[] {
  return LISTS.flatMap((field) => (Array.isArray(data[field]) ? data[field] : [])).map(String);
}

function hasGenerators({ data }: KustomizationFile): boolean {
  return GENERATORS.some((field) => Array.isArray(data[field]) && data[field].length > 0);
}

function isGone(entry: string, dir: string, gone: ReadonlySet<string>, builds: ReadonlySet<string>): boolean {
  if (isFluxInstallUrl(entry)) return true;
  const path = join(dir, entry);
  return gone.has(path) || builds.has(path);
}

function foldersLeftEmpty(tree: Tree, gone: ReadonlySet<string>): string[] {
  const candidates = new Set<string>();
  for (const file of gone) for (let dir = dirname(file); dir !== ""; dir = dirname(dir)) candidates.add(dir);
  for (const path of tree.paths) {
    if (gone.has(path)) continue;
    for (let dir = dirname(path); dir !== ""; dir = dirname(dir)) candidates.delete(dir);
  }
  const all = [...candidates].sort();
  return all.filter((dir) => !all.some((other) => other !== dir && isWithin(dir, other)));
}
