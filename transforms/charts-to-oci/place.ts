import { readObjects } from "../../src/cluster/objects.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { itemsOf, type KubeObject } from "../../src/contract/objects.ts";
import { findKustomization, isKustomizationFile, loadKustomization } from "../../src/delivery/kustomize/index.ts";
import { basename, dirname, join } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import { chartSources, electInside, holds, learnFileNames, sampleFlux } from "../shared/apps/learn-files.ts";

/** Where the owner keeps the OCIRepositories of charts. */
export interface ChartHabit {
  /** In the file of the release, as a document of its own. */
  sameFile: boolean;
  /** Name of a separate file, without extension. */
  file: string;
}

/** As new apps have it, one example being enough; where there is none, from where HelmRepositories stand. */
export function learnHabit(tree: Tree, cluster: Cluster): ChartHabit {
  const samples = sampleFlux(tree, cluster, dirname(cluster.root.file));
  const file = learnFileNames(samples).source ?? "ocirepository";
  const inside = electInside(chartSources(samples));
  if (inside) return { sameFile: inside.value, file };
  const repositories = samples.filter(holds("HelmRepository"));
  return { sameFile: repositories.filter(holds("HelmRelease")).length * 2 > repositories.length, file };
}

/** Kustomizations that list a file, each with the entry that does. */
export interface Listing {
  dir: string;
  path: string;
  index: number;
  entry: string;
}

/** Every kustomization of the repository that lists a file as a resource. */
export function listingsOf(tree: Tree, file: string): Listing[] {
  return tree
    .grep(basename(file))
    .filter(isKustomizationFile)
    .flatMap((path) => {
      const dir = dirname(path);
      const loaded = loadKustomization(tree, path);
      return itemsOf(loaded.ok && loaded.file.data.resources).flatMap((entry, index) =>
        typeof entry === "string" && join(dir, entry) === file ? [{ dir, path, index, entry }] : [],
      );
    });
}

/**
 * A path for the new file beside the one it belongs to, so that whatever delivers that one delivers both. Undefined when it
 * has to become a document of that very file: the folder has a kustomization that lists the file under no name of its own.
 */
export function chooseFile(tree: Tree, beside: KubeObject, name: string, habit: ChartHabit): string | undefined {
  if (habit.sameFile) return undefined;
  const dir = dirname(beside.file);
  const isListed = listingsOf(tree, beside.file).length > 0;
  if (!isListed && findKustomization(tree, dir) !== undefined) return undefined;
  const extension = beside.file.endsWith(".yml") ? ".yml" : ".yaml";
  const neighbours = tree.entries(dir).filter((entry) => /\.ya?ml$/.test(entry));
  const shared = neighbours
    .flatMap((entry) => readObjects(tree, join(dir, entry)).objects)
    .filter(({ kind }) => kind === beside.kind).length;
  const plain = join(dir, `${habit.file}${extension}`);
  if (shared <= 1 && !tree.has(plain) && beside.kind === "HelmRelease") return plain;
  const named = join(dir, `${name}-${habit.file}${extension}`);
  return tree.has(named) ? undefined : named;
}
