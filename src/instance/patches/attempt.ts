import { isFilled, valueAt, type YamlData } from "../../contract/objects.ts";
import { joinPointer, splitPointer } from "../../delivery/kustomize/index.ts";
import { OWN_LABELS } from "../../release/compare.ts";
import { printBody } from "../../release/print.ts";
import { type RunResult, runItem, targetOfBody } from "../../release/simulate.ts";
import type { InstanceFields, JsonOp, PatchItem, SimObject } from "../../release/types.ts";
import { editYaml } from "../../yaml/edit.ts";
import { readYaml } from "../../yaml/read.ts";
import type { PortInput } from "../types.ts";
import { fieldCoveringOp, isPullSecretBody } from "./fold.ts";
import { editOps } from "./raw.ts";
import { moveVersionIndex, retarget } from "./retarget.ts";

/** What became of one old patch. */
export interface Outcome {
  item: PatchItem;
  /** Ids it changed in the old build. */
  ids: string[];
  ported: PatchItem[];
  /** Fields that took over all or part of it. */
  fields: string[];
  /** Parts that were left out or moved, as sentences. */
  notes: string[];
  /** Why the FluxInstance build would fail with it; then nothing of it is ported. */
  failure?: string;
  matchesNothing: boolean;
}

interface Surroundings {
  input: Pick<PortInput, "components" | "namespace" | "style">;
  fields: InstanceFields;
  /** CRD name -> versions in the installed release. */
  crds: ReadonlyMap<string, readonly { name: string; storage: boolean }[]>;
}

/**
 * Carries one patch over to the operator's objects and runs it there, so that the next patch meets what this one left.
 * @param old what it did in the old build.
 */
export function portItem(objects: SimObject[], item: PatchItem, old: RunResult, around: Surroundings): Outcome {
  const outcome: Outcome = { item, ids: old.ids, ported: [], fields: [], notes: [], matchesNothing: false };
  const present = objects.filter((object) => !object.deleted);
  const ids = old.ids.length > 0 ? old.ids : findSync(present, item, around.input.style);
  const wanted = ids.filter((id) => present.some((object) => object.id === id));
  if (wanted.length === 0) {
    if (ids.length > 0 && around.fields.networkPolicy === false && ids.every((id) => id.startsWith("NetworkPolicy/"))) {
      outcome.fields.push("cluster.networkPolicy: false");
    } else outcome.matchesNothing = true;
    return outcome;
  }
  const bodies =
    item.type === "json"
      ? portOps(present, item, wanted, outcome, around)
      : portMerge(present, item, wanted, outcome, around);
  for (const body of bodies) {
    for (const target of retarget(present, wanted, item.target ?? targetOfBody((item as { doc: unknown }).doc))) {
      const next: PatchItem = { ...body, target };
      const run = runItem(objects, next);
      if (run.failure !== undefined) outcome.failure ??= run.failure;
      outcome.ported.push(next);
    }
  }
  return outcome;
}

/** A patch of a gotk kustomization on its own sync objects, whatever they are called there. */
function findSync(present: readonly SimObject[], item: PatchItem, style: string): string[] {
  if (style !== "gotk") return [];
  const target = item.target ?? (item.type === "merge" ? targetOfBody(item.doc) : {});
  const found = present.filter((object) => object.id.startsWith("sync/") && object.data.kind === target.kind);
  return found
    .filter((object) => !target.name || object.names.some((name) => name === target.name))
    .map(({ id }) => id);
}

function portMerge(
  present: readonly SimObject[],
  item: PatchItem & { type: "merge" },
  wanted: readonly string[],
  outcome: Outcome,
  around: Surroundings,
): PatchItem[] {
  if (!isPullSecretBody(item.doc, around.fields, wanted))
    return item.target ? [item] : spellNulls(item, present.find(({ id }) => id === wanted[0])!.data, outcome.notes);
  outcome.fields.push("distribution.imagePullSecret");
  return [];
}

/**
 * Labels and annotations that a merge takes away by `null` are taken away by operations: the merge gets a target, and with one
 * kustomize sets the text `null`.
 */
function spellNulls(item: PatchItem & { type: "merge" }, object: YamlData, notes: string[]): PatchItem[] {
  const { metadata } = item.doc;
  const paths = ["labels", "annotations"].flatMap((map) => {
    if (metadata[map] === null) return [["metadata", map]];
    const nulls = Object.entries(metadata[map] ?? {}).filter(([, value]) => value === null);
    return nulls.map(([key]) => ["metadata", map, key]);
  });
  if (paths.length === 0) return [item];
  const there = paths.filter((path) => valueAt(object, path) !== undefined);
  const ops = there.map((path): JsonOp => ({ op: "remove", path: joinPointer(path) }));
  const edited = editYaml(
    item.body,
    paths.map((path) => ({ op: "delete", doc: 0, path })),
  );
  const read = edited.ok ? readYaml(edited.text) : undefined;
  const doc: YamlData = read?.ok ? read.docs[0]?.data : undefined;
  // Text that cannot be edited says what it says, and the comparison of both builds what becomes of it.
  if (!edited.ok || doc?.metadata?.name !== metadata.name) return [item];
  const absent = paths.filter((path) => !there.includes(path)).map(joinPointer);
  notes.push(...absent.map((path) => `${path} does not exist in the operator's base`));
  const { source } = item;
  const rest: PatchItem[] = saysNothing(doc) ? [] : [{ ...item, doc, body: edited.text, verbatim: false }];
  const removal: PatchItem[] =
    ops.length > 0 ? [{ source, type: "json", ops, body: printBody(ops), verbatim: false }] : [];
  return [...rest, ...removal];
}

