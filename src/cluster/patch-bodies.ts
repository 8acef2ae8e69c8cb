import { getOrMake } from "../contract/group-by.ts";
import type { KubeObject } from "../contract/objects.ts";
import { isKustomizationFile, loadKustomization, reach } from "../delivery/kustomize/index.ts";
import { dirname, join, makeWithin } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { objectsIn } from "./objects.ts";

/**
 * Whether a FluxKustomization is the body of a patch file, not an object. Patches name only what they change, so it lacks
 * required fields; what lacks just one is a patch where kustomizations name its file as that and none as a resource, such
 * as the defaults that a fleet puts into all its FluxKustomizations. What lacks none may be the whole root once more, with
 * `decryption` added.
 */
export function isPatchBody(object: KubeObject, tree: Tree): boolean {
  const spec = object.data.spec ?? {};
  const missing = (["interval", "prune", "path"] as const).filter((field) => spec[field] === undefined);
  return missing.length > 1 || isPatchFile(tree, object, missing.length === 0);
}

/** The same of a source: what reads from it takes its URL from there. */
export function isSourcePatch(object: KubeObject, tree: Tree): boolean {
  const { spec } = object.data;
  const isWhole = spec?.interval !== undefined && (spec.url ?? spec.bucketName) !== undefined;
  return isPatchFile(tree, object, isWhole);
}

/**
 * A whole object is applied where Flux lists the file by itself: no kustomization stands in its folder or above. And it is all
 * that is known of an object in a base of another repository.
 */
function isPatchFile(tree: Tree, { file, kind, name }: KubeObject, isWhole: boolean): boolean {
  const folders = findPatchFiles(tree).get(file);
  if (!folders || !isWhole) return folders !== undefined;
  if (!remember(tree, "built folders", "", () => findBuiltFolders(tree))(file)) return false;
  return folders.some((dir) => {
    const { resources, remotes } = reach(tree, dir);
    return remotes.length === 0 || objectsIn(tree, resources).some((one) => one.kind === kind && one.name === name);
  });
}

const findBuiltFolders = (tree: Tree) => makeWithin(tree.paths.filter(isKustomizationFile).map(dirname));

/** Files that kustomizations name as patches and none as a resource, with the folders of these. */
export function findPatchFiles(tree: Tree): ReadonlyMap<string, readonly string[]> {
  return remember(tree, "patch files", "", () => {
    const patches = new Map<string, string[]>();
    const resources = new Set<string>();
    for (const path of tree.paths.filter(isKustomizationFile)) {
      const loaded = loadKustomization(tree, path);
      if (!loaded.ok) continue;
      const { dir, data } = loaded.file;
      const named = (list: unknown) => (Array.isArray(list) ? list : []).map((one) => one?.path ?? one);
      const filesOf = (list: unknown) =>
        named(list).flatMap((name) => (typeof name === "string" ? [join(dir, name)] : []));
      for (const path of filesOf(data.resources)) resources.add(path);
      for (const field of ["patches", "patchesStrategicMerge", "patchesJson6902"])
        for (const path of filesOf(data[field])) getOrMake(patches, path, (): string[] => []).push(dir);
    }
    for (const path of resources) patches.delete(path);
    return patches;
  });
}
