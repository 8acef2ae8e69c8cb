import { readObjects } from "../../src/cluster/objects.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import { itemsOf, type KubeObject } from "../../src/contract/objects.ts";
import { findKustomization, isKustomizationFile, loadKustomization } from "../../src/delivery/kustomize/index.ts";
import { basename, dirname, join } from "../../src/delivery/paths.ts";
import type { Tree } from "../../src/files/tree.ts";
import { genericFileName, majority } from "../shared/apps/conventions.ts";

/** Where the owner keeps the OCIRepositories of charts. */
export interface ChartHabit {
  /** In the file of the release, as a document of its own. */
  sameFile: boolean;
  /** Name of a separate file, without extension. */
  file: string;
}

/** Learns from the charts that come from OCIRepositories already; else from where HelmRepositories stand. */
export function learnHabit(cluster: Cluster): ChartHabit {
  const files = (kind: string) =>
    new Set(cluster.objects.filter(({ object }) => object.kind === kind).map(({ object }) => object.file));
  const releases = files("HelmRelease");
  const folders = new Set([...releases].map(dirname));
  const sources = cluster.objects.filter(
    ({ object }) => object.kind === "OCIRepository" && object.data?.spec?.layerSelector !== undefined,
  );
  const names = sources.flatMap(({ object }) => {
    if (releases.has(object.file) || !folders.has(dirname(object.file))) return [];
    return genericFileName(object.file, object.name)?.replace(/\.ya?ml$/, "") ?? [];
  });
  const own = sources.filter(({ object }) => releases.has(object.file)).length;
  const repositories = cluster.objects.filter(({ object }) => object.kind === "HelmRepository");
  const beside = repositories.filter(({ object }) => releases.has(object.file)).length;
  return {
    sameFile: own === 0 && names.length === 0 ? beside * 2 > repositories.length : own > names.length,
    file: majority(names) ?? "ocirepository",
  };
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
      const loaded = loadKustomization(tree, path, true);
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
