import type { KubeObject } from "../contract/objects.ts";
import type { Options } from "../contract/options.ts";
import type { KubeData } from "../contract/specs.ts";
import { isFluxKustomization, isHelmRelease } from "../delivery/kinds.ts";
import type { Tree } from "../files/tree.ts";
import { locate } from "../yaml/locate.ts";
import { findSyncReleases } from "./chart-release.ts";
import type { Cluster } from "./types.ts";

/** A field that must be in effect on a live object before a later phase may be merged. */
export interface Guard {
  kind: "Kustomization" | "HelmRelease";
  namespace: string;
  name: string;
  field: "prune" | "deletionPolicy" | "suspend";
  value: string;
}

/**
 * Releases of the flux2-sync chart that are to be suspended. Where all is one merge nobody has suspended one before its file would
 * go, so it stays, and the cleanup says so.
 */
export function suspendedSync(cluster: Cluster, options: Pick<Options, "sync"> & Partial<Options>): KubeObject[] {
  const isOneMerge = options.direct && options.phase === "all";
  return isOneMerge || options.sync === "keep" ? [] : findSyncReleases(cluster);
}

/**
 * The guards cutover and cleanup rest on: what the tree says about `prune` and `deletionPolicy` of the root and of the
 * FluxKustomizations that apply the old install, `prune: false` on a root that gets a new name, and `suspend: true` on
 * a release of the flux2 or the flux2-sync chart (flux-facts 2.4, traps 8c and 62). Only the live object counts (2.4 item 2).
 */
export function listGuards(cluster: Cluster, options: Pick<Options, "sync"> & Partial<Options>): Guard[] {
  const guards: Guard[] = [];
  const objects = cluster.install?.objects ?? [];
  for (const object of [cluster.root, ...objects.filter(isFluxKustomization)]) {
    const place = {
      kind: "Kustomization" as const,
      namespace: object.namespace || cluster.namespace,
      name: object.name,
    };
    if (object.data.spec?.deletionPolicy === "Orphan") {
      guards.push({ ...place, field: "deletionPolicy", value: "Orphan" });
    }
    if (object.data.spec?.prune === false || (object === cluster.root && rootIsRenamed(cluster, options))) {
      guards.push({ ...place, field: "prune", value: "false" });
    }
  }
  for (const release of [...objects.filter(isHelmRelease), ...suspendedSync(cluster, options)]) {
    const namespace = release.namespace || cluster.namespace;
    guards.push({ kind: "HelmRelease", namespace, name: release.name, field: "suspend", value: "true" });
  }
  return guards;
}

/** Whether `--sync rename` changes the name of the root, so that the old root object is left over. */
export function rootIsRenamed(cluster: Pick<Cluster, "root" | "namespace">, options: Pick<Options, "sync">): boolean {
  return options.sync === "rename" && cluster.root.name !== cluster.namespace;
}

/** Name of the source and the root that the FluxInstance generates; undefined when it generates none. */
export function syncName(cluster: Cluster, options: Pick<Options, "sync">): string | undefined {
  if (options.sync === "keep") return undefined;
  return options.sync === "rename" ? cluster.namespace : cluster.root.name;
}

/** Whether the old source is superseded by a generated one of another name and dropped at cleanup. */
export function supersededSource(cluster: Cluster, options: Pick<Options, "sync">): KubeObject | undefined {
  const name = syncName(cluster, options);
  return name !== undefined && cluster.source && cluster.source.name !== name ? cluster.source : undefined;
}

/** Ends the line of every field that fluxlift added for the time of the migration. */
export const GUARD_MARK = "fluxlift:guard";

/** Whether a field of `spec` stands there as a guard of ours, so that it says nothing about what the owner wants. */
export function isGuard(tree: Tree, object: Pick<KubeObject, "file" | "doc">, field: string): boolean {
  const text = tree.read(object.file);
  const found = text === undefined ? undefined : locate(text, object.doc, ["spec", field]);
  if (!text || !found) return false;
  const end = text.indexOf("\n", found.end);
  return text.slice(found.end, end < 0 ? text.length : end).includes(GUARD_MARK);
}

/** The object as its owner means it: a guarded `prune: false` was `true` before, the only value that gets a guard. */
export function withoutGuards(
  tree: Tree,
  object: Pick<KubeObject, "file" | "doc">,
  data: KubeData | undefined,
): KubeData | undefined {
  return data?.spec?.prune === false && isGuard(tree, object, "prune")
    ? { ...data, spec: { ...data.spec, prune: true } }
    : data;
}
