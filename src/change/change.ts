import { objectsIn } from "../cluster/objects.ts";
import { findNewlyNamed } from "../cluster/scan.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import { getOrMake } from "../contract/group-by.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { TreeChange } from "./types.ts";

export type Side = "before" | "after";

/** A change as one cluster meets it. */
export interface ClusterChange extends TreeChange {
  /** Of the tree before the change. */
  model: RepoModel;
  cluster: Cluster;
  /** Objects of the changed files as they were, and as they are. */
  removed: readonly KubeObject[];
  added: readonly KubeObject[];
  /** Flux objects of files that do not change. */
  kept: readonly KubeObject[];
  /** `kept`, and everything in the changed files, of each tree. */
  objects: Record<Side, readonly KubeObject[]>;
  /** Whether the cluster reads a file; what lies in the tree undelivered breaks nothing. */
  isDelivered: (file: string) => boolean;
}

/** @param model of the tree before the change */
export function readChange(change: TreeChange, model: RepoModel, cluster: Cluster): ClusterChange {
  const { before, changed } = change;
  const isDelivered = (file: string) =>
    cluster.files.has(file) || file === cluster.source?.file || (changed.has(file) && !before.has(file));
  return { ...change, model, cluster, ...listObjects(change, model), isDelivered };
}

type ChangedObjects = Pick<ClusterChange, "removed" | "added" | "kept" | "objects">;

/** The same lists for all clusters, so that what is found in them is found once. */
const known = new WeakMap<TreeChange, WeakMap<RepoModel, ChangedObjects>>();

function listObjects(change: TreeChange, model: RepoModel): ChangedObjects {
  const ofChange = getOrMake(known, change, () => new WeakMap<RepoModel, ChangedObjects>());
  return getOrMake(ofChange, model, () => {
    const { before, after, changed } = change;
    const [removed, added] = [objectsIn(before, changed), objectsIn(after, changed)];
    const read = new Set(model.objects.map(({ file }) => file));
    const named = findNewlyNamed(
      after,
      [...changed].filter(after.has),
      (file) => !changed.has(file) && !read.has(file),
    );
    const kept = [...model.objects.filter(({ file }) => !changed.has(file)), ...named];
    return { removed, added, kept, objects: { before: [...kept, ...removed], after: [...kept, ...added] } };
  });
}
