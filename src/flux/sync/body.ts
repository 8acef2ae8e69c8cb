import { isDeepStrictEqual } from "node:util";
import { stringify } from "yaml";
import { editYaml, readYaml, type YamlOp } from "../../yaml/index.ts";
import { joinPointer } from "../patches/json-patch.ts";
import { printItem } from "../patches/raw.ts";
import type { YamlData } from "../types.ts";
import type { ObjectDiff } from "./types.ts";

const PRINT = { lineWidth: 0 } as const;

export interface PatchText {
  data: { patch: string; target: { kind: string; name: string } };
  raw: string;
}

/**
 * Patches that turn a generated sync object into the old one: a merge body for fields the generated object does not
 * have, JSON6902 for those it has as a map or list, or that a merge would take for a directive.
 * @param copyField the value of a spec field as the owner wrote it, at indent 0.
 */
export function writeDiff(
  generated: YamlData,
  diff: ObjectDiff,
  copyField: (field: string) => string | undefined = () => undefined,
): PatchText[] {
  const target = { kind: generated.kind as string, name: generated.metadata.name as string };
  const merged: Record<string, YamlData> = {};
  const ops: YamlData[] = diff.remove.map((field) => ({ op: "remove", path: joinPointer(["spec", field]) }));
  for (const [field, value] of Object.entries(diff.set)) {
    const present = generated.spec[field];
    const isReplaced = present !== null && typeof present === "object";
    if (!isReplaced && isMergeable(value)) merged[field] = value;
    else ops.push({ op: present === undefined ? "add" : "replace", path: joinPointer(["spec", field]), value });
  }
  const texts: string[] = [];
  const hasMetadata = Object.keys({ ...diff.labels, ...diff.annotations }).length > 0;
  if (hasMetadata || Object.keys(merged).length > 0) texts.push(mergeBody(generated, diff, merged, copyField));
  if (ops.length > 0) texts.push(stringify(ops, PRINT));
  return texts.map((patch) => ({ data: { patch, target }, raw: printItem({ patch, target }) }));
}

/** Whether a strategic merge sets exactly this value: no directive keys, nulls or empty collections anywhere in it. */
function isMergeable(value: YamlData): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value !== "object") return true;
  const entries = Object.entries<YamlData>(value);
  return entries.length > 0 && entries.every(([key, child]) => !key.startsWith("$") && isMergeable(child));
}

function mergeBody(
  generated: YamlData,
  diff: ObjectDiff,
  merged: Record<string, YamlData>,
  copyField: (field: string) => string | undefined,
): string {
  const head = {
    apiVersion: generated.apiVersion,
    kind: generated.kind,
    metadata: {
      name: generated.metadata.name,
      ...(Object.keys(diff.annotations).length > 0 ? { annotations: diff.annotations } : {}),
      ...(Object.keys(diff.labels).length > 0 ? { labels: diff.labels } : {}),
    },
  };
  const whole = { ...head, ...(Object.keys(merged).length > 0 ? { spec: merged } : {}) };
  const ops = Object.entries(merged).map(([field, value]): YamlOp => {
    const raw = copyField(field);
    return { op: "set", doc: 0, path: ["spec", field], value: raw === undefined ? value : { raw } };
  });
  const copied = editYaml(stringify(head, PRINT), ops);
  if (copied.ok) {
    const read = readYaml(copied.text);
    if (read.ok && isDeepStrictEqual(read.docs[0]?.data, whole)) return copied.text;
  }
  return stringify(whole, PRINT);
}
