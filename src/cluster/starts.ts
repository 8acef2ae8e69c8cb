import { repositoryIdentity } from "../contract/address.ts";
import { groupBy } from "../contract/group-by.ts";
import { type KubeObject, readableSpec } from "../contract/objects.ts";
import type { Options } from "../contract/options.ts";
import { isSyncSource } from "../delivery/kinds.ts";
import { dirname, isWithin, sharedSegments } from "../delivery/paths.ts";
import { findArtifactRoot } from "./artifact-root.ts";
import { assemble, type Surroundings } from "./assemble.ts";
import { isArchived, isSample } from "./automation-files.ts";
import type { Root } from "./choose-root.ts";
import { filesOf, keyOf, ownOf, repositoryPath } from "./graph.ts";
import { generatedNames, generatedRoot, generatedSource } from "./instances.ts";
import { findRoots } from "./roots.ts";
import { printRef, resolveSource, sourceRefOf } from "./sources.ts";
import type { Cluster, InstanceDescription } from "./types.ts";

export interface StartSearch {
  /** Clone URLs of the git remotes. */
  remotes: readonly string[];
  /** The branch that is checked out, where that is known. */
  branch?: string | undefined;
  options: Pick<Options, "artifactPath" | "layout" | "perCluster">;
}

/**
 * The clusters of a tree, found from its roots and its FluxInstances. A root that only bootstrap applies may just as well
 * be an archived copy or a template: the one nearest to the folder it builds counts, and one that lies in another part of
 * the tree, or is an example by its name, yields to a FluxInstance that does not replace it; so does one that nothing below
 * its folder reads from any more. Of two that differ in the branch they read, the one of the branch checked out is meant.
 */
export function findClusters(around: Surroundings, { remotes, branch, options }: StartSearch): Cluster[] {
  const { tree, objects, instances } = around;
  const artifactRoot = (source: KubeObject) => findArtifactRoot(tree, source, options.artifactPath)?.value ?? "";
  const clusters: Cluster[] = [];
  const isCovered = (file: string) => clusters.some(({ files }) => files.has(file));
  const add = ({ source, root, rivals, peers }: Root) => {
    const start = { source, root, rivals, peers, rootFrom: "manifest" as const, artifactRoot: artifactRoot(source) };
    clusters.push(assemble(around, start));
  };
  const builtOf = ({ source, root }: Root) => {
    const prefix = artifactRoot(source);
    return ownOf(filesOf(tree, root.data.spec, prefix), repositoryPath(root.data.spec, prefix));
  };
  const addUncovered = (found: Root) => {
    if (!builtOf(found).some(isCovered)) add(found);
  };
  const ofInstance = new Map<InstanceDescription, Cluster>();
  const assembleInstance = (instance: InstanceDescription) => {
    const known =
      ofInstance.get(instance) ?? assemble(around, startOf(instance, artifactRoot(generatedSource(instance))));
    ofInstance.set(instance, known);
    return known;
  };
  /** Whether what an instance has generated delivers that instance. */
  const isDelivered = (instance: InstanceDescription) => assembleInstance(instance).manifests.has(instance.object.file);
  const isChild = (root: Root, instance: InstanceDescription) =>
    readsGenerated(root, instance) && assembleInstance(instance).files.has(root.root.file);
  const roots = findRoots({ tree, objects, artifactRoot, remotes, instances }).filter(
    (root) => !instances.some((instance) => isChild(root, instance)),
  );
  /** Whether what an instance starts from the same folder reads what that one generates, and nothing reads the root's source. */
  const hasLeft = (found: Root, instance: InstanceDescription) => {
    if (!syncsElsewhere(found, instance, artifactRoot)) return false;
    const { local } = assembleInstance(instance);
    const [, ...read] = local.map((object) => sourceRefOf(readableSpec(object), object.namespace));
    const names = (source: KubeObject) => read.some((ref) => ref?.kind === source.kind && ref.name === source.name);
    return isDelivered(instance) && names(generatedSource(instance)) && !names(found.source);
  };
  /** Whether the root that the operator makes builds all of it: a second run of bootstrap, in the folder of the first, leaves that. */
  const isBelow = (found: Root, instance: InstanceDescription) => {
    if (typeof instance.spec.sync?.path !== "string" || buildsTheSame(found, instance, artifactRoot)) return false;
    const { files } = assembleInstance(instance);
    return isDelivered(instance) && builtOf(found).every((file) => files.has(file));
  };
  const nearness = ({ root, source }: Root) => sharedFolders(root, artifactRoot(source));
  const byHand = roots.filter(({ deliversItself }) => !deliversItself);
  const applied = withoutOtherBranches(byHand, branch).sort((a, b) => nearness(b) - nearness(a));
  for (const found of roots.filter(({ deliversItself }) => deliversItself)) add(found);
  /** A copy that is kept of what an instance replaces, and no start that it has yet to replace. */
  const isKept = (found: Root, instance: InstanceDescription) =>
    isShown(found.root.file) && buildsTheSame(found, instance, artifactRoot) && isDelivered(instance);
  const counts = (root: Root) =>
    !EXAMPLE.test(root.root.file) &&
    !instances.some((one) => isKept(root, one) || hasLeft(root, one) || isBelow(root, one)) &&
    (nearness(root) > 0 || instances.some((instance) => isReplaced(root, instance, artifactRoot)));
  for (const found of applied.filter(counts)) addUncovered(found);
  const syncing = instances.filter(({ spec }) => typeof spec.sync?.path === "string");
  for (const instance of syncing) {
    if (isTaken(instance, clusters)) continue;
    const cluster = assembleInstance(instance);
    if (isDelivered(instance)) clusters.push(cluster);
  }
  dropBases(clusters);
  for (const instance of syncing) {
    const { file } = instance.object;
    if (isCovered(file) || isArchived(file) || clusters.some(({ elsewhere }) => elsewhere.has(file))) continue;
    const cluster = assembleInstance(instance);
    const isHere = isReadBySome(cluster, around) || syncsOneOf(remotes, instance, cluster);
    if (isHere && ![...cluster.files].some(isCovered)) clusters.push(cluster);
  }
  for (const found of applied.filter((root) => !counts(root))) addUncovered(found);
  return dropNested(clusters);
}

