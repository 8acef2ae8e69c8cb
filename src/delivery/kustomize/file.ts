import { type Loc, lineOf } from "../../contract/errors.ts";
import { isLfsPointer } from "../../files/file-text.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { isLeftOutOf } from "../artifact-files.ts";
import { isFluxKustomization } from "../kinds.ts";
import { dirname } from "../paths.ts";
import type { Data } from "./data.ts";
import { sayPointer } from "./failures.ts";
import { locateIn } from "./locate-value.ts";
import { readKustomizationDoc, rememberFile, withoutDirective } from "./read.ts";
import { checkKustomization, ShapeError } from "./schema.ts";

/** File names kustomize accepts, in the order kustomize-controller looks for them (flux-facts 2.8 item 2). */
export const kustomizationNames: readonly string[] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/** Whether a path names a kustomization file, whose folder then counts as its build. */
export function isKustomizationFile(path: string): boolean {
  return kustomizationNames.some((name) => path === name || path.endsWith(`/${name}`));
}

/** Kustomizations that may lie one behind the other; what is further away stays unknown. */
export const deepestBases = 300;

type Found = { path: string; error?: undefined } | { error: string; paths: string[] } | undefined;

/** Finds the kustomization file of a folder. Two of them make kustomize fail (flux-facts 2.8 item 2). */
export function findKustomization(tree: Tree, dir: string): Found {
  const prefix = dir === "" ? "" : `${dir}/`;
  const paths = kustomizationNames.map((name) => prefix + name).filter((path) => tree.has(path) && !tree.isDir(path));
  if (paths.length > 1) return { error: `found multiple kustomization files in ${dir || "."}`, paths };
  return paths.length === 1 ? { path: paths[0]! } : undefined;
}

export interface KustomizationFile {
  path: string;
  dir: string;
  kind: "Kustomization" | "Component";
  /** Canonical field names, nothing null. */
  data: Data;
  /** Unknown fields that the lenient reading drops. */
  ignored?: readonly (string | number)[][];
}

type Loaded = { ok: true; file: KustomizationFile } | { ok: false; at: Loc; reason: string };

/** The kustomization of a folder, see `loadKustomization`; undefined where there is none. */
export function openKustomization(tree: Tree, dir: string, lenient: boolean): Loaded | undefined {
  const found = findKustomization(tree, dir);
  if (found?.error === undefined) return found && loadKustomization(tree, found.path, lenient);
  return { ok: false, at: lineOf(found.paths[0]!), reason: found.error };
}

/**
 * What kustomize-controller writes into a folder without a kustomization: files ending in exactly `.yaml` or `.yml`, hidden
 * ones too where they reach the artifact, in lexical order; a sub-folder with a kustomization counts as one resource and is not entered (flux-facts 2.8
 * item 4). Symlinks never reach kustomize-controller.
 */
export function generateKustomization(tree: Tree, dir: string): KustomizationFile {
  const resources: string[] = [];
  const visit = (folder: string) => {
    for (const name of tree.entries(folder)) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (isLeftOutOf(tree, path)) continue;
      const isFolder = tree.isDir(path);
      if (isFolder && findKustomization(tree, path) === undefined) visit(path);
      else if (isFolder || (/\.ya?ml$/.test(name) && tree.status(path) !== "symlink"))
        resources.push(withoutSurrogates(dir === "" ? path : path.slice(dir.length + 1)));
    }
  };
  visit(dir);
  return { path: dir, dir, kind: "Kustomization", data: { resources } };
}

/** The controller writes names as JSON, so that one which is no UTF-8 names no file any more, and the build fails. */
const withoutSurrogates = (name: string): string => name.replace(/\p{Surrogate}/gu, "\ufffd");

const strict = rememberFile((tree, path) => load(tree, path, false));
const lax = rememberFile((tree, path) => load(tree, path, true));

/**
 * Reads a kustomization file with kustomize's checks of kind, apiVersion, fields and emptiness; lenient, unless told
 * otherwise, as kustomize-controller reads the file at `spec.path` (flux-facts 2.8 item 3). A Flux Kustomization in a file of this
 * name makes its folder unbuildable (flux-facts 2.8 item 7). Cached by path and text.
 */
export function loadKustomization(tree: Tree, path: string, lenient = true): Loaded {
  return (lenient ? lax : strict)(tree, path);
}

/** The kustomization of a folder, read as `loadKustomization` does; undefined where there is none that can be read. */
export function kustomizationOf(tree: Tree, dir: string, lenient = true): KustomizationFile | undefined {
  const found = findKustomization(tree, dir);
  const loaded = found && found.error === undefined ? loadKustomization(tree, found.path, lenient) : undefined;
  return loaded?.ok ? loaded.file : undefined;
}

function load(tree: Tree, path: string, lenient: boolean): Loaded {
  const fail = (reason: string, at: Loc = lineOf(path)): Loaded => ({ ok: false, at, reason });
  const text = tree.read(path);
  if (text === undefined) return fail(`not a readable text file (${tree.status(path)})`);
  if (isLfsPointer(text)) return fail(sayPointer("the kustomization"));
  const read = readKustomizationDoc(withoutDirective(text));
  if (!read.ok) return fail(read.reason, { file: path, line: read.line, col: read.col });
  let data: Record<string, unknown>;
  const ignored: (string | number)[][] = [];
  try {
    data = checkKustomization(read.data ?? {}, lenient ? (field) => ignored.push(field) : undefined);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const field = String(error.path[0] ?? "");
    const at = locateIn(tree, path, field, String(error.path.at(-1) ?? ""));
    return fail(isOfFlux(read.data) ? `${OF_FLUX}: ${error.message}` : error.message, at);
  }
  const kind = data.kind || "Kustomization";
  if (kind !== "Kustomization" && kind !== "Component") {
    return fail(`kind should be Kustomization or Component, not ${kind}`, locateIn(tree, path, "kind", String(kind)));
  }
  const wanted = kind === "Component" ? "kustomize.config.k8s.io/v1alpha1" : "kustomize.config.k8s.io/v1beta1";
  if (data.apiVersion && data.apiVersion !== wanted) {
    const at = locateIn(tree, path, "apiVersion", String(data.apiVersion));
    return fail(`apiVersion for ${kind} should be ${wanted}, not ${data.apiVersion}`, at);
  }
  if (!lenient && isEmpty(data)) return fail("the kustomization is empty");
  return { ok: true, file: { path, dir: dirname(path), kind, data, ignored } };
}

/** Both kinds have one name, which is easily given to the file as well. */
const OF_FLUX = "it holds a Kustomization of Flux, which kustomize takes for one of its own by the name of the file";

function isOfFlux(data: unknown): boolean {
  return isMap(data) && isFluxKustomization({ apiVersion: String(data.apiVersion), kind: String(data.kind) });
}

/** An empty list counts as content for kustomize, an empty string, `false` or null does not. */
function isEmpty(data: Record<string, unknown>): boolean {
  return Object.entries(data).every(([key, value]) => key === "apiVersion" || key === "kind" || value === "");
}
