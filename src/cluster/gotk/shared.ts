import { readable } from "../../contract/answer.ts";
import { lineOf } from "../../contract/errors.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import { itemsOf } from "../../contract/objects.ts";
import { describe, isFluxInstallUrl } from "../../delivery/kinds.ts";
import { findKustomization, isKustomizationFile, loadKustomization, reach } from "../../delivery/kustomize/index.ts";
import { dirname, join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { readsFile } from "../graph.ts";
import { bringsRoot } from "../territory.ts";
import type { Cluster, Install, RepoModel } from "../types.ts";

/** A cluster, and the tree and model it is looked at in. */
export interface ClusterOnTree {
  tree: Tree;
  model: Pick<RepoModel, "clusters">;
  cluster: Cluster;
}

/** Who else builds from the files of an install. */
export interface OtherUsers {
  clusters: string[];
  /** Kustomization files that no recognised cluster delivers: test overlays, or clusters whose sync is kept elsewhere. */
  overlays: string[];
  /** FluxKustomizations that apply it to a cluster that has no root here, so that its Flux comes from nowhere else. */
  remotes: string[];
}

/** Whether anybody does. */
export const hasOthers = ({ clusters, overlays, remotes }: OtherUsers) =>
  clusters.length + overlays.length + remotes.length > 0;

/** Entries through which this cluster alone reaches a shared install: `path` of the kustomization and the entry. */
export interface Link {
  kustomization: string;
  entry: string;
}

/** Whether any other cluster or overlay needs the files of an install, in the tree as it is now (traps 41 and 47). */
export function findOtherUsers({ tree, model, cluster }: ClusterOnTree, files: readonly string[]): OtherUsers {
  const clusters = model.clusters
    .filter((other) => other.name !== cluster.name && buildsFrom(tree, other, files))
    .map(({ name }) => name);
  const remotes = remoteUsers(model, files);
  const delivered = filesApplied(tree, model.clusters, remotes);
  // The one beside the files is bootstrap's own, delivered or not: it is trimmed, or goes with them.
  const isOwn = (path: string) => files.some((file) => dirname(file) === dirname(path));
  const overlays = kustomizationsNaming(tree, files).filter((path) => !delivered.has(path) && !isOwn(path));
  return { clusters, overlays, remotes: remotes.map(({ by }) => describe(by.object)) };
}

/** Whether a cluster delivers one of the files, or has it applied with its root, in the tree as it is now. */
export function buildsFrom(tree: Tree, cluster: Cluster, files: readonly string[]): boolean {
  // Only those that read this repository: `path: ./` of another source is no folder of it.
  const isBuilt = cluster.local.some(({ effective }) =>
    files.some((file) => readsFile(tree, readable(effective).spec, cluster.artifactRoot, file)),
  );
  return isBuilt || filesBeside(tree, cluster).some((file) => files.includes(file));
}

/** What is applied by hand with the root of a cluster: bootstrap builds that folder, whether or not the root delivers it. */
function filesBeside(tree: Tree, { root, rootFrom, appliedIn }: Cluster): string[] {
  const dir = appliedIn ?? dirname(root.file);
  if (rootFrom !== "manifest" || !findKustomization(tree, dir)) return [];
  const { resources, lists } = reach(tree, dir);
  return [...resources, ...lists];
}

/** What roots deliver, what was applied by hand with them, and what goes through a kubeconfig. */
function filesApplied(tree: Tree, clusters: readonly Cluster[], remotes: Cluster["remotes"] = []): Set<string> {
  const own = clusters.flatMap((cluster) => [...cluster.files, ...filesBeside(tree, cluster)]);
  return new Set([...own, ...remotes.flatMap(({ files }) => [...files])]);
}

/** The kustomizations that overlays build from. */
export function builtFor(tree: Tree, overlays: readonly string[]): string[] {
  return [...new Set(overlays.flatMap((overlay) => reach(tree, dirname(overlay)).lists))];
}

/** Who reads a file: clusters that are known here, and whether it goes to one besides, which has no root here. */
export interface Readers {
  clusters: Cluster[];
  isForeign: boolean;
}

/**
 * Tells of any file who reads it: what its root delivers, what is applied by hand with that root, and what a hub applies
 * through a kubeconfig.
 */
export function findReaders(tree: Tree, { clusters }: Pick<RepoModel, "clusters">): (path: string) => Readers {
  const more = new Map<string, Set<Cluster>>();
  const foreign = new Set<string>();
  const note = (path: string, reader: Cluster) => more.set(path, (more.get(path) ?? new Set()).add(reader));
  for (const cluster of clusters) for (const path of filesBeside(tree, cluster)) note(path, cluster);
  for (const { files } of clusters.flatMap(({ remotes }) => remotes)) {
    const fed = clusters.filter(({ root }) => files.has(root.file));
    for (const path of files) {
      for (const cluster of fed) note(path, cluster);
      if (fed.length === 0) foreign.add(path);
    }
  }
  return (path) => ({
    clusters: clusters.filter((one) => one.files.has(path) || more.get(path)?.has(one)),
    isForeign: foreign.has(path),
  });
}

/** One that brings the root of a recognised cluster is that cluster's own install, and leaves with it. */
function remoteUsers({ clusters }: Pick<RepoModel, "clusters">, files: readonly string[]) {
  return clusters
    .flatMap(({ remotes }) => remotes)
    .filter((remote) => files.some((file) => remote.files.has(file)) && !bringsRoot(remote, clusters));
}

/** Kustomization files that list one of the files, or a folder whose build reads it; at any distance. */
function kustomizationsNaming(tree: Tree, files: readonly string[]): string[] {
  return tree.paths.filter(
    (path) =>
      isKustomizationFile(path) &&
      entriesOf(tree, path).some((entry) => leadsTo(tree, join(dirname(path), entry), files)),
  );
}

/** Kustomizations of other folders that build from a file. */
export function listBuilders(tree: Tree, file: string): string[] {
  return kustomizationsNaming(tree, [file]).filter((path) => dirname(path) !== dirname(file));
}

function leadsTo(tree: Tree, path: string, files: readonly string[]): boolean {
  if (files.includes(path)) return true;
  if (!tree.isDir(path) || !findKustomization(tree, path)) return false;
  const { resources, lists } = reach(tree, path);
  return [...resources, ...lists].some((file) => files.includes(file));
}

/** Whether an entry brings nothing but an install, whose files or whose kustomization of a release are named. */
function isPure(tree: Tree, path: string, files: readonly string[]): boolean {
  if (files.includes(path)) return true;
  const { resources, remotes } = reach(tree, path);
  return resources.every((file) => files.includes(file)) && remotes.every(({ url }) => isFluxInstallUrl(url));
}

function entriesOf(tree: Tree, path: string): string[] {
  const loaded = loadKustomization(tree, path);
  return loaded.ok ? ["resources", "bases"].flatMap((field) => itemsOf(loaded.file.data[field]).map(String)) : [];
}

/**
 * The entries to take out so that this cluster no longer builds a shared install and nobody else notices; undefined when
 * the cluster has none of its own, or an entry brings more than the install.
 */
export function findLinks(context: ClusterOnTree, files: readonly string[], others: OtherUsers): Link[] | undefined {
  const { tree, model, cluster } = context;
  const clusters = model.clusters.filter(({ name }) => others.clusters.includes(name));
  const shared = new Set([
    ...filesApplied(tree, clusters, remoteUsers(model, files)),
    ...builtFor(tree, others.overlays),
  ]);
  const mine = filesApplied(tree, [cluster]);
  const own = kustomizationsNaming(tree, files).filter((path) => mine.has(path) && !shared.has(path));
  const links: Link[] = [];
  for (const kustomization of own) {
    for (const entry of entriesOf(tree, kustomization)) {
      const path = join(dirname(kustomization), entry);
      if (!leadsTo(tree, path, files)) continue;
      const goesOn = own.some((other) => other !== kustomization && tree.isDir(path) && dirname(other) === path);
      if (goesOn) continue;
      if (!isPure(tree, path, files)) return undefined;
      links.push({ kustomization, entry });
    }
  }
  return links.length > 0 ? links : undefined;
}

/** Says that the install stays for others, or that it cannot be taken from this cluster alone. */
export function reportShared(
  { at, style }: Install,
  others: OtherUsers,
  links: readonly Link[] | undefined,
): DraftFinding {
  const isObject = style !== "gotk" && style !== "remote-install";
  const facts = { file: at.file, ...others, ...(isObject ? { isObject } : {}) };
  return links
    ? { rule: "gotk-base-shared", level: "caution", at, facts }
    : { rule: "gotk-base-inseparable", level: "blocker", at, facts };
}

/**
 * Overlays that nobody delivers build something else once the install goes, because the file cannot stay in a folder that is
 * walked. One that names only folders of which more stays goes on building, without the install.
 * @param files what goes
 */
export function overlayBreaks(
  { tree, cluster }: ClusterOnTree,
  { at: { file } }: Install,
  overlays: readonly string[],
  files: readonly string[],
): DraftFinding {
  const { root, source } = cluster;
  const going = [...files, root.file, ...(source ? [source.file] : [])];
  const isGone = (path: string) => leadsTo(tree, path, files) && isPure(tree, path, going);
  const broken = overlays.filter((path) => entriesOf(tree, path).some((entry) => isGone(join(dirname(path), entry))));
  const facts = broken.length > 0 ? { overlays: broken, file } : { overlays, file, isBuilt: true as const };
  return { rule: "gotk-overlay-breaks", level: "caution", at: lineOf(facts.overlays[0]!), facts };
}