/** Whether an instance is that of a cluster already; one manifest may be that of several, one for each folder. */
function isTaken({ object, spec, filled }: InstanceDescription, clusters: readonly Cluster[]): boolean {
  if (!filled) return clusters.some(({ manifests }) => manifests.has(object.file));
  return clusters.some(
    ({ root, artifactRoot }) =>
      repositoryPath(root.data.spec, artifactRoot) === repositoryPath(spec.sync, artifactRoot),
  );
}

/** A folder that fits the path of a shared instance as well, and from which another such cluster builds, is a base. */
function dropBases(clusters: Cluster[]): void {
  const filled = clusters.flatMap((cluster) => {
    const folder = cluster.instances[0]?.filled?.folder;
    return folder === undefined ? [] : [{ cluster, folder }];
  });
  const uses = (user: Cluster, folder: string) => [...user.files].some((file) => isWithin(file, folder));
  for (const { cluster: base, folder } of filled) {
    const users = filled.filter(({ cluster }) => cluster !== base && uses(cluster, folder));
    if (users.some((user) => !uses(base, user.folder))) clusters.splice(clusters.indexOf(base), 1);
  }
}

/**
 * Whether FluxKustomizations in the folder that an instance syncs read the source that it generates, and that nothing
 * declares. Then it is the cluster's, though nothing in Git delivers it: it was installed from here by hand.
 */
function isReadBySome({ local, root }: Cluster, { objects }: Surroundings): boolean {
  const ref = sourceRefOf(root.data.spec, root.namespace);
  return local.length > 1 && ref !== undefined && !resolveSource(ref, root.file, objects.filter(isSyncSource));
}

/** Whether an instance syncs this very repository, by the URL of a git remote, and a folder with something in it. */
function syncsOneOf(remotes: readonly string[], { spec }: InstanceDescription, { files }: Cluster): boolean {
  const url = repositoryIdentity(String(spec.sync?.url ?? ""));
  return files.size > 0 && remotes.some((remote) => repositoryIdentity(remote) === url);
}

