import type { KubeObject } from "../contract/objects.ts";
import { isKustomizationFile, reach } from "../delivery/kustomize/index.ts";
import { basename, dirname } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";

/**
 * Whether a FluxKustomization is the body of a patch file, not an object. Patches name only what they change, so it lacks
 * required fields; what lacks just one is a patch where kustomizations name its file as that and none as a resource, such
 * as the defaults that a fleet puts into all its FluxKustomizations.
 */
export function isPatchBody({ data, file }: KubeObject, tree: Tree): boolean {
  const spec = data?.spec ?? {};
  const missing = (["interval", "prune", "path"] as const).filter((field) => spec[field] === undefined);
  return missing.length > 1 || (missing.length === 1 && isNamedAsPatch(tree, file));
}

function isNamedAsPatch(tree: Tree, file: string): boolean {
  const users = tree.grep(basename(file)).filter(isKustomizationFile);
  const reached = users.map((user) => reach(tree, dirname(user)));
  return reached.some(({ auxiliary }) => auxiliary.includes(file)) && !reached.some((r) => r.resources.includes(file));
}
