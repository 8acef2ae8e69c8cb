import { isDeepStrictEqual } from "node:util";
import type { YamlData } from "../types.ts";
import type { JsonOp } from "./types.ts";

/** Segments of a JSON pointer; undefined when the text is none. */
export function splitPointer(pointer: string): string[] | undefined {
  if (pointer === "") return [];
  if (!pointer.startsWith("/")) return undefined;
  return pointer
    .slice(1)
    .split("/")
    .map((segment) => segment.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** The pointer of segments, escaped. */
export function joinPointer(segments: readonly string[]): string {
  return segments.map((segment) => `/${segment.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/**
 * Runs one JSON6902 operation on `document` in place, with the rules of the library kustomize uses (json-patch v4): a
 * missing parent, a missing list item, and `remove` of what is missing are errors, but `replace` of a missing map key
 * adds it; negative indexes count from the end.
 * @returns what is wrong, or undefined when it went through.
 */
export function applyJsonOp(document: YamlData, op: JsonOp): string | undefined {
  const path = splitPointer(op.path);
  if (!path?.length) return `path ${JSON.stringify(op.path)} is no pointer into the object`;
  switch (op.op) {
    case "add":
    case "replace":
    case "remove":
      return change(document, op.op, path, structuredClone(op.value));
    case "test":
      return isDeepStrictEqual(read(document, path) ?? null, op.value ?? null) ? undefined : `test of ${op.path} fails`;
    case "move":
    case "copy": {
      const from = splitPointer(op.from ?? "");
      const value = from ? read(document, from) : undefined;
      if (!from?.length || (value === undefined && !isMap(read(document, from.slice(0, -1))))) {
        return `${op.op} from ${op.from}: nothing there`;
      }
      const removed = op.op === "move" ? change(document, "remove", from, undefined) : undefined;
      return removed ?? change(document, "add", path, structuredClone(value ?? null));
    }
    default:
      return `unknown operation ${JSON.stringify(op.op)}`;
  }
}

function isMap(value: YamlData): boolean {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

function read(document: YamlData, path: readonly string[]): YamlData {
  let node = document;
  for (const segment of path) {
    if (node === null || typeof node !== "object") return undefined;
    node = Array.isArray(node) ? node[indexOf(segment, node.length - 1) ?? -1] : node[segment];
  }
  return node;
}

function change(document: YamlData, op: string, path: readonly string[], value: YamlData): string | undefined {
  const key = path[path.length - 1]!;
  const parent = read(document, path.slice(0, -1));
  const shown = joinPointer(path);
  if (parent === null || typeof parent !== "object") return `${op} ${shown}: its parent does not exist`;
  if (!Array.isArray(parent)) {
    if (op === "remove" && !Object.hasOwn(parent, key)) return `${op} ${shown}: nothing there`;
    if (op === "remove") delete parent[key];
    else parent[key] = value;
    return undefined;
  }
  if (op === "add" && key === "-") {
    parent.push(value);
    return undefined;
  }
  const index = indexOf(key, op === "add" ? parent.length : parent.length - 1);
  if (index === undefined) return `${op} ${shown}: the list has ${parent.length} items`;
  if (op === "add") parent.splice(index, 0, value);
  else if (op === "remove") parent.splice(index, 1);
  else parent[index] = value;
  return undefined;
}

function indexOf(segment: string, last: number): number | undefined {
  if (!/^-?\d+$/.test(segment)) return undefined;
  const index = Number(segment) < 0 ? last + 1 + Number(segment) : Number(segment);
  return index >= 0 && index <= last ? index : undefined;
}
