import { builtFor, findReaders } from "../../../src/cluster/gotk/shared.ts";
import { keyOf, repositoryPath } from "../../../src/cluster/graph.ts";
import { readLazily } from "../../../src/cluster/objects.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { groupBy } from "../../../src/contract/group-by.ts";
import { type DeliveredFluxObject, type KubeObject, readableSpec } from "../../../src/contract/objects.ts";
import { isFluxInstallUrl, isFluxKustomization } from "../../../src/delivery/kinds.ts";
import {
  findKustomization,
  isKustomizationFile,
  type KustomizationFile,
  kustomizationOf,
  reach,
} from "../../../src/delivery/kustomize/index.ts";
import { readDocs } from "../../../src/delivery/kustomize/read.ts";
import { dirname, foldersAbove, isWithin, join } from "../../../src/delivery/paths.ts";
import { indexPaths } from "../../../src/files/path-index.ts";
import { remember } from "../../../src/files/remember.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { TransformContext } from "../../contract.ts";
import { sourceNamesOf } from "../references/renames.ts";
import { findUnusedSources, findUnusedValues, findValuesLeft, type ValuesLeft } from "./chart-leftovers.ts";
import { GENERATORS, idleFilesOf, isListed, LISTS, listed } from "./idle-folders.ts";
import { findLeaving, type Leaving, leavesToo } from "./leaving.ts";
import { isReadElsewhere } from "./readers.ts";
import { findMixedComponents, findStaleComponents, unusedComponents } from "./stale-components.ts";
import { findStaleEntries, STALE_FIELDS, type StaleEntry } from "./stale-entries.ts";
import { bodyFilesOf, cutBodies, findStalePatches, type StalePatch, unusedBodies } from "./stale-patches.ts";

/** What a phase takes away, by document; everything else follows from that. */
export interface Removal extends Pick<Leaving, "documents" | "links" | "findings"> {
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
  /** Other entries of trimmed kustomizations that only what goes needs. */
  entries: StaleEntry[];
  /** Documents of patch files whose objects go, while the rest of the file stays. */
  cut: { file: string; docs: readonly number[] }[];
  /** What was there for the values of a release that goes. */
  values: ValuesLeft;
}

/** What follows the name of a file in that of the file which says its licence, as REUSE has it. */
export const LICENSE = ".license";

/**
 * What goes in the context's phase, judged from the tree as it is.
 * The rule: cutover takes the documents of the install Flux keeps applying; cleanup takes those of installs applied by
 * hand too, and the source and root that the FluxInstance generates in their place. A file goes when every document of
 * it goes. A kustomization goes when all it lists goes and no FluxKustomization builds its folder; then what lists that
 * folder loses an entry, and so on upwards. Keys and notes beside it stay, and so does their folder.
 * Kept, since many transforms ask; do not change the result.
 * @param ofAll see `findLeaving`
 */
export function planRemoval(context: TransformContext, ofAll = false): Removal {
  const { tree, cluster, phase, agreed } = context;
  const question = `removal ${phase} ${ofAll} ${cluster.name}`;
  return remember(tree, question, agreed, () => findRemoval(context, ofAll));
}

