import type { Loc } from "../errors.ts";
import type { Tree } from "../workspace/tree.ts";
import { readDocs } from "./read.ts";

/** File names kustomize accepts, in the order kustomize-controller looks for them (flux-semantics 2.8 item 2). */
export const kustomizationNames = ["kustomization.yaml", "kustomization.yml", "Kustomization"] as const;

export type Found = { path: string; error?: undefined } | { error: string; paths: string[] } | undefined;

/** Finds the kustomization file of a folder. Two of them make kustomize fail (flux-semantics 2.8 item 2). */
export function findKustomization(tree: Tree, dir: string): Found {
  const prefix = dir === "" ? "" : `${dir}/`;
  const paths = kustomizationNames.map((name) => prefix + name).filter((path) => tree.has(path) && !tree.isDir(path));
  if (paths.length > 1) return { error: `Found multiple kustomization files under ${dir || "."}`, paths };
  return paths.length === 1 ? { path: paths[0]! } : undefined;
}

export interface KustomizationFile {
  path: string;
  dir: string;
  kind: "Kustomization" | "Component";
  data: Record<string, unknown>;
}

export type Loaded = { ok: true; file: KustomizationFile } | { ok: false; at: Loc; reason: string };

/**
 * Reads a kustomization file and applies kustomize's checks of kind and apiVersion. A Flux Kustomization in a file of
 * this name makes its folder unbuildable (flux-semantics 2.8 item 7).
 */
export function loadKustomization(tree: Tree, path: string): Loaded {
  const fail = (reason: string, line = 1, col = 1): Loaded => ({ ok: false, at: { file: path, line, col }, reason });
  const read = readDocs(tree, path);
  if (!read.ok) return fail(read.reason, read.line, read.col);
  const data = read.docs[0]?.data;
  if (data === undefined || data === null) return fail("the kustomization file is empty");
  if (typeof data !== "object" || Array.isArray(data)) return fail("the kustomization file is not a map");
  const record = data as Record<string, unknown>;
  const kind = record.kind === undefined || record.kind === "" ? "Kustomization" : record.kind;
  if (kind !== "Kustomization" && kind !== "Component")
    return fail(`kind should be Kustomization or Component, not ${String(kind)}`);
  const wanted = kind === "Component" ? "kustomize.config.k8s.io/v1alpha1" : "kustomize.config.k8s.io/v1beta1";
  if (record.apiVersion !== undefined && record.apiVersion !== "" && record.apiVersion !== wanted)
    return fail(`apiVersion for ${kind} should be ${wanted}, not ${String(record.apiVersion)}`);
  return { ok: true, file: { path, dir: path.slice(0, Math.max(0, path.lastIndexOf("/"))), kind, data: record } };
}

/** Strings of a list field; other items are left out. */
export function stringList(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
}

/** Maps of a list field; other items are left out. */
export function mapList(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value)
    ? value.filter(
        (item): item is Record<string, unknown> => typeof item === "object" && item !== null && !Array.isArray(item),
      )
    : [];
}
