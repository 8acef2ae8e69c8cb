import { isDeepStrictEqual } from "node:util";
import type { Yaml } from "../../contract/media.ts";
import type { YamlData } from "../../contract/objects.ts";
import { joinPointer } from "../../delivery/kustomize/index.ts";
import { closeBody, printBody } from "../../release/print.ts";
import { editYaml } from "../../yaml/edit.ts";
import { RawYaml } from "../../yaml/raw.ts";
import { readYaml } from "../../yaml/read.ts";
import type { YamlOp } from "../../yaml/types.ts";
import { printItem } from "../patches/raw.ts";
import type { ObjectDiff } from "./types.ts";
import { isSameDuration, isSamePath, isSameRef } from "./values.ts";

/** Metadata the operator writes, strips or overrides on the sync objects (flux-facts 2.1). */
const OWN_METADATA =
  /^(app\.kubernetes\.io\/(instance|version|part-of|managed-by)|kustomize\.toolkit\.fluxcd\.io\/(ssa|prune|name|namespace)|fluxcd\.controlplane\.io\/(name|namespace)|kubectl\.kubernetes\.io\/last-applied-configuration|meta\.helm\.sh\/release-name(space)?)$/;

/**
 * Every spec field and user label or annotation in which a generated sync object differs from the old one.
 * @param oldSpec the old spec in the words of the generated API version.
 */
export function diffObject(old: YamlData, oldSpec: YamlData, generated: YamlData): ObjectDiff {
  const diff: ObjectDiff = {
    set: {},
    remove: [],
    labels: userMetadata(old.metadata?.labels),
    annotations: userMetadata(old.metadata?.annotations),
  };
  for (const [field, value] of Object.entries<YamlData>(oldSpec)) {
    if (value === null || isSame(generated.kind, field, oldSpec, generated.spec)) continue;
    diff.set[field] = value;
  }
  for (const field of Object.keys(generated.spec)) {
    const isAbsent = oldSpec[field] === undefined || oldSpec[field] === null;
    if (isAbsent && !isSame(generated.kind, field, oldSpec, generated.spec)) diff.remove.push(field);
  }
  return diff;
}

function isSame(kind: string, field: string, oldSpec: YamlData, generated: YamlData): boolean {
  const old = oldSpec[field];
  const next = generated[field];
  if (field === "interval") return isSameDuration(old, next);
  if (field === "ref" && kind !== "Bucket") return isSameRef(kind, oldSpec, next);
  if (kind === "Kustomization" && field === "path") return next !== undefined && isSamePath(old, next);
  // Its name is the name of the generated source, its namespace the one both live in; the caller checked both.
  if (kind === "Kustomization" && field === "sourceRef") return true;
  return isDeepStrictEqual(old, next);
}

function userMetadata(map: YamlData): Record<string, string> {
  const kept = Object.entries<YamlData>(map ?? {}).filter(([key]) => !OWN_METADATA.test(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, String(value)]));
}

type CopyText = (path: readonly string[], value: YamlData) => Yaml | undefined;

/** A patch as data, and as the text of an item of a list. */
export interface PatchText {
  data: { patch: string; target: { kind: string; name: string } };
  raw: Yaml;
}

/**
 * Patches that turn a generated sync object into the old one: a merge body for fields the generated object does not
 * have, JSON6902 for those it has as a map or list, or that a merge would take for a directive.
 * @param copy a value at a path of the object as the owner wrote it, at indent 0.
 */
export function writeDiff(generated: YamlData, diff: ObjectDiff, copy: CopyText = () => undefined): PatchText[] {
  const target = { kind: generated.kind as string, name: generated.metadata.name as string };
  const merged: Record<string, YamlData> = {};
  const ops: YamlData[] = diff.remove.map((field) => ({ op: "remove", path: joinPointer(["spec", field]) }));
  for (const [field, value] of Object.entries(diff.set)) {
    const present = generated.spec[field];
    const isReplaced = present !== null && typeof present === "object";
    if (!isReplaced && isMergeable(value)) merged[field] = value;
    else {
      const op = present === undefined ? "add" : "replace";
      const path = joinPointer(["spec", field]);
      ops.push({ op, path, value });
    }
  }
  const texts: string[] = [];
  const hasMetadata = Object.keys({ ...diff.labels, ...diff.annotations }).length > 0;
  if (hasMetadata || Object.keys(merged).length > 0) texts.push(mergeBody(generated, diff, merged, copy));
  if (ops.length > 0) texts.push(closeBody(printBody(ops)));
  return texts.map((patch) => ({ data: { patch, target }, raw: printItem({ patch, target }) }));
}

/** Whether a strategic merge sets exactly this value: no directive keys, nulls or empty collections anywhere in it. */
function isMergeable(value: YamlData): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value !== "object") return true;
  const entries = Object.entries<YamlData>(value);
  return entries.length > 0 && entries.every(([key, child]) => !key.startsWith("$") && isMergeable(child));
}

/** Whether the last text of a value ends in a newline. */
function endsInNewline(value: YamlData): boolean {
  if (typeof value === "string") return value.endsWith("\n");
  if (value === null || typeof value !== "object") return false;
  return endsInNewline(Object.values(value).at(-1));
}

function mergeBody(generated: YamlData, diff: ObjectDiff, merged: Record<string, YamlData>, copy: CopyText): string {
  const { apiVersion, kind } = generated;
  const metadata = {
    name: generated.metadata.name,
    ...(Object.keys(diff.annotations).length > 0 ? { annotations: diff.annotations } : {}),
    ...(Object.keys(diff.labels).length > 0 ? { labels: diff.labels } : {}),
  };
  const entries = Object.entries(merged);
  const fields = [
    ...entries.filter(([, value]) => endsInNewline(value)),
    ...entries.filter(([, value]) => !endsInNewline(value)),
  ];
  const spec = Object.fromEntries(fields);
  const whole = { apiVersion, kind, metadata, ...(fields.length > 0 ? { spec } : {}) };
  const maps = (["annotations", "labels"] as const).filter((map) => Object.keys(diff[map]).length > 0);
  const ops = [
    ...maps.flatMap((map) => setAsWritten(["metadata", map], diff[map], copy)),
    ...fields.flatMap(([field, value]) => setAsWritten(["spec", field], value, copy)),
  ];
  const copied = editYaml(printBody({ apiVersion, kind, metadata }), ops);
  if (copied.ok) {
    const text = closeBody(copied.text);
    const read = readYaml(text);
    if (read.ok && isDeepStrictEqual(read.docs[0]?.data, whole)) return text;
  }
  return closeBody(printBody(whole));
}

/** Sets a value, and again what is written down of it: the whole, or the entries of it that patches and the object agree on. */
function setAsWritten(first: readonly string[], whole: YamlData, copy: CopyText): YamlOp[] {
  const ops: YamlOp[] = [];
  const open: [readonly string[], YamlData][] = [[first, whole]];
  for (let next = open.pop(); next; next = open.pop()) {
    const [path, value] = next;
    const raw = copy(path, value);
    if (raw !== undefined || path === first)
      ops.push({ op: "set", doc: 0, path: [...path], value: raw === undefined ? value : new RawYaml(raw) });
    if (raw !== undefined || value === null || typeof value !== "object" || Array.isArray(value)) continue;
    for (const [key, child] of Object.entries(value)) open.push([[...path, key], child]);
  }
  return ops;
}
