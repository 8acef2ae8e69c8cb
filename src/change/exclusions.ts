import { isOpenText } from "../admission/open-text.ts";
import type { YamlData } from "../contract/objects.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import { atLeast, type FluxVersion } from "../release/releases.ts";

/**
 * Whether annotations or labels in Git keep kustomize-controller from deleting the object (flux-facts 2.4 item 2).
 * `prune: disabled` only: an object with `ssa: Ignore` or `reconcile: disabled` in Git is skipped on apply, so nothing
 * in Git, not even a `prune: disabled` beside it, is known to be on the live object. One with `ssa: IfNotPresent` is
 * skipped from its second time on (item 4), so what was added to it later never got there.
 */
export function isSparedInGit(metadata: YamlData, version: FluxVersion | undefined): boolean {
  return !isSkipped(metadata, version) && hasMark(metadata, "prune", "disabled", version);
}

/** Whether kustomize-controller leaves an object alone that is in the cluster already (flux-facts 2.4 items 2 and 4). */
export function isSkipped(metadata: YamlData, version: FluxVersion | undefined): boolean {
  return isNeverApplied(metadata, version) || hasMark(metadata, "ssa", "IfNotPresent", version);
}

/** Whether kustomize-controller leaves an object out of what it applies, and tries, even where there is none (item 4). */
export function isNeverApplied(metadata: YamlData, version: FluxVersion | undefined): boolean {
  return hasMark(metadata, "ssa", "Ignore", version) || hasMark(metadata, "reconcile", "disabled", version);
}

/** Whether the object is deleted and made anew where it cannot be changed. */
export function isForced(metadata: YamlData): boolean {
  return hasMark(metadata, "force", "enabled", undefined);
}

/** Whether the object is laid over the one that is there, and the fields that others have set stay: it may be a fragment. */
export function isLaidOver(metadata: YamlData, version: FluxVersion | undefined): boolean {
  return hasMark(metadata, "ssa", "Merge", version);
}

/** Values compare without case from Flux 2.1 on; an unknown version counts as a current one. */
function hasMark(metadata: YamlData, name: string, wanted: string, version: FluxVersion | undefined): boolean {
  const key = `kustomize.toolkit.fluxcd.io/${name}`;
  return says(metadata?.labels?.[key], wanted, version) || says(metadata?.annotations?.[key], wanted, version);
}

function says(value: unknown, wanted: string, version: FluxVersion | undefined): boolean {
  if (typeof value !== "string") return false;
  if (value === wanted) return true;
  const folds = version === undefined || atLeast(version, "2.1");
  return folds && value.toLowerCase() === wanted.toLowerCase();
}

/** Whether deleting a FluxKustomization with this spec deletes its inventory; `deletionPolicy` exists since Flux 2.5. */
export function finalizes(spec: FluxObjectSpec | undefined, version: FluxVersion | undefined): boolean {
  if (spec?.suspend === true) return false;
  const policy = version === undefined || atLeast(version, "2.5") ? spec?.deletionPolicy : undefined;
  if (policy === "Orphan") return false;
  if (policy === "Delete" || policy === "WaitForTermination" || isOpenText(policy)) return true;
  return spec?.prune === true;
}

/** Whether labels and annotations for all objects of a FluxKustomization say whether they may be pruned. */
export function setsMark(common: YamlData): boolean {
  return [common?.labels, common?.annotations].some((map) => map?.["kustomize.toolkit.fluxcd.io/prune"] !== undefined);
}
