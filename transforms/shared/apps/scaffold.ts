import type { Cluster } from "../../../src/cluster/types.ts";
import { readableSpec, type YamlData } from "../../../src/contract/objects.ts";
import { patchObject, splitPointer } from "../../../src/delivery/kustomize/index.ts";
import { readYamlCached } from "../../../src/yaml/read.ts";
import { parentOfApps } from "./deliverer.ts";

/**
 * A FluxKustomization with the empty lists and maps that the parent's JSON patches add to: an owner who appends to
 * `/spec/postBuild/substituteFrom/-` of every child writes `substituteFrom: []` in each of them, and one child without
 * it fails the whole build. What fails for another reason is left to the build to say.
 */
export function withScaffold(cluster: Cluster, data: YamlData): YamlData {
  const patches: YamlData[] = readableSpec(parentOfApps(cluster))?.patches ?? [];
  let grown = data;
  for (;;) {
    const patched = patchObject(grown, patches);
    if (patched.ok || patched.operation === undefined) return grown;
    const next = grow(grown, patches[patched.patch]?.patch, patched.operation);
    if (next === undefined) return grown;
    grown = next;
  }
}

/** The object with a place for what the operation adds; undefined when it has one, or adds nothing. */
function grow(data: YamlData, patch: string, operation: number): YamlData | undefined {
  const parsed = readYamlCached(patch);
  const { op, path } = (parsed.ok && (parsed.docs[0]?.data as YamlData)?.[operation]) || {};
  const copy = structuredClone(data);
  return op === "add" && typeof path === "string" && ensureParent(copy, path) ? copy : undefined;
}

/** Makes what a JSON pointer passes through; an existing scalar on the way is left for the build to reject. */
function ensureParent(data: YamlData, pointer: string): boolean {
  const keys = splitPointer(pointer);
  let at = data;
  let made = false;
  for (let index = 0; index < keys.length - 1; index++) {
    const isList = /^(?:-|\d+)$/.test(keys[index + 1]!);
    if (at === null || typeof at !== "object") return made;
    made ||= at[keys[index]!] === undefined || at[keys[index]!] === null;
    at[keys[index]!] ??= isList ? [] : {};
    at = at[keys[index]!];
  }
  return made;
}
