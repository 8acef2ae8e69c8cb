import type { Loc } from "../../contract/errors.ts";
import type { Tree } from "../../files/tree.ts";
import type { Data } from "./data.ts";
import { locateIn } from "./locate.ts";
import { parentDir } from "./paths.ts";
import { readKustomizationDoc } from "./read.ts";
import { checkKustomization, ShapeError } from "./schema.ts";

/** File names kustomize accepts, in the order kustomize-controller looks for them (flux-facts 2.8 item 2). */
export const kustomizationNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"] as const;

/** Whether a path names a kustomization file, whose folder then counts as its build. */
export function isKustomizationFile(path: string): boolean {
  return kustomizationNames.some((name) => path === name || path.endsWith(`/${name}`));
}

/** Kustomizations that may lie one behind the other; what is further away stays unknown. */
export const deepestBases = 300;

export type Found = { path: string; error?: undefined } | { error: string; paths: string[] } | undefined;

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
}

export type Loaded = { ok: true; file: KustomizationFile } | { ok: false; at: Loc; reason: string };

/** Strict and lenient, by path: two trees of one run differ in a few files only. */
const caches = [new Map<string, Cached>(), new Map<string, Cached>()] as const;

interface Cached {
  text: string | undefined;
  loaded: Loaded;
}

/**
 * Reads a kustomization file with kustomize's checks of kind, apiVersion, fields and emptiness; `lenient` as
 * kustomize-controller reads the file at `spec.path` (flux-facts 2.8 item 3). A Flux Kustomization in a file of this
 * name makes its folder unbuildable (flux-facts 2.8 item 7). Cached by path and text.
 */
export function loadKustomization(tree: Tree, path: string, lenient = false): Loaded {
  const cache = caches[lenient ? 1 : 0];
  const text = tree.read(path);
  const known = cache.get(path);
  if (known !== undefined && text !== undefined && known.text === text) return known.loaded;
  const loaded = load(tree, path, lenient);
  cache.set(path, { text, loaded });
  return loaded;
}

function load(tree: Tree, path: string, lenient: boolean): Loaded {
  const fail = (reason: string, at: Loc = { file: path, line: 1, col: 1 }): Loaded => ({ ok: false, at, reason });
  const text = tree.read(path);
  if (text === undefined) return fail(`not a readable text file (${tree.status(path)})`);
  const read = readKustomizationDoc(text);
  if (!read.ok) return fail(read.reason, { file: path, line: read.line, col: read.col });
  let data: Record<string, unknown>;
  try {
    data = checkKustomization(read.data ?? {}, lenient);
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    const field = String(error.path[0] ?? "");
    return fail(error.message, locateIn(tree, path, field, String(error.path.at(-1) ?? "")));
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
  return { ok: true, file: { path, dir: parentDir(path), kind, data } };
}

/** An empty list counts as content for kustomize, an empty string, `false` or null does not. */
function isEmpty(data: Record<string, unknown>): boolean {
  return Object.entries(data).every(([key, value]) => key === "apiVersion" || key === "kind" || value === "");
}