/** A cluster that only a FluxInstance describes: already migrated, with no root manifest in Git. */
export function startOf(instance: InstanceDescription, artifactRoot: string) {
  return { root: generatedRoot(instance), rootFrom: "instance" as const, artifactRoot, rivals: [], peers: [] };
}

/** Without manifests of the same root that read another branch, where one reads the branch that is checked out. */
function withoutOtherBranches(roots: readonly Root[], branch: string | undefined): Root[] {
  const rootOf = ({ root }: Root) => `${root.namespace}/${root.name} ${repositoryPath(root.data.spec, "")}`;
  const isRead = ({ source }: Root) => printRef(source.kind, source.data.spec?.ref) === `branch ${branch}`;
  return [...groupBy(roots, rootOf).values()].flatMap((all) => (all.some(isRead) ? all.filter(isRead) : all));
}

/** Folders that the manifest of a root and what it builds have in common; the top of the repository is near to all. */
function sharedFolders(root: KubeObject, artifactRoot: string): number {
  const dir = dirname(root.file);
  return dir === "" ? 1 : sharedSegments(dir, repositoryPath(root.data.spec, artifactRoot) ?? "");
}

/**
 * A child that reads the source the operator generates is no root, even where the source is declared in Git as well, as it
 * is while a cluster moves to OCI; the root bears the name of the sync. What builds the very folder of the sync is no child:
 * it is the old root, whose source had the name that the operator gives by itself.
 */
function readsGenerated({ source, root }: Root, instance: InstanceDescription): boolean {
  const { sync } = instance.spec;
  const made = generatedNames(instance);
  if (typeof sync?.path !== "string" || source.kind !== sync.kind || source.name !== made.source) return false;
  return root.name !== made.root && repositoryPath(root.data.spec, "") !== repositoryPath(sync, "");
}

/** `gotk-sync.ssh.example.yaml`, `gotk-sync-old.yaml`: kept beside the manifest that is applied, which is another one. */
const EXAMPLE = /(?:\.(?:example|sample|template|tmpl)|[._-](?:old|bak|orig))\.ya?ml$/i;

/** Whether a file is kept to be read or copied, where another one may be the root. */
export function isShown(file: string): boolean {
  return EXAMPLE.test(file) || isArchived(file) || isSample(file);
}

/** What builds the very folder that an instance syncs, as it is on the same branch, is what that instance replaces. */
function isReplaced(found: Root, instance: InstanceDescription, artifactRoot: (source: KubeObject) => string): boolean {
  if (isShown(found.root.file) || !areReadAlike(found.source, generatedSource(instance))) return false;
  return buildsTheSame(found, instance, artifactRoot);
}

/** Whether an instance syncs the folder of a root that lies outside of it, from another source: an artifact, say. */
function syncsElsewhere(found: Root, instance: InstanceDescription, artifactRoot: (source: KubeObject) => string) {
  if (typeof instance.spec.sync?.path !== "string" || !buildsTheSame(found, instance, artifactRoot)) return false;
  const folder = repositoryPath(found.root.data.spec, artifactRoot(found.source)) ?? "";
  return !isWithin(found.root.file, folder) && !areReadAlike(found.source, generatedSource(instance));
}

/** Whether two sources read the same commits. */
export function areReadAlike(a: KubeObject, b: KubeObject): boolean {
  const [one, other] = [a, b].map(
    ({ kind, data }) => `${repositoryIdentity(String(data.spec?.url ?? ""))} ${printRef(kind, data.spec?.ref)}`,
  );
  return one === other;
}

function buildsTheSame(
  { root, source }: Root,
  instance: InstanceDescription,
  artifactRoot: (source: KubeObject) => string,
): boolean {
  const folder = repositoryPath(root.data.spec, artifactRoot(source));
  return folder === repositoryPath(instance.spec.sync, artifactRoot(generatedSource(instance)));
}

/** A root whose manifest another cluster delivers as one of its children is part of that cluster. */
function dropNested(clusters: readonly Cluster[]): Cluster[] {
  return clusters.filter(
    (cluster) =>
      !clusters.some(
        (other) =>
          other !== cluster &&
          other.kustomizations.slice(1).some(({ object }) => keyOf(object) === keyOf(cluster.root)) &&
          !cluster.files.has(other.root.file),
      ),
  );
}
