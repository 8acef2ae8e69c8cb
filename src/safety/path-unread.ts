import { repositoryPath } from "../cluster/graph.ts";
import type { KubeObject } from "../contract/objects.ts";
import { isFluxInstance, isFluxKustomization } from "../delivery/kinds.ts";
import type { ClusterChange } from "./change.ts";
import { splitKey } from "./key.ts";
import type { BrokenBuild } from "./types.ts";

const MISSING = "kustomization path not found: ";

/**
 * The new path of a FluxKustomization whose folder is moved: it stands in the document, and that lies below the folder
 * itself, which the cluster looks for at its old place. So it is with a root that applies itself, and with the FluxInstance
 * that makes it.
 */
export function findPathUnread(
  { key, reason }: BrokenBuild,
  { objects, after, cluster }: ClusterChange,
): BrokenBuild["unread"] {
  if (!reason.startsWith(MISSING)) return undefined;
  const { name, namespace } = splitKey(key);
  const isRoot = name === cluster.root.name;
  const pathOf = (object: KubeObject): string | undefined => {
    const space = object.namespace || cluster.namespace;
    if (isFluxKustomization(object) && object.name === name && space === namespace)
      return repositoryPath(object.data?.spec, cluster.artifactRoot);
    const path = isRoot && isFluxInstance(object) ? object.data?.spec?.sync?.path : undefined;
    return path === undefined ? undefined : repositoryPath({ path }, cluster.artifactRoot);
  };
  for (const object of objects.after) {
    const path = pathOf(object);
    // One that is there and still not found is hidden from Flux, as by `spec.ignore`: no folder was moved.
    const isSought = path === reason.slice(MISSING.length).split("; ")[0];
    if (path !== undefined && !isSought && after.isDir(path)) return { path, file: object.file };
  }
  return undefined;
}
