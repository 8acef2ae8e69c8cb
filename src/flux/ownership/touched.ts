import { kustomizationNames } from "../../kustomize/file.ts";
import { findKustomization, reach } from "../../kustomize/index.ts";
import type { Tree } from "../../workspace/tree.ts";
import { repositoryPath } from "../graph.ts";
import { basename, dirname, isWithin, join } from "../paths.ts";
import type { YamlData } from "../types.ts";

/** Files that the build of a FluxKustomization reads, kustomization files included. */
export function readFiles(tree: Tree, spec: YamlData, artifactRoot: string): ReadonlySet<string> {
  const found = look(tree, spec, artifactRoot);
  const files = new Set([...(found?.resources ?? []), ...(found?.auxiliary ?? [])]);
  for (const dir of found?.kustomizations ?? []) {
    for (const name of kustomizationNames) if (tree.has(join(dir, name))) files.add(join(dir, name));
  }
  return files;
}

/**
 * Whether a change of some paths may change what a FluxKustomization builds, judged by what it reads in one of the trees:
 * a changed file it reads, a kustomization file that comes or goes, any file below a folder that is walked, or a file
 * where one is missing today. Errs towards true.
 */
export function isTouched(tree: Tree, spec: YamlData, artifactRoot: string, changed: ReadonlySet<string>): boolean {
  if (changed.size === 0) return false;
  const path = repositoryPath(spec, artifactRoot);
  const found = look(tree, spec, artifactRoot);
  if (path === undefined || found === undefined) return true;
  const files = readFiles(tree, spec, artifactRoot);
  const isWalked = findKustomization(tree, path) === undefined;
  const folders = new Set([path, ...found.kustomizations]);
  const gaps = [
    ...found.missing.flatMap(({ at, target }) => [join(dirname(at.file), target), join(path, target)]),
    ...(Array.isArray(spec?.components) ? spec.components.map((item: unknown) => join(path, String(item))) : []),
  ];
  const names: readonly string[] = kustomizationNames;
  for (const file of changed) {
    if (files.has(file) || (isWalked && isWithin(file, path))) return true;
    if (names.includes(basename(file)) && folders.has(dirname(file))) return true;
    if (gaps.some((gap) => isWithin(file, gap))) return true;
  }
  return found.broken.length > 0;
}

function look(tree: Tree, spec: YamlData, artifactRoot: string) {
  const path = repositoryPath(spec, artifactRoot);
  if (path === undefined || !(path === "" || tree.isDir(path))) return undefined;
  const components = Array.isArray(spec?.components)
    ? spec.components.filter((item: unknown) => typeof item === "string")
    : [];
  return reach(tree, path, { components, ignoreMissingComponents: spec?.ignoreMissingComponents === true });
}
