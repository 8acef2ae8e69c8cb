import type { Tree } from "../workspace/tree.ts";
import type { YamlOp } from "../yaml/types.ts";
import { GUARD_MARK, isGuard } from "./guard-mark.ts";
import { isFluxKustomization, isHelmRelease } from "./kinds.ts";
import { readObjects } from "./objects.ts";
import type { KubeObject } from "./types.ts";

/** A guard that is no longer needed, and the operation that takes it back. */
export interface OldGuard {
  object: KubeObject;
  field: string;
  op: YamlOp;
}

const FIELDS = ["prune", "suspend", "deletionPolicy"] as const;

/**
 * The guards fluxlift added and that are still in the tree; an owner's own `prune: false` has no mark and stays.
 * `prune` goes back to `true`, the only value that ever got a guard, because the field is required; others are removed.
 */
export function findOldGuards(tree: Tree): OldGuard[] {
  const found: OldGuard[] = [];
  for (const file of tree.grep(GUARD_MARK)) {
    if (!/\.ya?ml$/.test(file)) continue;
    for (const object of readObjects(tree, file).objects) {
      if (!isFluxKustomization(object) && !isHelmRelease(object)) continue;
      for (const field of FIELDS) {
        if (!isGuard(tree, object, field)) continue;
        const path = ["spec", field];
        const op: YamlOp =
          field === "prune"
            ? { op: "set", doc: object.doc, path, value: { raw: "true" } }
            : { op: "delete", doc: object.doc, path };
        found.push({ object, field, op });
      }
    }
  }
  return found;
}