function findRemoval(context: TransformContext, ofAll: boolean): Removal {
  const { tree } = context;
  const found = findLeaving(context, ofAll);
  const { installs, kept, links: left, documents: leaving, findings } = found;
  const documents = [...leaving, ...findUnusedSources(context, leaving), ...findUnusedValues(context, leaving)];
  const { leavesForAll, goneIn } = readByNoOther(context, found);
  const keys = new Set([...documents, ...kept.flatMap(({ objects }) => objects)].map(keyOf));
  const sources = new Set([...keys].map((key) => key.slice(0, key.lastIndexOf("#"))));
  const isOnTheWay = (path: string) => reach(tree, dirname(path)).resources.some((file) => sources.has(file));
  const naming = tree
    .grep("components")
    .filter((path) => isKustomizationFile(path) && leavesForAll(path) && isOnTheWay(path));
  const components = naming.flatMap((path) => findStaleComponents(tree, path, keys));
  const links = [...left, ...components];
  const values = findValuesLeft(tree, documents);
  const isLink = (kustomization: string, entry: string) =>
    links.some((link) => link.kustomization === kustomization && link.entry === entry);
  const gone = new Set([...filesLeftEmpty(tree, documents), ...values.files]);
  const unbuilt = unbuiltFolders(context, documents);
  for (const dir of unbuilt) {
    const built = new Set(tree.paths.filter((path) => isWithin(path, dir) && isKustomizationFile(path)));
    const own = reach(tree, dir).auxiliary.filter((file) => isWithin(file, dir));
    for (const file of own) if (!isReadElsewhere(tree, file, built)) gone.add(file);
  }
  const idleComponents = unusedComponents(tree, components);
  for (const { path } of idleComponents) {
    for (const body of unusedBodies(tree, bodyFilesOf(tree, path), new Set([path]))) gone.add(body);
    gone.add(path);
  }
  const builds = new Set(idleComponents.map(({ dir }) => dir));
  const trimmed = new Set<string>();
  const emptied = new Set<string>();
  const pinned = builtFolders(context, documents);
  const dirs = new Set([
    ...documents.map(({ file }) => dirname(file)),
    ...links.map(({ kustomization }) => dirname(kustomization)),
    ...values.items.map(({ kustomization }) => dirname(kustomization)),
    ...installs.filter((install) => !kept.includes(install)).flatMap(({ dir }) => dir ?? []),
  ]);
  for (const dir of [...dirs]) for (const up of foldersAbove(dir)) dirs.add(up);
  const elsewhere = new Set<string>();
  const findListing = (paths: Iterable<string>) => {
    for (const dir of foldersListing(tree, paths)) if (!dirs.has(dir)) elsewhere.add(dir);
  };
  findListing(gone);
  // A remote base in a kustomization elsewhere is another install, of which nothing is decided here.
  const isBaseGone = ({ path }: KustomizationFile, entry: string) =>
    isFluxInstallUrl(entry) && (!elsewhere.has(dirname(path)) || isLink(path, entry));
  for (let changed = true; changed; ) {
    changed = false;
    for (const dir of [...dirs, ...elsewhere]) {
      const file = kustomizationOf(tree, dir);
      if (!file || gone.has(file.path)) continue;
      const entries = listed(file, LISTS).map(String);
      const left = entries.filter((entry) => {
        if (isFluxInstallUrl(entry)) return !isBaseGone(file, entry);
        const path = join(dir, entry);
        return !gone.has(path) && !builds.has(path) && !isLink(file.path, entry);
      });
      if (left.length === entries.length) continue;
      const idle = left.map((entry) => idleFilesOf(tree, join(dir, entry)));
      const yields = idle.some((files) => files.length === 0 || files.some((path) => pinned.has(dirname(path))));
      const unused = values.items.filter(({ kustomization, field }) => {
        return kustomization === file.path && GENERATORS.includes(field);
      });
      const generates = listed(file, GENERATORS).length > unused.length && !unbuilt.has(dir);
      const staysBuilt = yields || generates || pinned.has(dir);
      if (staysBuilt || hidesFiles(context, file, new Set([...gone, ...idle.flat()]), keys)) {
        trimmed.add(file.path);
        if (!staysBuilt) emptied.add(file.path);
        continue;
      }
      const ends = new Set([file.path, ...idle.flat()]);
      for (const path of idle.flat().filter((one) => isWithin(one, dir) && !isListed(tree, dirname(one), ends))) {
        gone.add(path);
        builds.add(dirname(path));
      }
      for (const body of unusedBodies(tree, bodyFilesOf(tree, file.path), new Set([...gone, file.path])))
        gone.add(body);
      gone.add(file.path);
      builds.add(dir);
      trimmed.delete(file.path);
      findListing([dir]);
      changed = true;
    }
  }
  for (const { kustomization } of values.items) if (!gone.has(kustomization)) trimmed.add(kustomization);
  const basesLost = (path: string) =>
    reach(tree, dirname(path)).remotes.flatMap(({ at, url }) => {
      const own = trimmed.has(at.file) || gone.has(at.file) ? kustomizationOf(tree, dirname(at.file)) : undefined;
      return own !== undefined && isBaseGone(own, url) ? [url] : [];
    });
  const onTheWay = [...new Set(["patches", ...STALE_FIELDS].flatMap((word) => tree.grep(word)))]
    .filter((path) => isKustomizationFile(path) && !gone.has(path))
    .filter((path) => basesLost(path).length > 0 || isOnTheWay(path))
    .filter(leavesForAll);
  const patching = new Set([...trimmed, ...onTheWay]);
  const mixed = findMixedComponents(tree, naming, components, (path) => goneIn(path, keys));
  const idlePatches = [
    ...[...patching].flatMap((path) => findStalePatches(tree, path, keys, basesLost(path))),
    ...mixed.flatMap(({ path, builds }) => findStalePatches(tree, path, keys, [], builds)),
  ];
  const stale = idlePatches.filter(({ docs }) => docs === undefined);
  const staleEntries = [
    ...[...patching].flatMap((path) => findStaleEntries(tree, path, keys)),
    ...mixed.flatMap(({ path, builds }) => findStaleEntries(tree, path, keys, builds)),
  ];
  for (const { kustomization } of [...stale, ...staleEntries]) trimmed.add(kustomization);
  const bodies = stale.flatMap(({ file }) => file ?? []);
  for (const body of unusedBodies(tree, bodies, gone, stale)) gone.add(body);
  for (const path of [...gone]) if (tree.has(path + LICENSE)) gone.add(path + LICENSE);
  return {
    documents,
    files: [...gone].sort(),
    folders: foldersLeftEmpty(tree, gone),
    builds: [...builds].sort(),
    trimmed: [...trimmed].sort(),
    emptied: [...emptied].sort(),
    stale,
    entries: staleEntries,
    cut: cutBodies(tree, idlePatches),
    values,
    links,
    findings,
  };
}

