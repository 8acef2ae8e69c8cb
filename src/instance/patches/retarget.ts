import { isDeepStrictEqual } from "node:util";
import { groupBy } from "../../contract/group-by.ts";
import type { PatchTarget, YamlData } from "../../contract/objects.ts";
import { SYNC_SOURCE_KINDS } from "../../delivery/kinds.ts";
import { joinPointer, splitPointer } from "../../delivery/kustomize/index.ts";
import { escapeRegExp } from "../../delivery/patterns.ts";
import { selectObjects } from "../../release/simulate.ts";
import type { SimObject } from "../../release/types.ts";

/** Kinds whose objects have their namespace while patches run, so a target may name it (flux-facts 3). */
const SYNC_KINDS = ["Kustomization", ...SYNC_SOURCE_KINDS];

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
  const selected = objects.filter(({ id }) => wanted.includes(id));
  return [...groupBy(selected, ({ data }) => data.kind)].map(([kind, members]) => {
    const base: PatchTarget = { ...(old.group ? { group: old.group } : {}), kind };
    const ids = members.map(({ id }) => id);
    if (isWanted(base, ids)) return base;
    const names = members.map(({ data }) => escapeRegExp(data.metadata.name));
    return { ...base, name: names.length === 1 ? names[0]! : `(${names.join("|")})` };
  });
}

/**
 * The path of an operation on `/spec/versions/N/…` of a CRD, moved to where that version stands in the target release:
 * Alert and Receiver lost versions in 2.7 and 2.9 (flux-facts 3). A version that is gone, or an index that the
 * installed CRD does not have either, becomes the storage version.
 * @returns undefined when the path is no such path or need not change.
 */
export function moveVersionIndex(path: string, installed: YamlData[], target: YamlData[]): string | undefined {
  const segments = splitPointer(path);
  if (segments[0] !== "spec" || segments[1] !== "versions" || !/^\d+$/.test(segments[2] ?? "")) return undefined;
  const name = installed[Number(segments[2])]?.name;
  const sameVersion = target.findIndex((version) => version.name === name);
  const index = sameVersion >= 0 ? sameVersion : target.findIndex((version) => version.storage);
  if (index < 0 || index === Number(segments[2])) return undefined;
  return joinPointer([...segments.slice(0, 2), String(index), ...segments.slice(3)]);
}
