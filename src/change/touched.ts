import { artifactRootOf, findReach, repositoryPath } from "../cluster/graph.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import { findKustomization, fluxPath, isKustomizationFile } from "../delivery/kustomize/index.ts";
import { dirname, isWithin, join } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { listPlaces } from "./open-paths.ts";
import type { FluxSpec } from "./types.ts";

/** Files that the build of a FluxKustomization reads, kustomization files included. */
export function readFiles(tree: Tree, spec: FluxObjectSpec | undefined, artifactRoot: string): ReadonlySet<string> {
  const found = findReach(tree, spec, artifactRoot);
  return found?.files() ?? new Set();
}

/** Folder of this repository that a FluxKustomization builds; undefined where its source is another, or its path not literal. */
export function folderOf(data: FluxSpec["data"] | undefined, artifactRoot: string): string | undefined {
  return data?.isLocal ? repositoryPath(data.spec, artifactRoot) : undefined;
}

/** Files of a build that are no resources: kustomizations, patches, generators. */
export function listShapingFiles(tree: Tree, spec: FluxObjectSpec | undefined, artifactRoot: string): string[] {
  const found = findReach(tree, spec, artifactRoot);
  if (!found) return [];
  const resources = new Set(found.resources);
  return [...found.files()].filter((file) => !resources.has(file));
}

/**
 * Whether a change of some paths may change what a FluxKustomization builds, judged by what it reads in one of the trees:
 * a changed file it reads, a kustomization file that comes or goes, any file that a walk
 * over folders meets, or a file where one is missing today. Errs towards true, but for a kustomization that does not parse: the same text fails again.
 */
export function isTouched(
  tree: Tree,
  spec: FluxObjectSpec | undefined,
  artifactRoot: string,
  changed: ReadonlySet<string>,
): boolean {
  if (changed.size === 0) return false;
  const path = repositoryPath(spec, artifactRoot);
  if (path === undefined) return touchesOpenPath(tree, spec, artifactRoot, changed);
  const found = findReach(tree, spec, artifactRoot);
  // A folder that is not there, and that the change does not make, goes on failing.
  if (found === undefined) return [...changed].some((file) => isWithin(file, path));
  const files = found.files();
  const isWalked = findKustomization(tree, path) === undefined;
  const folders = new Set([path, ...found.kustomizations]);
  const gaps = [
    ...found.missing.flatMap(({ at, target }) => [join(dirname(at.file), target), join(path, target)]),
    ...(Array.isArray(spec?.components) ? spec.components.map((item: unknown) => join(path, String(item))) : []),
  ];
  for (const file of files.size < changed.size ? files : changed) if (files.has(file) && changed.has(file)) return true;
  if (isWalked || gaps.length > 0) {
    for (const file of changed) {
      if ((isWalked && isWalkedTo(tree, path, file)) || gaps.some((gap) => isWithin(file, gap))) return true;
    }
  }
  const listEdited = () => [...changed].filter(isKustomizationFile).map(dirname);
  const edited = remember(tree, "edited kustomizations", changed, listEdited);
  if (edited.some((dir) => folders.has(dir))) return true;
  return found.broken.some(({ at }) => [...changed].some((file) => isWithin(file, dirname(at.file))));
}

/** No walk over folders takes these; other names may be folders with files that are not here. */
const PROSE = /\.(?:md|txt|adoc|rst|png|jpe?g|gif|svg|drawio)$/i;

/** Whether a folder that is walked is walked down to a file: it ends at a folder with a kustomization of its own. */
function isWalkedTo(tree: Tree, path: string, file: string): boolean {
  // A file or a link that takes the place of the folder, or makes way for it.
  if (file === path) return true;
  if (!isWithin(file, path) || PROSE.test(file)) return false;
  for (let dir = dirname(file); dir !== path; dir = dirname(dir)) if (findKustomization(tree, dir)) return false;
  return true;
}

/** A path with a variable may be any folder that it fits; where those are too many, any below what stands before it. */
function touchesOpenPath(
  tree: Tree,
  spec: FluxObjectSpec | undefined,
  artifactRoot: string,
  changed: ReadonlySet<string>,
): boolean {
  const places = listPlaces(tree, spec, artifactRoot, changed);
  if (places) return places.some((path) => isTouched(tree, { ...spec, path }, artifactRoot, changed));
  const text = String(spec?.path ?? "");
  const fixed = join(artifactRootOf(spec, artifactRoot), fluxPath(text.slice(0, text.indexOf("${"))));
  return [...changed].some((file) => file.startsWith(fixed));
}
