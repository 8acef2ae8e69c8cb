import { countEach, getOrMake, groupBy } from "../contract/group-by.ts";
import type { KubeObject } from "../contract/objects.ts";
import { repositoryPath } from "./graph.ts";
import { generatedSource } from "./instances.ts";
import type { InstanceDescription } from "./types.ts";

interface Syncs {
  /** How many instances generate a source of a name. */
  counts: Map<string, number>;
  /** By the prefix of paths in the artifact: instances by the folder that they sync. */
  folders: Map<string, Map<string, InstanceDescription[]>>;
}

/** Every cluster asks, and there may be an instance for each. */
const known = new WeakMap<readonly InstanceDescription[], Syncs>();

/**
 * Sources that the instances which sync a folder generate, and of their names (`Kind/name`) those that no other instance
 * generates too.
 */
export function syncsOf(
  instances: readonly InstanceDescription[],
  path: string | undefined,
  artifactRoot: string,
): { synced: KubeObject[]; names: Set<string>; generated: Set<string> } {
  const { counts, folders } = getOrMake(known, instances, () => ({
    counts: countNames(instances.map(generatedSource)),
    folders: new Map(),
  }));
  const byFolder = getOrMake(folders, artifactRoot, () => indexFolders(instances, artifactRoot));
  const synced = (byFolder.get(folderKey(path)) ?? []).map(generatedSource);
  const mine = countNames(synced);
  const names = new Set(mine.keys());
  return { synced, names, generated: new Set([...names].filter((name) => counts.get(name) === mine.get(name))) };
}

function indexFolders(instances: readonly InstanceDescription[], artifactRoot: string) {
  const syncing = instances.filter(({ spec }) => typeof spec.sync?.path === "string");
  return groupBy(syncing, ({ spec }) => folderKey(repositoryPath(spec.sync, artifactRoot)));
}

/** A path with a variable is that of no folder that is known. */
const folderKey = (path: string | undefined): string => (path === undefined ? "" : `/${path}`);

function countNames(sources: readonly KubeObject[]): Map<string, number> {
  return countEach(sources.map(({ kind, name }) => `${kind}/${name}`));
}
