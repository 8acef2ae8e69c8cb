import { splitKey } from "../../admission/key.ts";
import { allInstalls, objectsOf } from "../../cluster/all-installs.ts";
import { findSyncReleases } from "../../cluster/chart-release.ts";
import { objectNamed } from "../../cluster/objects.ts";
import type { Cluster } from "../../cluster/types.ts";
import { itemsOf, type KubeObject } from "../../contract/objects.ts";
import { isHelmRelease } from "../../delivery/kinds.ts";
import type { Tree } from "../../files/tree.ts";
import type { Loss } from "./wanted.ts";

type Named = Pick<KubeObject, "kind" | "name">;

/** Taken away when the last reader of it goes; one that is still read is told as a reference that breaks. */
const SOURCES = new Set(["GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket"]);

/**
 * What a migration deletes on purpose: the old way in (root, install and what delivers it) and sources. A net below the
 * transforms, which cut documents out of files: any other document that Flux would delete is a slip of theirs, or lies beside
 * the install in the inventory of a Kustomization that goes.
 * @param before the tree in which the documents stand
 */
export function makeMeant(before: Tree, cluster: Cluster): (loss: Loss) => boolean {
  const objects = [cluster.root, ...findSyncReleases(cluster), ...allInstalls(cluster).flatMap(objectsOf)];
  // By kind and name: their namespace may come from a kustomization above.
  const own = new Set([...objects, ...objects.flatMap(listValues)].map(nameOf));
  return ({ outcome: { fate, key, at } }) => {
    const object = splitKey(key);
    if (fate !== "deleted" || SOURCES.has(object.kind) || own.has(nameOf(object))) return true;
    // What a release of Flux or a generator makes stands in no document.
    return !at || !objectNamed(before, at.file, object);
  };
}

const nameOf = ({ kind, name }: Named): string => `${kind} ${name}`;

/** What holds the values of a release, which goes with it. */
function listValues(object: KubeObject): Named[] {
  if (!isHelmRelease(object)) return [];
  return itemsOf(object.data.spec?.valuesFrom).map(({ kind, name }) => ({ kind: String(kind), name: String(name) }));
}

/** The loss as an accident, unless it is meant. */
export function judgeMeant(loss: Loss, isMeant: (loss: Loss) => boolean): Loss {
  if (loss.wanted || isMeant(loss)) return loss;
  const because =
    "It is no part of the install that is replaced, and a migration takes nothing else away. If nothing of yours is to take it, please report this.";
  return { ...loss, wanted: true, because };
}
