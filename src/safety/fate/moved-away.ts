import { listEntries } from "../../change/lists.ts";
import type { TreeChange } from "../../change/types.ts";
import type { Cluster, RepoModel } from "../../cluster/types.ts";
import { once } from "../../contract/once.ts";
import { isKustomizationFile } from "../../delivery/kustomize/index.ts";
import { dirname, makeWithin } from "../../delivery/paths.ts";

/**
 * Whether a file lies where the change leads another cluster of the repository: in the folder of an app, or beside its
 * FluxKustomization, that comes to a list of that cluster alone.
 */
export function makeMovedAway(
  { before, after, changed }: TreeChange,
  { clusters }: RepoModel,
  own: Cluster,
): (file: string) => boolean {
  const isTheirs = (list: string) => !own.files.has(list) && clusters.some(({ files }) => files.has(list));
  const within = once(() => {
    const lists = [...changed].filter((file) => isKustomizationFile(file) && isTheirs(file));
    const folders = lists.flatMap((list) => {
      const old = new Set(listEntries(before, list)?.map(({ path }) => path));
      const come = (listEntries(after, list) ?? []).filter(({ path }) => !old.has(path));
      return come.map(({ path }) => (after.isDir(path) ? path : dirname(path)));
    });
    return makeWithin(folders);
  });
  return (file) => within()(file);
}
