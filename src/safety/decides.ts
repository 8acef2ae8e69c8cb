import { GUARD_MARK } from "../cluster/guards.ts";
import type { Cluster } from "../cluster/types.ts";
import { readableSpec } from "../contract/objects.ts";
import { readFiles } from "./touched.ts";
import type { OpenPoint, TreeChange } from "./types.ts";

/**
 * Tells of what is open whether Flux, its operator, the instance, the source, the root or a guarded object stays depends
 * on it: a build reads the file of one of them, or of a FluxKustomization that leads to one.
 */
export function makeDecides(change: TreeChange, cluster: Cluster): (point: OpenPoint) => boolean {
  let vital: ReadonlySet<string> | undefined;
  return ({ decides, specs = [], at }) => {
    if (decides) return true;
    vital ??= listVitalFiles(change, cluster);
    if (at && vital.has(at.file)) return true;
    return specs.some(({ data }) => {
      if (!data?.isLocal) return false;
      const trees = [change.before, change.after];
      return trees.some((tree) =>
        [...readFiles(tree, data.spec, cluster.artifactRoot)].some((file) => vital!.has(file)),
      );
    });
  };
}

function listVitalFiles({ before }: TreeChange, cluster: Cluster): Set<string> {
  const { root, source, install, instances, operators, local, artifactRoot } = cluster;
  const own = [root, source, ...(install?.objects ?? []), ...instances.map(({ object }) => object), ...operators];
  const files = new Set([
    ...own.flatMap((object) => (object ? [object.file] : [])),
    ...(install ? [install.at.file] : []),
    ...before.grep(GUARD_MARK),
  ]);
  // Parents stand before their children.
  for (const child of [...local].reverse()) {
    if ([...readFiles(before, readableSpec(child), artifactRoot)].some((file) => files.has(file)))
      files.add(child.object.file);
  }
  return files;
}
