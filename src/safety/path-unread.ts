import { repositoryPath } from "../cluster/graph.ts";
import { groupBy } from "../contract/group-by.ts";
import { isFluxInstance, isFluxKustomization } from "../delivery/kinds.ts";
import type { ClusterChange } from "./change.ts";
import { splitKey } from "./key.ts";
import type { BrokenBuild } from "./types.ts";

const MISSING = "kustomization path not found: ";

type Unread = NonNullable<BrokenBuild["unread"]>;

/**
 * Tells the new path of a FluxKustomization whose folder is moved: it stands in the document, and that lies below the folder
 * itself, which the cluster looks for at its old place. So it is with a root that applies itself, and with the FluxInstance
 * that makes it. Only what the change writes counts, and only where it is one path: other clusters have such names as well.
 */
export function makePathUnread({
  added,
  after,
  cluster,
}: ClusterChange): (broken: BrokenBuild) => BrokenBuild["unread"] {
  let byKey: Map<string, (Unread & { key: string })[]> | undefined;
  const listPaths = () =>
    added.flatMap((object) => {
      const isInstance = isFluxInstance(object);
      if (!isInstance && !isFluxKustomization(object)) return [];
      const { name, namespace } = isInstance ? cluster.root : object;
      const given = isInstance ? object.data?.spec?.sync?.path : object.data?.spec?.path;
      const isKept = isInstance && given === undefined;
      const path = isKept ? undefined : repositoryPath({ path: given ?? "" }, cluster.artifactRoot);
      const key = `${namespace || cluster.namespace}/${name}`;
      return path === undefined ? [] : [{ key, path, file: object.file }];
    });
  return ({ key, reason }) => {
    if (!reason.startsWith(MISSING)) return undefined;
    byKey ??= groupBy(listPaths(), (one) => one.key);
    const { name, namespace } = splitKey(key);
    const sought = reason.slice(MISSING.length).split("; ")[0];
    // One that is there and still not found is hidden from Flux, as by `spec.ignore`: no folder was moved.
    const moved = (byKey.get(`${namespace}/${name}`) ?? []).filter(({ path }) => path !== sought && after.isDir(path));
    const [found] = moved;
    return found && moved.every(({ path }) => path === found.path) ? { path: found.path, file: found.file } : undefined;
  };
}
