import { kustomizationNames } from "../../kustomize/file.ts";
import { findKustomization, reach } from "../../kustomize/index.ts";
import type { Reach } from "../../kustomize/types.ts";
import type { Tree } from "../../workspace/tree.ts";
import { repositoryPath } from "../graph.ts";
import { basename, dirname, isWithin, join } from "../paths.ts";
import type { YamlData } from "../types.ts";

const NONE: ReadonlySet<string> = new Set();
const known = new WeakMap<Reach, ReadonlySet<string>>();

/** Files that the build of a FluxKustomization reads, kustomization files included. */
export function readFiles(tree: Tree, spec: YamlData, artifactRoot: string): ReadonlySet<string> {
  const found = look(tree, spec, artifactRoot);
  return found ? filesOf(tree, found) : NONE;
}

function filesOf(tree: Tree, found: Reach): ReadonlySet<string> {
  let files = known.get(found);
  if (!files) {
    const owns = (dir: string) => kustomizationNames.map((name) => (dir === "" ? name : `${dir}/${name}`));
    const kustomizations = found.kustomizations.flatMap(owns).filter((path) => tree.has(path));
    files = new Set([...found.resources, ...found.auxiliary, ...kustomizations]);
    known.set(found, files);
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
  const files = filesOf(tree, found);
  const isWalked = findKustomization(tree, path) === undefined;
  const folders = new Set([path, ...found.kustomizations]);
  const gaps = [
    ...found.missing.flatMap(({ at, target }) => [join(dirname(at.file), target), join(path, target)]),
    ...(Array.isArray(spec?.components) ? spec.components.map((item: unknown) => join(path, String(item))) : []),
  ];
  for (const file of files.size < changed.size ? files : changed) if (files.has(file) && changed.has(file)) return true;
  if (isWalked || gaps.length > 0) {
    for (const file of changed) {
      if ((isWalked && isWithin(file, path)) || gaps.some((gap) => isWithin(file, gap))) return true;
    }
  }
  if (listKustomizationFolders(changed).some((dir) => folders.has(dir))) return true;
  return found.broken.length > 0;
}

const kustomizationFolders = new WeakMap<ReadonlySet<string>, readonly string[]>();

/** Folders whose kustomization file is among the changed ones. */
function listKustomizationFolders(changed: ReadonlySet<string>): readonly string[] {
  let dirs = kustomizationFolders.get(changed);
  if (!dirs) {
    const names: readonly string[] = kustomizationNames;
    dirs = [...changed].filter((file) => names.includes(basename(file))).map(dirname);
    kustomizationFolders.set(changed, dirs);
  }
  return dirs;
}

function look(tree: Tree, spec: YamlData, artifactRoot: string): Reach | undefined {
  const path = repositoryPath(spec, artifactRoot);
  if (path === undefined || !(path === "" || tree.isDir(path))) return undefined;
  const components = Array.isArray(spec?.components)
    ? spec.components.filter((item: unknown) => typeof item === "string")
    : [];
  return reach(tree, path, { components, ignoreMissingComponents: spec?.ignoreMissingComponents === true });
}
