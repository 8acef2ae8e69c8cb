import type { Loc } from "../errors.ts";
import { findKustomization, loadKustomization } from "../kustomize/index.ts";
import type { Tree } from "../workspace/tree.ts";
import { readYamlCached } from "../yaml/read.ts";
import { mergeMaps } from "./effective.ts";
import { dirname, join } from "./paths.ts";
import type { KubeObject, YamlData } from "./types.ts";

export interface HelmValues {
  values: YamlData;
  /** Files the values were read from, besides the HelmRelease itself. */
  files: string[];
  /** `valuesFrom` entries whose content is not in the tree (Secrets, ConfigMaps made elsewhere). */
  unknown: { at: Loc; what: string }[];
}

/**
 * The values of a HelmRelease: `valuesFrom` in order, then inline `values` on top (helm-controller's order).
 * ConfigMaps are found through the `configMapGenerator` of the kustomization beside the HelmRelease or above it.
 */
export function readHelmValues(tree: Tree, release: KubeObject, spec: YamlData): HelmValues {
  const result: HelmValues = { values: {}, files: [], unknown: [] };
  const at = { file: release.file, line: 1, col: 1 };
  for (const from of Array.isArray(spec?.valuesFrom) ? spec.valuesFrom : []) {
    const file =
      from?.kind === "ConfigMap"
        ? findGenerated(tree, release.file, from.name, from.valuesKey ?? "values.yaml")
        : undefined;
    const parsed = file === undefined ? undefined : readYamlCached(tree.read(file) ?? "");
    if (file === undefined || !parsed?.ok || from.targetPath) {
      result.unknown.push({ at, what: `valuesFrom ${from?.kind} ${from?.name}` });
      continue;
    }
    result.files.push(file);
    result.values = mergeMaps(result.values, parsed.docs[0]?.data ?? {});
  }
  result.values = mergeMaps(result.values, spec?.values ?? {});
  return result;
}

/** The file behind one key of a generated ConfigMap. */
function findGenerated(tree: Tree, near: string, name: string, key: string): string | undefined {
  for (let dir = dirname(near), depth = 0; depth < 3; dir = dirname(dir), depth++) {
    const found = findKustomization(tree, dir);
    const loaded = found?.error === undefined && found ? loadKustomization(tree, found.path) : undefined;
    const generators = loaded?.ok ? loaded.file.data.configMapGenerator : undefined;
    for (const generator of Array.isArray(generators) ? generators : []) {
      if (generator?.name !== name) continue;
      for (const entry of Array.isArray(generator.files) ? generator.files : []) {
        const [left, right] = String(entry).split("=");
        const path = join(dir, right ?? left!);
        if ((right === undefined ? path.slice(path.lastIndexOf("/") + 1) : left) === key && tree.has(path)) return path;
      }
    }
    if (dir === "") break;
  }
  return undefined;
}
