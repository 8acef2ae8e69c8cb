import { readYamlCached } from "../../yaml/read.ts";
import { applyPatches, matchesTarget } from "../effective.ts";
import type { Cluster, YamlData } from "../types.ts";
import { parentOfApps } from "./substitution.ts";

/**
 * A FluxKustomization with the empty lists and maps that the parent's JSON patches add to: an owner who appends to
 * `/spec/postBuild/substituteFrom/-` of every child writes `substituteFrom: []` in each of them, and one child without
 * it fails the whole build.
 */
export function withScaffold(cluster: Cluster, data: YamlData): YamlData {
  const patches: YamlData[] = parentOfApps(cluster).effective?.spec?.patches ?? [];
  if (applyPatches(data, patches).unknown.length === 0) return data;
  const copy = structuredClone(data);
  for (const { patch, target } of patches) {
    if (typeof patch !== "string" || !target || matchesTarget(target, copy) !== true) continue;
    const parsed = readYamlCached(patch);
    const operations = parsed.ok ? parsed.docs[0]?.data : undefined;
    if (!Array.isArray(operations)) continue;
    for (const { op, path } of operations) if (op === "add" && typeof path === "string") ensureParent(copy, path);
  }
  return copy;
}

/** Makes what a JSON pointer passes through; an existing scalar on the way is left for the build to reject. */
function ensureParent(data: YamlData, pointer: string): void {
  const keys = pointer
    .split("/")
    .slice(1)
    .map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  let at = data;
  for (let index = 0; index < keys.length - 1; index++) {
    const isList = /^(?:-|\d+)$/.test(keys[index + 1]!);
    if (at === null || typeof at !== "object") return;
    at[keys[index]!] ??= isList ? [] : {};
    at = at[keys[index]!];
  }
}
