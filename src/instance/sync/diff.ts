import { isDeepStrictEqual } from "node:util";
import type { YamlData } from "../../contract/objects.ts";
import type { ObjectDiff } from "./types.ts";
import { isSameDuration, isSamePath, isSameRef } from "./values.ts";

/** Metadata the operator writes, strips or overrides on the sync objects (flux-facts 2.1). */
const OWN_METADATA =
  /^(app\.kubernetes\.io\/(instance|version|part-of|managed-by)|kustomize\.toolkit\.fluxcd\.io\/(ssa|prune|name|namespace)|fluxcd\.controlplane\.io\/(name|namespace)|kubectl\.kubernetes\.io\/last-applied-configuration|meta\.helm\.sh\/release-name(space)?)$/;

/**
 * Every spec field and user label or annotation in which a generated sync object differs from the old one.
 * @param oldSpec the old spec in the words of the generated API version.
 */
export function diffObject(old: YamlData, oldSpec: YamlData, generated: YamlData): ObjectDiff {
  const diff: ObjectDiff = {
    set: {},
    remove: [],
    labels: userMetadata(old.metadata?.labels),
    annotations: userMetadata(old.metadata?.annotations),
  };
  for (const [field, value] of Object.entries<YamlData>(oldSpec)) {
    if (value === null || isSame(generated.kind, field, oldSpec, generated.spec)) continue;
    diff.set[field] = value;
  }
  for (const field of Object.keys(generated.spec)) {
    const isAbsent = oldSpec[field] === undefined || oldSpec[field] === null;
    if (isAbsent && !isSame(generated.kind, field, oldSpec, generated.spec)) diff.remove.push(field);
  }
  return diff;
}

function isSame(kind: string, field: string, oldSpec: YamlData, generated: YamlData): boolean {
  const old = oldSpec[field];
  const next = generated[field];
  if (field === "interval") return isSameDuration(old, next);
  if (field === "ref" && kind !== "Bucket") return isSameRef(kind, oldSpec, next);
  if (kind === "Kustomization" && field === "path") return next !== undefined && isSamePath(old, next);
  // Its name is the name of the generated source, its namespace the one both live in; the caller checked both.
  if (kind === "Kustomization" && field === "sourceRef") return true;
  return isDeepStrictEqual(old, next);
}

function userMetadata(map: YamlData): Record<string, string> {
  const kept = Object.entries<YamlData>(map ?? {}).filter(([key]) => !OWN_METADATA.test(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, String(value)]));
}
