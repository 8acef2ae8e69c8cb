import type { Finding } from "../engine/types.ts";
import { dirname, sharedSegments } from "./paths.ts";
import type { Cluster, Install } from "./types.ts";

/**
 * Names clusters by the segment in which their root paths differ (`kubernetes/main/flux` and `kubernetes/edge/flux`
 * are `main` and `edge`); a lone cluster is `default`.
 */
export function nameClusters(paths: readonly string[]): string[] {
  if (paths.length <= 1) return paths.map(() => "default");
  const split = paths.map((path) => path.split("/").filter(Boolean));
  const longest = Math.max(...split.map((segments) => segments.length));
  for (let index = 0; index < longest; index++) {
    const names = split.map((segments) => segments[index] ?? "");
    if (names.every(Boolean) && new Set(names).size === names.length) return names;
  }
  return split.map((segments, index) => segments.join("-") || `cluster-${index + 1}`);
}

/** Whether `--cluster NAME` means this cluster: its name, or its whole root path. */
export function matchesClusterName(cluster: Cluster, name: string): boolean {
  const path = String(cluster.root.data?.spec?.path ?? "").replace(/^\.?\/+|\/+$/g, "");
  return cluster.name === name || path === name.replace(/^\.?\/+|\/+$/g, "") || path.split("/").includes(name);
}

/**
 * Which cluster a by-hand bootstrap belongs to: the one whose root lies nearest in the tree. A tie means it could be
 * any of them, so all of them compare themselves with it.
 */
export function assignBootstraps(clusters: readonly Cluster[], bootstraps: readonly Install[]): void {
  for (const bootstrap of bootstraps) {
    const scores = clusters.map((cluster) => sharedSegments(dirname(cluster.root.file), bootstrap.dir ?? ""));
    const best = Math.max(...scores);
    // Nothing shared says nothing: an archived bootstrap must not be charged to clusters it never belonged to.
    if (best === 0 && clusters.length > 1) continue;
    clusters.forEach((cluster, index) => {
      if (scores[index] === best) cluster.bootstraps.push(bootstrap);
    });
  }
}

/** Findings of a cluster share these fields. */
export function clusterFinding(cluster: string, finding: Omit<Finding, "cluster">): Finding {
  return { cluster, ...finding };
}
