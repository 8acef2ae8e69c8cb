import { type KubeObject, readableSpec } from "../contract/objects.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import { findKustomization, isKustomizationFile, reach } from "../delivery/kustomize/index.ts";
import { dirname } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { isArchived } from "./automation-files.ts";
import { builtBy, repositoryPath } from "./graph.ts";

/**
 * Folders whose kustomization may say another `spec.path` for a FluxKustomization that it builds: where the patch lies,
 * or the folder that it names, which may take it from elsewhere (`clusters/prod/00` with `../../../apps/flux/prod.yaml`).
 */
export function findPathOverlays(tree: Tree, objects: readonly KubeObject[]): string[] {
  const patchFiles = objects.filter((object) => isFluxKustomization(object) && object.data.spec?.path !== undefined);
  const words = ["/spec/path", "replacements", "kustomize.toolkit.fluxcd.io"];
  const inline = words.flatMap((word) => tree.grep(word)).filter(isKustomizationFile);
  const named = patchFiles.flatMap(({ data }) => repositoryPath(data.spec, "") ?? []);
  const dirs = [...[...patchFiles.map(({ file }) => file), ...inline].map(dirname), ...named];
  return [...new Set(dirs)].filter((dir) => {
    const found = findKustomization(tree, dir);
    return found !== undefined && found.error === undefined;
  });
}

export interface OverlayRoots {
  /** The root as each overlay makes it; all of them stand in the same document. */
  variants: KubeObject[];
  /** The same of overlays whose path does not lead back to them: roots only where nothing but a person applies the overlay. */
  applied: KubeObject[];
  /** Whether the manifest as it is written can be a root too. */
  isPlain: boolean;
}

/**
 * A root that stands in a base, as each overlay makes it: `spec.path` comes from a patch, and the folder it names builds
 * the manifest with that very patch.
 * @param overlays of {@link findPathOverlays}.
 */
export function rootsOfOverlays(
  tree: Tree,
  root: KubeObject,
  overlays: readonly string[],
  artifactRoot: string,
): OverlayRoots {
  const own = repositoryPath(root.data.spec, artifactRoot);
  const paths = new Map<string, string>();
  const applied = new Map<string, string>();
  for (const dir of overlays) {
    if (!reach(tree, dir).resources.includes(root.file)) continue;
    const said = pathWithin(tree, root, dir);
    const path = said === undefined ? undefined : repositoryPath({ path: said }, artifactRoot);
    if (said === undefined || path === undefined || path === own || !tree.isDir(path)) continue;
    if (!reach(tree, path).resources.includes(root.file)) {
      if (path !== "" && !isArchived(dir)) applied.set(path, applied.get(path) ?? said);
      continue;
    }
    const again = pathWithin(tree, root, path);
    if (again !== undefined && repositoryPath({ path: again }, artifactRoot) === path)
      paths.set(path, paths.get(path) ?? said);
  }
  // Without a path it would build the whole repository: where each cluster gives it one, it waits for that.
  const isWhole = root.data.spec?.path !== undefined || paths.size + applied.size === 0;
  const withPath = (path: string) => ({ ...root, data: { ...root.data, spec: { ...root.data.spec, path } } });
  const variants = [...paths.values()].map(withPath);
  return {
    variants,
    applied: [...applied].flatMap(([path, said]) => (paths.has(path) ? [] : [withPath(said)])),
    isPlain: isWhole && (variants.length === 0 || (own !== undefined && isItself(tree, root, own, artifactRoot))),
  };
}

/**
 * A FluxKustomization that names no source, with the one that the folder it builds gives it: a component shared by all may say
 * `sourceRef` once.
 */
export function withBuiltSource(tree: Tree, root: KubeObject): KubeObject {
  const { spec } = root.data;
  if (!spec || spec.sourceRef !== undefined || spec.kubeConfig !== undefined) return root;
  const dir = repositoryPath(spec, "");
  if (!dir || !tree.isDir(dir) || !reach(tree, dir).resources.includes(root.file)) return root;
  const built = readableSpec(builtBy(tree, root, dir));
  return built?.sourceRef === undefined ? root : { ...root, data: { ...root.data, spec: built } };
}

/** Whether the folder that a FluxKustomization says builds its manifest without saying another one. */
function isItself(tree: Tree, root: KubeObject, own: string, artifactRoot: string): boolean {
  if (!tree.isDir(own) || !reach(tree, own).resources.includes(root.file)) return false;
  const said = pathWithin(tree, root, own);
  return said !== undefined && repositoryPath({ path: said }, artifactRoot) === own;
}

/** `spec.path` of a FluxKustomization as the build of a folder gives it. */
export function pathWithin(tree: Tree, object: KubeObject, dir: string): string | undefined {
  const path = readableSpec(builtBy(tree, object, dir))?.path;
  return typeof path === "string" ? path : undefined;
}
