import { splitKey } from "../../admission/key.ts";
import type { ClusterChange } from "../../change/change.ts";
import type { BrokenBuild } from "../../change/comparison.ts";
import { repositoryPath } from "../../cluster/graph.ts";
import { groupBy, indexBy } from "../../contract/group-by.ts";
import { once } from "../../contract/once.ts";
import { LEFT_OUT } from "../../delivery/artifact-files.ts";
import { isFluxInstance, isFluxKustomization } from "../../delivery/kinds.ts";
import { dirname } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";

const MISSING = "kustomization path not found: ";

/**
 * Tells the new path of a FluxKustomization whose folder is moved: it stands in the document, and that lies below the folder
 * itself, which the cluster looks for at its old place. So it is with a root that applies itself, and with the FluxInstance
 * that makes it. Only what the change writes counts, and only where it is one path: other clusters have such names as well.
 */
export function makePathUnread(change: ClusterChange): (broken: BrokenBuild) => BrokenBuild["unread"] {
  const { added, after, cluster } = change;
  const listPaths = () =>
    added.flatMap((object) => {
      const isInstance = isFluxInstance(object);
      if (!isInstance && !isFluxKustomization(object)) return [];
      const { name, namespace } = isInstance ? cluster.root : object;
      const given = isInstance ? object.data.spec?.sync?.path : object.data.spec?.path;
      const isKept = isInstance && given === undefined;
      const path = isKept ? undefined : repositoryPath({ path: given ?? "" }, cluster.artifactRoot);
      return path === undefined ? [] : [{ name, namespace, path, file: object.file }];
    });
  const byName = once(() => groupBy(listPaths(), (one) => one.name));
  return ({ key, reason }) => {
    if (!reason.startsWith(MISSING)) return undefined;
    const { name, namespace } = splitKey(key);
    const sought = reason.slice(MISSING.length).split("; ")[0];
    // One that is there and still not found is hidden from Flux, as by `spec.ignore`: no folder was moved.
    const moved = (byName().get(name) ?? []).filter((one) => {
      // A kustomization above gives the namespace to a document without one.
      const isSame = one.namespace === "" || one.namespace === namespace;
      return isSame && one.path !== sought && after.isDir(one.path);
    });
    const [found] = moved;
    return found && moved.every(({ path }) => path === found.path) ? { path: found.path, file: found.file } : undefined;
  };
}

/** Says of a folder that is not found and lies in the repository all the same that its source leaves it out. */
export function sayHidden(broken: BrokenBuild, after: Tree): BrokenBuild {
  const { reason } = broken;
  const isHidden = reason.startsWith(MISSING) && after.isDir(reason.slice(MISSING.length));
  return isHidden ? { ...broken, reason: `${reason}; ${LEFT_OUT}` } : broken;
}

/**
 * Folds those that get to their new folder by themselves into the one that keeps them from it: where the documents of moved
 * Kustomizations lie in the new folder of another one, only that one has to be led there.
 */
export function foldUnread(broken: readonly BrokenBuild[]): BrokenBuild[] {
  const moved = indexBy(broken, ({ unread }) => (unread ? [unread.path] : []));
  /** The nearest one whose new folder holds the document. */
  const above = ({ name, unread }: BrokenBuild): BrokenBuild | undefined => {
    for (let path = dirname(unread!.file); ; path = dirname(path)) {
      const holder = moved.get(path)?.find((one) => one.name !== name);
      if (holder || path === "" || path === ".") return holder;
    }
  };
  const parents = new Map(broken.flatMap((one) => (one.unread ? [[one, above(one)] as const] : [])));
  const topOf = (one: BrokenBuild): BrokenBuild => {
    const seen = new Set([one]);
    for (let top = one; ; ) {
      const next = parents.get(top);
      if (!next || seen.has(next)) return top;
      seen.add(next);
      top = next;
    }
  };
  const below = groupBy(
    broken.filter((one) => topOf(one) !== one),
    (one) => topOf(one).name,
  );
  return broken.flatMap((one) => {
    if (topOf(one) !== one) return [];
    const names = below.get(one.name)?.map(({ name }) => name);
    return [names === undefined ? one : { ...one, below: names }];
  });
}
