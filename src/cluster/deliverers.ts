import { readable } from "../contract/answer.ts";
import { type DeliveredFluxObject, itemsOf, type KubeObject } from "../contract/objects.ts";
import { ofOwn } from "../contract/of-own.ts";
import { reachOf } from "../delivery/flux-build.ts";
import { isFluxPartUrl } from "../delivery/kinds.ts";
import { kustomizationOf, type Reach } from "../delivery/kustomize/index.ts";
import type { Tree } from "../files/tree.ts";
import { keyOf, repositoryPath } from "./graph.ts";
import { readLazily } from "./objects.ts";
import type { Install, LazyDocument } from "./types.ts";

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

/** What a chart comes from: it goes with the last release of it. */
const CHART_SOURCES = ["HelmRepository", "OCIRepository", "HelmChart"];
const VALUES: Readonly<Record<string, string>> = { configMapGenerator: "ConfigMap", secretGenerator: "Secret" };

/**
 * Whether a folder holds a release with its chart and its values, and nothing else: its FluxKustomization goes with it. Errs
 * towards keeping, as above.
 */
export function holdsOnlyRelease(
  tree: Tree,
  { resources, remotes, kustomizations }: Reach,
  release: KubeObject,
): boolean {
  if (resources.length !== 1 || resources[0] !== release.file || remotes.length > 0) return false;
  const isPart = ({ doc, kind }: LazyDocument) => doc === release.doc || CHART_SOURCES.includes(kind);
  const wanted = new Set(itemsOf(release.data.spec?.valuesFrom).map((from) => `${from?.kind}/${from?.name}`));
  const generates = (dir: string) => {
    const data = kustomizationOf(tree, dir)?.data;
    return GENERATORS.some((field) =>
      itemsOf(data?.[field]).some((item) => !wanted.has(`${ofOwn(VALUES, field)}/${item?.name}`)),
    );
  };
  return readLazily(tree, release.file).every(isPart) && !kustomizations.some(generates);
}

function hasGenerators(tree: Tree, dir: string): boolean {
  const data = kustomizationOf(tree, dir)?.data;
  return GENERATORS.some((field) => Array.isArray(data?.[field]));
}
