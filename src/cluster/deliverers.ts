import { readable } from "../contract/answer.ts";
import type { DeliveredFluxObject, KubeObject } from "../contract/objects.ts";
import { reachOf } from "../delivery/flux-build.ts";
import { isFluxPartUrl } from "../delivery/kinds.ts";
import { kustomizationOf } from "../delivery/kustomize/index.ts";
import type { Tree } from "../files/tree.ts";
import { keyOf, repositoryPath } from "./graph.ts";
import { readLazily } from "./objects.ts";
import type { Install } from "./types.ts";

const GENERATORS = ["generators", "configMapGenerator", "secretGenerator", "helmCharts", "helmChartInflationGenerator"];

/**
 * FluxKustomizations whose folder holds an install and nothing else: once it is gone their build would fail, since a
 * kustomization must not be empty and a path must exist (trap 42). Errs towards keeping: one more object, a generator
 * or a build that fails today keeps the FluxKustomization.
 * @param local FluxKustomizations that read this repository, the root first; the root is never among the result.
 */
export function findDeliverers(
  tree: Tree,
  local: readonly DeliveredFluxObject[],
  artifactRoot: string,
  install: Pick<Install, "objects">,
): KubeObject[] {
  const own = new Set(install.objects.map(keyOf));
  const files = new Set(install.objects.map(({ file }) => file));
  const isOwn = (file: string) =>
    files.has(file) && readLazily(tree, file).every(({ doc }) => own.has(`${file}#${doc}`));
  const holdsOnlyInstall = ({ object, effective }: DeliveredFluxObject) => {
    const path = own.has(keyOf(object)) ? undefined : repositoryPath(readable(effective).spec, artifactRoot);
    if (path === undefined) return false;
    const { resources, remotes, kustomizations, missing, broken } = reachOf(tree, readable(effective).spec, path);
    if (resources.length + remotes.length === 0 || missing.length + broken.length > 0) return false;
    return (
      remotes.every(({ url }) => isFluxPartUrl(url)) &&
      resources.every(isOwn) &&
      !kustomizations.some((dir) => hasGenerators(tree, dir))
    );
  };
  return local
    .slice(1)
    .filter(holdsOnlyInstall)
    .map(({ object }) => object);
}

function hasGenerators(tree: Tree, dir: string): boolean {
  const data = kustomizationOf(tree, dir)?.data;
  return GENERATORS.some((field) => Array.isArray(data?.[field]));
}
