import { isMap } from "./is-map.ts";
import type { YamlOp, YamlPath } from "./types.ts";
import { plainValue, sameData } from "./values.ts";

type SetOp = Extract<YamlOp, { op: "set" }>;

/**
 * Rewrites the replacement of a collection as the smallest row of changes inside it, so that what stays keeps its lines and
 * comments. Undefined when it is not a collection, or old and new have nothing in common.
 */
export function expandSet(op: SetOp, document: unknown): YamlOp[] | undefined {
  const old = valueAt(document, op.path);
  if (sameData(old, plainValue(op.value)) && old !== undefined) return [];
  if (!isCollection(old) || !isCollection(op.value) || Array.isArray(old) !== Array.isArray(op.value)) return undefined;
  if (!hasCommonPart(old, op.value)) return undefined;
  const ops: YamlOp[] = [];
  compare(op.doc, op.path, old, op.value, ops);
  return ops;
}

type Collection = Record<string, unknown> | unknown[];

function compare(doc: number, path: YamlPath, old: unknown, value: unknown, ops: YamlOp[]): void {
  if (sameData(old, plainValue(value))) return;
  if (Array.isArray(old) && Array.isArray(value) && hasCommonPart(old, value)) compareLists(doc, path, old, value, ops);
  else if (isMap(old) && isMap(value) && hasCommonPart(old, value)) compareMaps(doc, path, old, value, ops);
  else ops.push({ op: "set", doc, path, value });
}

function compareMaps(
  doc: number,
  path: YamlPath,
  old: Record<string, unknown>,
  value: Record<string, unknown>,
  ops: YamlOp[],
): void {
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
  while (head < shortest && sameData(old[head], plainValue(value[head]))) head++;
  let tail = 0;
  while (tail < shortest - head && sameData(old.at(-1 - tail), plainValue(value.at(-1 - tail)))) tail++;
  const taken = old.length - head - tail;
  const put = value.length - head - tail;
  const paired = Math.min(taken, put);
  for (let i = head; i < head + paired; i++) compare(doc, [...path, i], old[i], value[i], ops);
  for (let i = head + paired; i < head + put; i++) ops.push({ op: "insert", doc, path, index: i, value: value[i] });
  for (let i = head + taken - 1; i >= head + paired; i--) ops.push({ op: "delete", doc, path: [...path, i] });
}

function hasCommonPart(old: Collection, value: Collection): boolean {
  if (Array.isArray(old) && Array.isArray(value)) {
    return value.some((item) => old.some((other) => sameData(other, plainValue(item)))) || sharesKeys(old[0], value[0]);
  }
  return sharesKeys(old, value);
}

function sharesKeys(old: unknown, value: unknown): boolean {
  return isMap(old) && isMap(value) && Object.keys(value).some((key) => Object.hasOwn(old, key));
}

function isCollection(value: unknown): value is Collection {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}

function valueAt(document: unknown, path: YamlPath): unknown {
  let value = document;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}
