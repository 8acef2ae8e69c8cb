import jsonpatch from "fast-json-patch";
import { matchesLabels } from "../kustomize/index.ts";
import { readYamlCached } from "../yaml/read.ts";
import { groupOf } from "./kinds.ts";
import type { PatchTarget, YamlData } from "./types.ts";

/** What kustomize patches do to one object; `deleted` when a `$patch: delete` hits it. */
export interface PatchedObject {
  data: YamlData;
  deleted: boolean;
  /** Index of every patch that selected the object. */
  applied: number[];
  /** Patches that cannot be evaluated here; the object may differ in the cluster. */
  unknown: { index: number; reason: string }[];
}

/**
 * Applies a kustomize `patches` list (also a FluxKustomization's `spec.patches`) to one custom resource.
 * Strategic merge on kinds without a schema known to kustomize is a JSON merge: maps merge, lists are replaced,
 * null removes (flux-semantics 3). Never use it for Deployments, whose lists merge by key.
 */
export function applyPatches(data: YamlData, patches: unknown): PatchedObject {
  const result: PatchedObject = { data, deleted: false, applied: [], unknown: [] };
  if (!Array.isArray(patches)) return result;
  patches.forEach((item: YamlData, index) => {
    if (result.deleted || typeof item?.patch !== "string") return;
    applyOne(result, index, item.patch, item.target);
  });
  return result;
}

function applyOne(result: PatchedObject, index: number, body: string, target: PatchTarget | undefined): void {
  const parsed = readYamlCached(body);
  if (!parsed.ok) {
    result.unknown.push({ index, reason: parsed.reason });
    return;
  }
  for (const { data: patch } of parsed.docs as { data: YamlData }[]) {
    if (patch === undefined) continue;
    const selected = target
      ? matchesTarget(target, result.data)
      : !Array.isArray(patch) && isSameObject(patch, result.data);
    if (selected === undefined) result.unknown.push({ index, reason: "selector cannot be read" });
    if (!selected) continue;
    result.applied.push(index);
    if (Array.isArray(patch)) applyJsonPatch(result, index, patch);
    else if (patch.$patch === "delete") result.deleted = true;
    else result.data = mergeKeepingIdentity(result.data, patch);
  }
}

function applyJsonPatch(result: PatchedObject, index: number, operations: YamlData[]): void {
  try {
    const copy = structuredClone(result.data);
    result.data = jsonpatch.applyPatch(copy, structuredClone(operations), true).newDocument;
  } catch (error) {
    result.unknown.push({ index, reason: error instanceof Error ? error.name : String(error) });
  }
}

/** Whether a patch target selects the object; undefined when a selector cannot be read. Empty fields match anything. */
export function matchesTarget(target: PatchTarget, data: YamlData): boolean | undefined {
  const apiVersion = String(data?.apiVersion ?? "");
  const group = groupOf(apiVersion);
  const version = apiVersion.slice(group === "" ? 0 : group.length + 1);
  const metadata = data?.metadata ?? {};
  const plain =
    matchesPattern(target.group, group) &&
    matchesPattern(target.version, version) &&
    matchesPattern(target.kind, String(data?.kind ?? "")) &&
    matchesPattern(target.name, String(metadata.name ?? "")) &&
    (!target.namespace || !metadata.namespace || matchesPattern(target.namespace, String(metadata.namespace)));
  if (!plain) return false;
  const labels = target.labelSelector ? matchesLabels(target.labelSelector, metadata.labels ?? {}) : true;
  if (labels !== true) return labels;
  return target.annotationSelector ? matchesLabels(target.annotationSelector, metadata.annotations ?? {}) : true;
}

function matchesPattern(pattern: string | undefined, value: string): boolean {
  if (!pattern) return true;
  try {
    return new RegExp(`^(?:${pattern})$`).test(value);
  } catch {
    return pattern === value;
  }
}

function isSameObject(patch: YamlData, data: YamlData): boolean {
  return (
    patch?.kind === data?.kind &&
    groupOf(String(patch?.apiVersion ?? "")) === groupOf(String(data?.apiVersion ?? "")) &&
    patch?.metadata?.name === data?.metadata?.name
  );
}

function mergeKeepingIdentity(data: YamlData, patch: YamlData): YamlData {
  const merged = mergeMaps(data, patch);
  return {
    ...merged,
    kind: data.kind,
    apiVersion: data.apiVersion,
    metadata: { ...merged.metadata, name: data.metadata?.name, ...namespaceOf(data) },
  };
}

function namespaceOf(data: YamlData): { namespace?: string } {
  return data.metadata?.namespace === undefined ? {} : { namespace: data.metadata.namespace };
}

/** JSON merge patch that leaves its inputs alone; `$patch: replace` swaps the whole map. */
export function mergeMaps(base: YamlData, patch: YamlData): YamlData {
  if (!isMap(patch)) return patch;
  if (patch.$patch === "replace") {
    const { $patch: _, ...rest } = patch;
    return rest;
  }
  const out: YamlData = isMap(base) ? { ...base } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (key === "$patch") continue;
    if (value === null || (isMap(value) && value.$patch === "delete")) delete out[key];
    else out[key] = mergeMaps(out[key], value);
  }
  return out;
}

function isMap(value: unknown): value is Record<string, YamlData> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
