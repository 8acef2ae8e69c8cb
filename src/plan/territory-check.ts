import { ownersOf } from "../cluster/territory.ts";
import type { RepoModel } from "../cluster/types.ts";
import type { Edit } from "../contract/edit.ts";
import { InternalError } from "../contract/errors.ts";
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
