import type { KubeObject } from "../contract/objects.ts";
import type { Options } from "../contract/options.ts";
import { dirname, sharedSegments } from "../delivery/paths.ts";
import { findArtifactRoot } from "./artifact-root.ts";
import { assemble, type Surroundings } from "./assemble.ts";
import { filesOf, keyOf, repositoryPath } from "./graph.ts";
import { generatedName, generatedRoot, generatedSource } from "./instances.ts";
import { findRoots, type Root } from "./roots.ts";
import type { Cluster, InstanceDescription } from "./types.ts";

export interface StartSearch {
  /** Clone URLs of the git remotes. */
  remotes: readonly string[];
  options: Pick<Options, "artifactPath" | "layout">;
}

/**
 * The clusters of a tree, found from its roots and its FluxInstances. A root that only bootstrap applies may just as well
 * be an archived copy or a template: the one nearest to the folder it builds counts, and one that lies in another part of
 * the tree yields to a FluxInstance.
 */
export function findClusters(around: Surroundings, { remotes, options }: StartSearch): Cluster[] {
  const { tree, objects, instances } = around;
  const artifactRoot = (source: KubeObject) => findArtifactRoot(tree, source, options.artifactPath)?.value ?? "";
  const clusters: Cluster[] = [];
  const isCovered = (file: string) => clusters.some(({ files }) => files.has(file));
  const add = ({ source, root, rivals, peers }: Root) => {
    const start = { source, root, rivals, peers, rootFrom: "manifest" as const, artifactRoot: artifactRoot(source) };
    clusters.push(assemble(around, start));
  };
  const addUncovered = (found: Root) => {
    if (!filesOf(tree, found.root.data?.spec, artifactRoot(found.source)).some(isCovered)) add(found);
  };
  const ofInstance = new Map<InstanceDescription, Cluster>();
  const assembleInstance = (instance: InstanceDescription) => {
    const known =
      ofInstance.get(instance) ?? assemble(around, startOf(instance, artifactRoot(generatedSource(instance))));
    ofInstance.set(instance, known);
    return known;
  };
  const isChild = (root: Root, instance: InstanceDescription) =>
    readsGenerated(root, instance) && assembleInstance(instance).files.has(root.root.file);
  const roots = findRoots({ tree, objects, artifactRoot, remotes, instances }).filter(
    (root) => !instances.some((instance) => isChild(root, instance)),
  );
  const applied = roots.filter(({ deliversItself }) => !deliversItself).sort((a, b) => nearness(b) - nearness(a));
  for (const found of roots.filter(({ deliversItself }) => deliversItself)) add(found);
  for (const found of applied.filter((root) => nearness(root) > 0)) addUncovered(found);
  for (const instance of instances) {
    if (typeof instance.spec?.sync?.path !== "string" || isCovered(instance.object.file)) continue;
    const cluster = assembleInstance(instance);
    if (cluster.files.has(instance.object.file)) clusters.push(cluster);
  }
  for (const found of applied.filter((root) => nearness(root) === 0)) addUncovered(found);
  return dropNested(clusters);
}

/** A cluster that only a FluxInstance describes: already migrated, with no root manifest in Git. */
export function startOf(instance: InstanceDescription, artifactRoot: string) {
  return { root: generatedRoot(instance), rootFrom: "instance" as const, artifactRoot, rivals: [], peers: [] };
}

/** Folders that the manifest of a root and what it builds have in common; the top of the repository is near to all. */
function nearness({ root }: Root): number {
  const dir = dirname(root.file);
  return dir === "" ? 1 : sharedSegments(dir, repositoryPath(root.data?.spec, "") ?? "");
}

/**
 * A child that reads the source the operator generates is no root, even where the source is declared in Git as well, as it
 * is while a cluster moves to OCI; the root bears the name of the sync.
 */
function readsGenerated({ source, root }: Root, instance: InstanceDescription): boolean {
  const { sync } = instance.spec ?? {};
  const name = generatedName(instance);
  return typeof sync?.path === "string" && source.kind === sync.kind && source.name === name && root.name !== name;
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
