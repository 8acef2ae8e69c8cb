import { GUARD_MARK, isGuard } from "../../src/cluster/guards.ts";
import { readObjects } from "../../src/cluster/objects.ts";
import type { TextRange } from "../../src/contract/edit.ts";
import type { KubeObject } from "../../src/contract/objects.ts";
import { isFluxKustomization, isHelmRelease } from "../../src/delivery/kinds.ts";
import type { Tree } from "../../src/files/tree.ts";
import { locate } from "../../src/yaml/locate.ts";

/** A guard that is no longer needed, and what takes it back together with its mark. */
export interface OldGuard {
  object: KubeObject;
  field: string;
  range: TextRange;
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
        found.push({ object, field, range: takeBack(tree.read(file)!, object.doc, field) });
      }
    }
  }
  return found;
}

/** The value with its mark, or the whole line: guards were written on lines of their own. */
function takeBack(text: string, doc: number, field: string): TextRange {
  const value = locate(text, doc, ["spec", field])!;
  const next = text.indexOf("\n", value.end);
  const end = next < 0 ? text.length : next;
  if (field === "prune") {
    const isCarriage = text[end - 1] === "\r";
    return { start: value.start, end: isCarriage ? end - 1 : end, text: "true" };
  }
  return { start: text.lastIndexOf("\n", value.start) + 1, end: next < 0 ? end : next + 1, text: "" };
}
