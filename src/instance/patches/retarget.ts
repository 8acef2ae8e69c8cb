import { isDeepStrictEqual } from "node:util";
import type { PatchTarget } from "../../contract/objects.ts";
import { escapeRegExp } from "../../delivery/patterns.ts";
import { selectObjects } from "../../release/simulate.ts";
import type { SimObject } from "../../release/types.ts";

/** Kinds whose objects have their namespace while patches run, so a target may name it (flux-facts 3). */
const SYNC_KINDS = ["Kustomization", "GitRepository", "OCIRepository", "Bucket"];

/**
 * Targets that select exactly `wanted` among the operator's objects: the old one without what cannot match there
 * (namespace, labels of bootstrap), else kind and names, one target a kind.
 */
export function retarget(objects: readonly SimObject[], wanted: readonly string[], old: PatchTarget): PatchTarget[] {
  const isWanted = (target: PatchTarget, ids: readonly string[]) => {
    const selected = selectObjects(objects, target);
    return isDeepStrictEqual(selected.map(({ id }) => id).sort(), [...ids].sort());
  };
  const { namespace, ...kept } = old;
  const isSync = old.kind !== undefined && SYNC_KINDS.includes(old.kind);
  if (namespace !== undefined && isSync && isWanted(old, wanted)) return [old];
  if (isWanted(kept, wanted)) return [kept];
  const { labelSelector: _labels, annotationSelector: _annotations, ...plain } = kept;
  if (Object.values(plain).some(Boolean) && isWanted(plain, wanted)) return [plain];
  const byKind = new Map<string, SimObject[]>();
  for (const object of objects) {
    if (wanted.includes(object.id)) byKind.set(object.data.kind, [...(byKind.get(object.data.kind) ?? []), object]);
  }
  return [...byKind].map(([kind, members]) => {
    const base: PatchTarget = { ...(old.group ? { group: old.group } : {}), kind };
    const ids = members.map(({ id }) => id);
    if (isWanted(base, ids)) return base;
    const names = members.map(({ data }) => escapeRegExp(data.metadata.name));
    return { ...base, name: names.length === 1 ? names[0]! : `(${names.join("|")})` };
  });
}
