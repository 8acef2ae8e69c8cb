import type { KubeObject } from "../contract/objects.ts";
import { isKustomizationFile, loadKustomization } from "../delivery/kustomize/index.ts";
import { dirname, join, makeWithin } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";

/**
 * Whether a FluxKustomization is the body of a patch file, not an object. Patches name only what they change, so it lacks
 * required fields; what lacks just one is a patch where kustomizations name its file as that and none as a resource, such
 * as the defaults that a fleet puts into all its FluxKustomizations. What lacks none may be the whole root once more, with
 * `decryption` added.
 */
export function isPatchBody({ data, file }: KubeObject, tree: Tree): boolean {
  const spec = data.spec ?? {};
  const missing = (["interval", "prune", "path"] as const).filter((field) => spec[field] === undefined);
  return missing.length > 1 || isPatchFile(tree, file, missing.length === 0);
}

/** The same of a source: what reads from it takes its URL from there. */
export function isSourcePatch({ data, file }: KubeObject, tree: Tree): boolean {
  const isWhole = data.spec?.interval !== undefined && (data.spec.url ?? data.spec.bucketName) !== undefined;
  return isPatchFile(tree, file, isWhole);
}

/** A whole object is applied where Flux lists the file by itself: no kustomization stands in its folder or above. */
function isPatchFile(tree: Tree, file: string, isWhole: boolean): boolean {
  if (!findPatchFiles(tree).has(file)) return false;
  return !isWhole || remember(tree, "built folders", "", () => findBuiltFolders(tree))(file);
}

const findBuiltFolders = (tree: Tree) => makeWithin(tree.paths.filter(isKustomizationFile).map(dirname));

/** Files that kustomizations name as patches and none as a resource. */
export function findPatchFiles(tree: Tree): ReadonlySet<string> {
  return remember(tree, "patch files", "", () => {
    const patches = new Set<string>();
    const resources = new Set<string>();
    for (const path of tree.paths.filter(isKustomizationFile)) {
      const loaded = loadKustomization(tree, path);
      if (!loaded.ok) continue;
      const { dir, data } = loaded.file;
      const named = (list: unknown) => (Array.isArray(list) ? list : []).map((one) => one?.path ?? one);
      const add = (to: Set<string>, list: unknown) => {
        for (const name of named(list)) if (typeof name === "string") to.add(join(dir, name));
      };
      add(resources, data.resources);
      for (const field of ["patches", "patchesStrategicMerge", "patchesJson6902"]) add(patches, data[field]);
    }
    for (const path of resources) patches.delete(path);
    return patches;
  });
}
