import { barePath } from "../contract/cut.ts";
import type { Options } from "../contract/options.ts";
import { sharedSegments } from "../delivery/paths.ts";
import { repositoryPath } from "./graph.ts";
import type { Cluster } from "./types.ts";

/**
 * Names clusters by the segment in which their root paths differ (`kubernetes/main/flux` and `kubernetes/edge/flux`
 * are `main` and `edge`); a lone cluster is `default`.
 */
export function nameClusters(clusters: readonly Cluster[]): void {
  const paths = clusters.map(({ root, artifactRoot }) => repositoryPath(root.data.spec, artifactRoot) ?? "");
  for (const [index, name] of namesOf(paths).entries()) clusters[index]!.name = name;
}

function namesOf(paths: readonly string[]): string[] {
  if (paths.length <= 1) return paths.map(() => "default");
  const split = paths.map((path) => path.split("/").filter(Boolean));
  const shortest = Math.min(...split.map((segments) => segments.length));
  for (let index = 0; index < shortest; index++) {
    const names = split.map((segments) => segments[index]!);
    if (new Set(names).size === names.length) return names;
  }
  // What all begin or end with says nothing: `fleet/eu/prod/flux`, `fleet/eu/test/flux` and `fleet/us/prod/flux` are `eu-prod`,
  // `eu-test` and `us-prod`.
  const first = countShared(split);
  const last = countShared(split.map((segments) => segments.toReversed()));
  const isSaid = split.every((segments) => segments.length > first + last);
  const rest = isSaid ? split.map((segments) => segments.slice(first, segments.length - last)) : split;
  return rest.map((segments, index) => segments.join("-") || `cluster-${index + 1}`);
}

/** How many segments all paths begin with. */
function countShared(paths: readonly (readonly string[])[]): number {
  const [first = "", ...others] = paths.map((segments) => segments.join("/"));
  return Math.min(...others.map((other) => sharedSegments(first, other)));
}

/** Whether `--cluster NAME` means this cluster: its name, or its whole root path. */
export function matchesClusterName(cluster: Cluster, name: string): boolean {
  const path = barePath(String(cluster.root.data.spec?.path ?? ""));
  return cluster.name === name || path === barePath(name) || path.split("/").includes(name);
}

/** Whether a run is about a cluster: `--cluster` names it, or is left out. */
export function isChosen(cluster: Cluster, { clusters }: Pick<Options, "clusters">): boolean {
  return clusters.length === 0 || clusters.some((name) => matchesClusterName(cluster, name));
}