/**
 * Tells of any kustomization whether nobody reads it but this cluster, and those that lose the same install in the same
 * commit: what it patches is patched for all who build it, also where they come from a cluster or a test elsewhere.
 * `goneIn` tells which documents go from its build, be it another cluster's; undefined where others build it as well.
 */
function readByNoOther(context: TransformContext, { kept, overlays }: Leaving) {
  const { tree, model, cluster, agreed, phase } = context;
  const readersOf = findReaders(tree, model);
  const inOverlays = new Set(builtFor(tree, overlays));
  const isMine = (one: Cluster) => one.name === cluster.name;
  const knownReaders = (path: string): Cluster[] => {
    const { clusters, isForeign } = readersOf(path);
    return isForeign || inOverlays.has(path) ? [] : clusters;
  };
  const leavesForAll = (path: string): boolean => {
    const readers = knownReaders(path);
    const leavesWith = (one: Cluster) => agreed.takesPart(one) && (kept.length === 0 || leavesToo(context, one));
    return readers.length > 0 && readers.every((one) => isMine(one) || leavesWith(one));
  };
  const goneIn = (path: string, own: ReadonlySet<string>): ReadonlySet<string> | undefined => {
    const readers = knownReaders(path);
    if (readers.length === 0) return undefined;
    if (!readers.every((one) => isMine(one) || leavesToo(context, one))) return new Set();
    const theirs =
      phase === "cutover" ? readers.filter((one) => !isMine(one)).flatMap(({ install }) => install ?? []) : [];
    return new Set([...own, ...theirs.flatMap(({ objects }) => objects).map(keyOf)]);
  };
  return { leavesForAll, goneIn };
}

/**
 * Folders anywhere in the tree whose kustomization may list what goes; listed there still, it would fail their build
 * (trap 41). Another cluster's too: what it still needs does not go.
 */
function foldersListing(tree: Tree, gone: Iterable<string>): string[] {
  const words = [...new Set([...gone].flatMap((path) => path.split("/")))];
  const mayList = (path: string) => {
    const text = tree.read(path) ?? "";
    return words.some((word) => text.includes(word));
  };
  return tree.paths.filter((path) => isKustomizationFile(path) && mayList(path)).map(dirname);
}

/**
 * Whether a folder is walked as soon as its kustomization is gone, and still holds YAML that would then be applied: what
 * an owner left unlisted or commented out must stay undelivered (flux-facts 2.8 item 4). Also by the FluxKustomization of the
 * folder that goes in the same merge: until its parent prunes it, it builds what is there, and its finalizer deletes that.
 */
