import { posix } from "node:path";
import { type Data, joinPath, type Snapshot } from "./snapshot.ts";

/** kustomize takes the first of these in a folder (flux-facts 2.8). */
const KUSTOMIZE_FILES = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** Path of the kustomization file of a folder. */
export function kustomizationFile(tree: Snapshot, dir: string): string | undefined {
  return KUSTOMIZE_FILES.map((name) => joinPath(dir, name)).find((path) => tree.has(path));
}

/** One path that a kustomization file names. */
export interface NamedPath {
  field: string;
  target: string;
}

export const isRemote = (target: string): boolean =>
  /^[a-z+]+:\/\//.test(target) ||
  /^(git@|github\.com\/|gitlab\.com\/|bitbucket\.org\/)/.test(target) ||
  /\?ref=/.test(target);

const text = (value: unknown): value is string => typeof value === "string" && value !== "";

function listOf(value: unknown): Data[] {
  return Array.isArray(value) ? value : [];
}

/** An inline patch has line breaks or a colon followed by a blank; a path has neither. */
const isInlinePatch = (value: string): boolean => /\n|:\s/.test(value);

/** Every path that the data of a kustomization file names, with the field that names it. */
export function namedPaths(data: Data): NamedPath[] {
  const out: NamedPath[] = [];
  const add = (field: string, target: unknown): void => {
    if (text(target)) out.push({ field, target });
  };
  for (const field of [
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "transformers",
    "generators",
    "validators",
  ]) {
    for (const item of listOf(data?.[field])) if (text(item) && !isInlinePatch(item)) add(field, item);
  }
  for (const item of listOf(data?.patches)) add("patches", item?.path);
  for (const item of listOf(data?.patchesJson6902)) add("patchesJson6902", item?.path);
  for (const item of listOf(data?.replacements)) add("replacements", item?.path);
  for (const item of listOf(data?.patchesStrategicMerge)) {
    if (text(item) && !isInlinePatch(item)) add("patchesStrategicMerge", item);
  }
  for (const field of ["configMapGenerator", "secretGenerator"]) {
    for (const generator of listOf(data?.[field])) {
      for (const file of listOf(generator?.files)) add(field, text(file) ? file.replace(/^[^=]+=/, "") : undefined);
      for (const env of [...listOf(generator?.envs), generator?.env]) add(field, env);
    }
  }
  for (const chart of listOf(data?.helmCharts)) add("helmCharts", chart?.valuesFile);
  add("openapi", data?.openapi?.path);
  return out;
}

/** What source-controller leaves out of every artifact, whatever its source says. */
const LEFT_OUT = [".goreleaser.yml", ".sops.yaml", ".flux.yaml"];

/** Files and folders Flux would list in a generated kustomization for a folder that has none (flux-facts 2.8). */
export function scanFolder(tree: Snapshot, dir: string): string[] {
  const out: string[] = [];
  for (const name of tree.entries(dir)) {
    const path = joinPath(dir, name);
    if (tree.isDir(path)) {
      if (kustomizationFile(tree, path)) out.push(path);
      else out.push(...scanFolder(tree, path));
    } else if (/\.ya?ml$/.test(name) && !LEFT_OUT.includes(name)) out.push(path);
  }
  return out;
}

/**
 * Every file whose change can change what a build of `path` (file or folder) yields, in the order met.
 * `extra` are further components relative to the folder.
 */
export function reach(tree: Snapshot, path: string, extra: string[] = []): string[] {
  const seen = new Set<string>();
  const visit = (at: string): void => {
    if (tree.has(at)) {
      seen.add(at);
      return;
    }
    const file = kustomizationFile(tree, at);
    if (!file) {
      if (tree.isDir(at)) for (const found of scanFolder(tree, at)) visit(found);
      return;
    }
    if (seen.has(file)) return;
    seen.add(file);
    for (const { target } of tree.yaml(file).docs.flatMap((doc) => namedPaths(doc.data))) {
      if (!isRemote(target)) visit(joinPath(at, target));
    }
  };
  visit(path);
  for (const component of extra) visit(joinPath(path, component));
  return [...seen];
}

/** Folder of a path, `''` for the root. */
export function dirOf(path: string): string {
  const dir = posix.dirname(path);
  return dir === "." ? "" : dir;
}
