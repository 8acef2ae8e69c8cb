import type { PatchTarget, YamlData } from "../types.ts";
import { applyJsonOp, splitPointer } from "./json-patch.ts";
import { selectById, selectObjects } from "./select.ts";
import { mergeStrategic } from "./strategic.ts";
import type { JsonOp, PatchItem, SimObject } from "./types.ts";

export interface RunResult {
  /** Ids of the objects the patch was applied to. */
  ids: string[];
  /** Operation (index in the body) that failed on an object; the build fails with it. */
  failures: { op: number; id: string; reason: string }[];
  /** Why nothing could be selected at all. */
  error?: string;
}

/** Selects what an item without target means: the one object its body names. */
export function targetOfBody(doc: YamlData): PatchTarget {
  const slash = String(doc.apiVersion ?? "").indexOf("/");
  const group = slash < 0 ? "" : doc.apiVersion.slice(0, slash);
  return { ...(group ? { group } : {}), kind: doc.kind, name: escapeRegex(doc.metadata.name) };
}

export function escapeRegex(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}

/** Applies one patch to the simulated build, the way kustomize does in the order of the list. */
export function runItem(objects: SimObject[], item: PatchItem): RunResult {
  let selected: SimObject[] | undefined;
  if (item.target) selected = selectObjects(objects, item.target);
  else if (item.type === "merge") {
    const { metadata, apiVersion, kind } = item.doc;
    const id = { apiVersion: String(apiVersion), kind, name: metadata.name, namespace: metadata.namespace ?? "" };
    const object = selectById(objects, id);
    if (!object) return { ids: [], failures: [], error: `no matches for ${kind} ${metadata.name}` };
    selected = [object];
  }
  if (!selected) return { ids: [], failures: [], error: "its target is no valid expression" };
  const result: RunResult = { ids: selected.map((object) => object.id), failures: [] };
  for (const object of selected) {
    if (item.type === "json") runOps(object, item.ops, result);
    else if (mergeStrategic(object.data, item.doc) === "deleted") object.deleted = true;
  }
  return result;
}

function runOps(object: SimObject, ops: readonly JsonOp[], result: RunResult): void {
  // kustomize keeps its own notes in the annotations while it builds, so the map exists for every JSON6902 patch.
  const { metadata } = object.data;
  metadata.annotations ??= {};
  runOpsOn(object, ops, result);
  const kept = object.data.metadata?.annotations;
  if (kept && Object.keys(kept).length === 0) delete object.data.metadata.annotations;
}

function runOpsOn(object: SimObject, ops: readonly JsonOp[], result: RunResult): void {
  for (const [index, op] of ops.entries()) {
    if (isHidden(object, op)) continue;
    const reason = applyJsonOp(object.data, op);
    if (reason !== undefined) {
      result.failures.push({ op: index, id: object.id, reason });
      return;
    }
    const name = object.data.metadata?.name;
    if (typeof name === "string" && !object.names.includes(name)) object.names.push(name);
  }
}

/** Whether an operation works below a CRD schema, which the base facts leave out: taken to succeed. */
function isHidden(object: SimObject, op: JsonOp): boolean {
  if (object.data.kind !== "CustomResourceDefinition") return false;
  const path = splitPointer(op.path);
  if (path?.[0] !== "spec") return false;
  if (path[1] !== "versions") return path[1] !== undefined && path[1] !== "group" && path[1] !== "scope";
  const version = object.data.spec.versions[Number(path[2])];
  return version !== undefined && path.length > 3 && !["name", "served", "storage"].includes(path[3]!);
}