function hidesFiles(
  { tree, model, phase }: TransformContext,
  own: KustomizationFile,
  gone: ReadonlySet<string>,
  going: ReadonlySet<string>,
): boolean {
  const { dir } = own;
  const known = new Set([...gone, own.path, ...bodyFilesOf(tree, own.path)]);
  if (!tree.paths.some((path) => isWithin(path, dir) && /\.ya?ml$/.test(path) && !known.has(path))) return false;
  return model.clusters.some(({ local, artifactRoot }) =>
    local.some((item) => {
      const path = repositoryPath(readableSpec(item), artifactRoot);
      if (path === dir) return phase === "cutover" && going.has(keyOf(item.object));
      return path !== undefined && isWalked(tree, path, dir);
    }),
  );
}

/** Whether the build of `top` would find `dir` by walking: no folder from there down has a kustomization. */
function isWalked(tree: Tree, top: string, dir: string): boolean {
  const between = [...foldersAbove(dir), ""].filter((up) => isWithin(up, top));
  return isWithin(dir, top) && !between.some((up) => findKustomization(tree, up));
}

function filesLeftEmpty(tree: Tree, documents: readonly KubeObject[]): string[] {
  const byFile = [...groupBy(documents, ({ file }) => file)];
  const isEmptied = ([file, objects]: [string, KubeObject[]]) => {
    const removed = new Set(objects.map(({ doc }) => doc));
    // Every document of an install file is known by then; parsing a megabyte of CRDs to see that would tell nothing new.
    if (tree.read(file)?.includes("kind: CustomResourceDefinition")) {
      return readLazily(tree, file).every(({ doc }) => removed.has(doc));
    }
    const read = readDocs(tree, file);
    return read.ok && read.docs.every(({ index, data }) => removed.has(index) || data === undefined);
  };
  return byFile.filter(isEmptied).map(([file]) => file);
}

/** Folders whose FluxKustomization goes because it only delivered the old install: their generators feed nothing else. */
function unbuiltFolders({ cluster }: TransformContext, documents: readonly KubeObject[]): Set<string> {
  if (cluster.install?.style !== "community-chart") return new Set();
  const going = documents.filter(isFluxKustomization);
  return new Set(going.flatMap(({ data }) => repositoryPath(data.spec, cluster.artifactRoot) ?? []));
}

/**
 * Folders a FluxKustomization or the FluxInstance builds: taking their kustomization away would stall it (trap 42), or have
 * a hub that builds one for another cluster walk it, and apply what lies below.
 */
function builtFolders({ cluster, model }: TransformContext, documents: readonly KubeObject[]): Set<string> {
  const going = new Set(documents.map(keyOf));
  if (cluster.rootFrom === "manifest" && sourceNamesOf(cluster)) going.add(keyOf(cluster.root));
  const stays = ({ object }: DeliveredFluxObject) => !going.has(keyOf(object));
  const inCluster: unknown[] = [
    ...cluster.local.filter(stays).map((item) => readableSpec(item)?.path),
    ...cluster.instances.map(({ spec }) => spec.sync?.path),
  ];
  const folders = (paths: readonly unknown[], { artifactRoot }: Cluster) =>
    paths
      .filter((path) => typeof path === "string")
      .filter((path) => !path.includes("${"))
      .map((path) => join(artifactRoot, path));
  const throughKubeconfig = model.clusters.flatMap((hub) =>
    folders(
      hub.remotes
        .map(({ by }) => by)
        .filter(stays)
        .map((by) => readableSpec(by)?.path),
      hub,
    ),
  );
  return new Set([...folders(inCluster, cluster), ...throughKubeconfig]);
}

function foldersLeftEmpty(tree: Tree, gone: ReadonlySet<string>): string[] {
  const kept = indexPaths(tree.paths.filter((path) => !gone.has(path)));
  const empty = new Set([...gone].flatMap(foldersAbove).filter((dir) => !kept.isDir(dir)));
  return [...empty].filter((dir) => !empty.has(dirname(dir))).sort();
}
