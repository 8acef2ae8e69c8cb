import { isYamlPath } from "../../../src/cluster/objects.ts";
import { repositoryIdentity } from "../../../src/cluster/sources.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import type { YamlData } from "../../../src/contract/objects.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { apiVersionsFor } from "../../../src/release/releases.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import type { TransformContext } from "../../contract.ts";
import { gitNameOf } from "./sync.ts";
import type { SourceMove, Verdict } from "./template-text.ts";
import type { InstanceSync } from "./types.ts";
import { findSourceUses, type SourceUse } from "./uses.ts";

export interface FileUses {
  file: string;
  uses: SourceUse[];
}

/** References to the synced GitRepository in everything the cluster delivers, by file. */
export function findUses(
  { tree, cluster }: Pick<TransformContext, "tree" | "cluster">,
  move: SourceMove,
  verdicts: readonly Verdict[],
): FileUses[] {
  return candidateFiles(tree, move.name)
    .filter((file) => cluster.files.has(file))
    .flatMap((file) => {
      const uses = usesIn(tree, file, move).filter(({ verdict }) => verdicts.includes(verdict));
      return uses.length > 0 ? [{ file, uses }] : [];
    });
}

/** Files that name the source although nothing delivers them. */
export function findIdleFiles(tree: Tree, clusters: readonly Cluster[], move: SourceMove): string[] {
  return candidateFiles(tree, move.name)
    .filter((file) => !clusters.some((cluster) => cluster.files.has(file)))
    .filter((file) => usesIn(tree, file, move).length > 0);
}

function candidateFiles(tree: Tree, name: string): string[] {
  return tree.grep(name).filter((file) => isYamlPath(file) && /GitRepository|sourceRef/.test(tree.read(file) ?? ""));
}

function usesIn(tree: Tree, file: string, move: SourceMove): SourceUse[] {
  const parsed = readYamlCached(tree.read(file) ?? "");
  if (!parsed.ok) return [];
  return parsed.docs.flatMap(({ data, index }) => findSourceUses(data as YamlData, index, move));
}

/** What takes the place of the synced GitRepository. */
export function moveOf({ cluster }: Pick<TransformContext, "cluster">, sync: InstanceSync): SourceMove {
  return {
    name: sync.name,
    namespace: sync.namespace,
    apiVersion: apiVersionsFor(sync.version).ociRepository,
    gitName: findOtherGit(cluster, sync)?.name ?? gitNameOf(sync),
  };
}

/** A GitRepository of this same repository that the cluster has under another name already. */
export function findOtherGit(cluster: Cluster, sync: InstanceSync) {
  if (sync.kind !== "GitRepository") return undefined;
  const own = repositoryIdentity(sync.url);
  return cluster.objects.find(
    ({ object, namespace }) =>
      object.kind === "GitRepository" &&
      object.name !== sync.name &&
      (namespace === "" || namespace === sync.namespace) &&
      repositoryIdentity(String(object.data?.spec?.url ?? "")) === own,
  )?.object;
}
