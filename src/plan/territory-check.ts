import { ownersOf } from "../cluster/territory.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import type { Edit } from "../contract/edit.ts";
import { InternalError } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import type { ClusterPlan } from "../contract/plan.ts";
import type { Tree } from "../files/tree.ts";

/**
 * Refuses edits of files that belong to none of the clusters that are being written, or that a cluster builds from which
 * stays as it is. Transforms know that by themselves; what still comes here is a defect.
 * @param tree as the phase began
 * @param moving names of the clusters that the phase changes
 * @throws InternalError for the first such edit.
 */
export function checkTerritory(
  edits: readonly Edit[],
  tree: Tree,
  model: Pick<RepoModel, "clusters" | "leftOut">,
  moving: ReadonlySet<string>,
): void {
  for (const path of new Set(edits.map((edit) => edit.path))) {
    if (!tree.has(path)) continue;
    const owners = ownersOf(path, model);
    const isRead = owners.some(({ files }) => files.has(path));
    const stays = owners.find(({ name }) => !moving.has(name));
    if (isRead ? stays === undefined : owners.some(({ name }) => moving.has(name))) continue;
    const by = edits.find((edit) => edit.path === path)!;
    throw new InternalError(
      "outside-territory",
      `${by.transform} would change ${path} for ${by.cluster}, and it belongs to ${stays?.name ?? "no cluster"}.`,
      "Please report it with the output of `fluxlift scan`; nothing was written.",
    );
  }
}

/**
 * Clusters whose edits touch a file that a cluster builds from which this run leaves as it is, because something stops it
 * or nobody chose it: they wait for it, since both read the same bytes.
 * @param say the blocker for a cluster, the one that stays and their file
 */
export function holdSharers(
  plans: readonly ClusterPlan[],
  staying: readonly Cluster[],
  say: (cluster: string, other: string, file: string) => DraftFinding,
): ReadonlyMap<string, DraftFinding> {
  const held = new Map<string, DraftFinding>();
  for (const plan of plans) {
    for (const { name, files } of staying) {
      const edit = plan.edits.find((item) => name !== plan.cluster && files.has(item.path));
      if (edit) held.set(plan.cluster, say(plan.cluster, name, edit.path));
    }
  }
  return held;
}
