import { withoutGuards } from "../../src/cluster/guards.ts";
import { readable } from "../../src/contract/answer.ts";
import type { DeliveredFluxObject } from "../../src/contract/objects.ts";
import type { Tree } from "../../src/files/tree.ts";

/** Whether it will prune, although it may not for the time of the migration. */
export function prunesByItself(tree: Tree, { object, effective }: DeliveredFluxObject): boolean {
  return withoutGuards(tree, object, readable(effective))?.spec?.prune !== false;
}
