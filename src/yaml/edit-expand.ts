import { isDeepStrictEqual } from "node:util";
import { isMap } from "./is-map.ts";
import type { YamlOp, YamlPath } from "./types.ts";
import { plainValue } from "./values.ts";

type SetOp = Extract<YamlOp, { op: "set" }>;

/**
 * Rewrites the replacement of a collection as the smallest row of changes inside it, so that what stays keeps its lines and
 * comments. Undefined when it is not a collection, or old and new have nothing in common.
 */
export function expandSet({ doc, path, value }: SetOp, document: unknown): YamlOp[] | undefined {
  const old = valueAt(document, path);
  if (isSame(old, value) && old !== undefined) return [];
  if (!hasCommonPart(old, value)) return undefined;
  const ops: YamlOp[] = [];
  compare(doc, path, old, value, ops);
  return ops;
}

function compare(doc: number, path: YamlPath, old: unknown, value: unknown, ops: YamlOp[]): void {
  if (isSame(old, value)) return;
  if (!hasCommonPart(old, value)) ops.push({ op: "set", doc, path, value });
  else if (Array.isArray(old)) compareLists(doc, path, old, value as unknown[], ops);
  else compareMaps(doc, path, old as Data, value as Data, ops);
}

type Data = Readonly<Record<string, unknown>>;

function isSame(old: unknown, value: unknown): boolean {
  return isDeepStrictEqual(old, plainValue(value));
}

function compareMaps(doc: number, path: YamlPath, old: Data, value: Data, ops: YamlOp[]): void {
  for (const [key, child] of Object.entries(value)) {
    if (child === undefined) continue;
    if (Object.hasOwn(old, key)) compare(doc, [...path, key], old[key], child, ops);
    else ops.push({ op: "set", doc, path: [...path, key], value: child });
  }
  for (const key of Object.keys(old)) {
    if (value[key] === undefined) ops.push({ op: "delete", doc, path: [...path, key] });
  }
}

/** Items equal at both ends stay; between them, items are replaced one for one, or taken out and put in. */
function compareLists(doc: number, path: YamlPath, old: unknown[], value: unknown[], ops: YamlOp[]): void {
  let head = 0;
  const shortest = Math.min(old.length, value.length);
  while (head < shortest && isSame(old[head], value[head])) head++;
  let tail = 0;
  while (tail < shortest - head && isSame(old.at(-1 - tail), value.at(-1 - tail))) tail++;
  const taken = old.length - head - tail;
  const put = value.length - head - tail;
  const paired = Math.min(taken, put);
  for (let i = head; i < head + paired; i++) compare(doc, [...path, i], old[i], value[i], ops);
  for (let i = head + paired; i < head + put; i++) ops.push({ op: "insert", doc, path, index: i, value: value[i] });
  for (let i = head + taken - 1; i >= head + paired; i--) ops.push({ op: "delete", doc, path: [...path, i] });
}

/** Whether both are lists, or both maps, and something of the old one stays. */
function hasCommonPart(old: unknown, value: unknown): boolean {
  if (!Array.isArray(old) || !Array.isArray(value)) return sharesKeys(old, value);
  return value.some((item) => old.some((other) => isSame(other, item))) || sharesKeys(old[0], value[0]);
}

function sharesKeys(old: unknown, value: unknown): boolean {
  return isMap(old) && isMap(value) && Object.keys(value).some((key) => Object.hasOwn(old, key));
}

function valueAt(document: unknown, path: YamlPath): unknown {
  let value = document;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
