import type { YamlData } from "../contract/objects.ts";
import { atLeast, type FluxVersion } from "../release/releases.ts";

const GROUP = "kustomize.toolkit.fluxcd.io";

/**
 * Whether annotations or labels in Git keep kustomize-controller from deleting the object (flux-facts 2.4 item 2).
 * `prune: disabled` only: an object with `ssa: Ignore` or `reconcile: disabled` in Git is skipped on apply, so nothing
 * in Git, not even a `prune: disabled` beside it, is known to be on the live object. One with `ssa: IfNotPresent` is
 * skipped from its second time on (item 4), so what was added to it later never got there.
 */
export function isSparedInGit(metadata: YamlData, version: FluxVersion | undefined): boolean {
  if (has(metadata, "ssa", "ignore", version) || has(metadata, "reconcile", "disabled", version)) return false;
  if (has(metadata, "ssa", "ifnotpresent", version)) return false;
  return has(metadata, "prune", "disabled", version);
}

/** As constants of kustomize-controller have them. */
const EXACT: Record<string, string> = { ignore: "Ignore", ifnotpresent: "IfNotPresent" };

/** Values compare without case from Flux 2.1 on; an unknown version counts as a current one. */
function has(metadata: YamlData, name: string, wanted: string, version: FluxVersion | undefined): boolean {
  return [metadata?.labels, metadata?.annotations].some((map) => {
    const value = map?.[`${GROUP}/${name}`];
    if (typeof value !== "string") return false;
    const folds = version === undefined || atLeast(version, "2.1");
    return (folds ? value.toLowerCase() : value) === (folds ? wanted : (EXACT[wanted] ?? wanted));
  });
}

/** Whether deleting a FluxKustomization with this spec deletes its inventory; `deletionPolicy` exists since Flux 2.5. */
export function finalizes(spec: YamlData, version: FluxVersion | undefined): boolean {
  if (spec?.suspend === true) return false;
  const policy = version === undefined || atLeast(version, "2.5") ? spec?.deletionPolicy : undefined;
  if (policy === "Orphan") return false;
  if (policy === "Delete" || policy === "WaitForTermination") return true;
  return spec?.prune === true;
}
