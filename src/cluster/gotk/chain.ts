import { findKustomization, type KustomizationFile, loadKustomization, reach } from "../../delivery/kustomize/index.ts";
import { join } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";

/**
 * The kustomizations that the documents of a file pass on their way to the cluster, innermost first; a component comes
 * before the kustomization that names it. Everything they set applies to Flux as well.
 * @param top folder that a FluxKustomization builds.
 */
export function findChain(tree: Tree, top: string, file: string): KustomizationFile[] {
  const found = reach(tree, top);
  const passed = found.kustomizations
    .map((dir) => ({ dir, inner: reach(tree, dir) }))
    .filter(({ inner }) => inner.resources.includes(file))
    .sort((a, b) => a.inner.kustomizations.length - b.inner.kustomizations.length);
  const chain: KustomizationFile[] = [];
  const add = (dir: string) => {
    const path = findKustomization(tree, dir);
    const loaded = path && path.error === undefined ? loadKustomization(tree, path.path, dir === top) : undefined;
    if (!loaded?.ok || chain.some((known) => known.path === loaded.file.path)) return;
    const components = loaded.file.data.components;
    if (Array.isArray(components)) for (const item of components) add(join(dir, String(item)));
    chain.push(loaded.file);
  };
  for (const { dir } of passed) add(dir);
  return chain;
}