/** Whether nothing is left of a merge but what names its object. */
function saysNothing({ apiVersion: _apiVersion, kind: _kind, metadata, ...others }: YamlData): boolean {
  const { name: _name, namespace: _namespace, ...rest } = metadata;
  return Object.keys(others).length === 0 && Object.values(rest).every((value) => !isFilled(value));
}

function portOps(
  present: readonly SimObject[],
  item: PatchItem & { type: "json" },
  wanted: readonly string[],
  outcome: Outcome,
  around: Surroundings,
): PatchItem[] {
  const objects = present.filter((object) => wanted.includes(object.id));
  const drop: number[] = [];
  const paths = new Map<number, string>();
  const labels: Record<string, unknown> = {};
  const seen = new Map<string, boolean>();
  for (const [index, op] of item.ops.entries()) {
    const field = fieldCoveringOp(op, wanted, around.fields, around.input);
    const useless = field ? undefined : isUseless(op, objects);
    const label = field || useless ? undefined : needsMerge(op, objects);
    if (field) outcome.fields.push(field);
    if (useless) outcome.notes.push(useless);
    if (label) labels[label] = op.value;
    if (field || useless || label) {
      drop.push(index);
      continue;
    }
    const moved = moveCrdOp(op, objects, around);
    if (moved) {
      paths.set(index, moved);
      outcome.notes.push(
        `\`${op.path.slice(0, 17)}…\` now reads \`${moved.slice(0, 17)}…\`, where that version of the CRD stands`,
      );
    }
    const identity = JSON.stringify({ ...op, path: moved ?? op.path });
    if (seen.has(identity) && (moved || seen.get(identity))) drop.push(index);
    seen.set(identity, moved !== undefined);
  }
  const result: PatchItem[] = [];
  if (drop.length === 0 && paths.size === 0) result.push(item);
  else if (drop.length < item.ops.length) {
    const ops = item.ops
      .map((op, index) => (paths.has(index) ? { ...op, path: paths.get(index)! } : op))
      .filter((_, index) => !drop.includes(index));
    result.push({ ...item, ops, body: editOps(item.body, { drop, paths }), verbatim: false });
  }
  if (Object.keys(labels).length > 0) {
    result.push(labelBody(item, labels, objects[0]!.data));
    outcome.notes.push("labels are merged, since the operator's base has none to add to");
  }
  return result;
}

/** Why an operation changes nothing under the operator. */
function isUseless(op: JsonOp, objects: readonly SimObject[]): string | undefined {
  const path = splitPointer(op.path);
  if (op.path.startsWith("/spec/template/metadata/labels/") && op.op === "remove" && path.length === 5) {
    const isGone = objects.every((object) => object.data.spec?.template?.metadata?.labels?.[path[4]!] === undefined);
    if (isGone && OWN_LABELS.has(path[4]!)) return `pods of the operator's Deployments have no label ${path[4]}`;
  }
  if (path[0] !== "metadata") return undefined;
  if (op.path === "/metadata/name" && objects.every((object) => object.data.metadata.name === op.value)) {
    return `the operator already names it ${op.value}`;
  }
  if (op.path === "/metadata/namespace") return "the operator puts every object into its own namespace";
  if (path[1] === "labels" && OWN_LABELS.has(path[2] ?? "")) return `the operator writes the label ${path[2]} itself`;
  if (op.op !== "remove" || path.length !== 3) return undefined;
  const isAbsent = objects.every((object) => object.data.metadata[path[1]!]?.[path[2]!] === undefined);
  return isAbsent ? `${op.path} does not exist in the operator's base` : undefined;
}

/** A label to set on objects of which one has no labels in the operator's base. */
function needsMerge(op: JsonOp, objects: readonly SimObject[]): string | undefined {
  const path = splitPointer(op.path);
  if (path[0] !== "metadata" || path[1] !== "labels" || path.length !== 3) return undefined;
  if (op.op !== "add" && op.op !== "replace") return undefined;
  return objects.some((object) => !object.data.metadata.labels) ? path[2] : undefined;
}

function moveCrdOp(op: JsonOp, objects: readonly SimObject[], around: Surroundings): string | undefined {
  const crd =
    objects.length === 1 && objects[0]!.data.kind === "CustomResourceDefinition" ? objects[0]!.data : undefined;
  if (!crd) return undefined;
  return moveVersionIndex(op.path, [...(around.crds.get(crd.metadata.name) ?? [])], crd.spec.versions);
}

function labelBody(item: PatchItem, labels: Record<string, unknown>, like: YamlData): PatchItem {
  const doc = { apiVersion: like.apiVersion, kind: like.kind, metadata: { name: "all", labels } };
  const { source, target } = item;
  return { source, ...(target ? { target } : {}), type: "merge", doc, body: printBody(doc), verbatim: false };
}
