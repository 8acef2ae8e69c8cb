import { isDeepStrictEqual } from "node:util";
import { isVast, VAST } from "../vast.ts";
import { type Data, isMap, own, scalarText, withEntry } from "./data.ts";
import { EditFailure } from "./failures.ts";

/** Set in a test that fails whatever it finds, see `asJsonText`. */
const unequal = Symbol("unequal");

export type JsonOperation = Data & { [unequal]?: true };

/**
 * Operations of a text that is JSON. kustomize compares strings as they are written and has `<`, `>` and `&` escaped in the
 * object, so that a test of such a string fails.
 */
export function asJsonText(operations: readonly Data[], text: string): JsonOperation[] {
  const isRaw = (value: unknown) => !text.includes("\\u00") && /[<>&\u2028\u2029]/.test(JSON.stringify(value ?? null));
  return operations.map((one) => (one.op === "test" && isRaw(one.value) ? { ...one, [unequal]: true } : one));
}

/**
 * Applies JSON6902 operations as the library kustomize uses does (evanphx/json-patch v4): `replace` may add a map key,
 * negative indexes count from the end, a null on the way counts as missing, a missing key reads as null. Throws
 * `EditFailure` for an operation that does not apply.
 */
export function applyJsonPatch(body: unknown, operations: readonly JsonOperation[]): unknown {
  let doc = body;
  for (const [index, operation] of operations.entries()) {
    try {
      doc = applyOne(doc, operation);
    } catch (error) {
      if (!(error instanceof EditFailure)) throw error;
      throw new EditFailure(`${scalarText(operation.op)} ${scalarText(operation.path)}: ${error.message}`, index);
    }
  }
  return doc;
}

/** Segments of a JSON pointer; what stands before its first slash counts for nothing. */
export function splitPointer(pointer: string): string[] {
  const parts = pointer.split("/").slice(1);
  return parts.map((part) => part.replace(/~[01]/g, (tilde) => (tilde === "~1" ? "/" : "~")));
}

/** The pointer of segments, escaped. */
export function joinPointer(segments: readonly string[]): string {
  return segments.map((segment) => `/${segment.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

const missingPath = "the document is missing the path";
const invalidIndex = "invalid index";

function applyOne(doc: unknown, operation: JsonOperation): unknown {
  const path = pointer(operation, "path");
  const value = operation.value ?? null;
  switch (operation.op) {
    case "add":
      return add(doc, path, value);
    case "replace":
      if (operation.path !== "") return change(doc, path, (parent, key) => replace(parent, key, value));
      if (!Object.hasOwn(operation, "value") || Array.isArray(value))
        throw new EditFailure("the new document is no map");
      return isMap(value) ? value : doc;
    case "remove":
      return change(doc, path, remove);
    case "test":
      if (!Object.hasOwn(operation, "value")) throw new EditFailure("no value to test");
      if (!operation[unequal] && isDeepStrictEqual(operation.path === "" ? doc : read(doc, path), value)) return doc;
      throw new EditFailure("the tested value differs");
    case "copy": {
      const copied = add(doc, path, read(doc, pointer(operation, "from")));
      if (isVast(copied)) throw new EditFailure(VAST);
      return copied;
    }
    case "move": {
      const from = pointer(operation, "from");
      return add(change(doc, from, remove), path, read(doc, from));
    }
    default:
      throw new EditFailure("unexpected operation");
  }
}

function pointer(operation: JsonOperation, field: "path" | "from"): string[] {
  const path = operation[field];
  if (typeof path !== "string") throw new EditFailure(`operation missing ${field} field`);
  return splitPointer(path);
}

/** The document with the parent of a path edited; every map and list on the way is copied. */
function change(root: unknown, path: readonly string[], edit: (parent: object, key: string) => unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined || typeof root !== "object" || root === null) throw new EditFailure(missingPath);
  if (rest.length === 0) return edit(root, key);
  const changed = change(step(root, key), rest, edit);
  return Array.isArray(root) ? root.with(toIndex(root.length, key)!, changed) : withEntry(root as Data, key, changed);
}

/** The value at a path: null for a missing key, while a missing parent or item of a list fails. */
function read(root: unknown, path: readonly string[]): unknown {
  const parent = path.slice(0, -1).reduce<unknown>(step, root);
  if (path.length === 0 || typeof parent !== "object" || parent === null) throw new EditFailure(missingPath);
  const found = step(parent, path.at(-1)!);
  if (Array.isArray(parent) && found === undefined) throw new EditFailure(invalidIndex);
  return found ?? null;
}

function step(parent: unknown, key: string): unknown {
  if (Array.isArray(parent)) return parent[toIndex(parent.length, key) ?? -1];
  return own(parent, key);
}

function toIndex(length: number, key: string): number | undefined {
  if (!/^[+-]?\d+$/.test(key)) return undefined;
  const index = Number(key) < 0 ? Number(key) + length : Number(key);
  return index >= 0 && index < length ? index : undefined;
}

function indexIn(length: number, key: string, reason = invalidIndex): number {
  const index = toIndex(length, key);
  if (index === undefined) throw new EditFailure(reason);
  return index;
}

function add(root: unknown, path: readonly string[], value: unknown): unknown {
  return change(root, path, (parent, key) => {
    if (!Array.isArray(parent)) return withEntry(parent as Data, key, value);
    return parent.toSpliced(key === "-" ? parent.length : indexIn(parent.length + 1, key), 0, value);
  });
}

function replace(parent: object, key: string, value: unknown): unknown {
  if (!Array.isArray(parent)) return withEntry(parent as Data, key, value);
  return parent.with(indexIn(parent.length, key, "the document is missing the key"), value);
}

function remove(parent: object, key: string): unknown {
  if (Array.isArray(parent)) return parent.toSpliced(indexIn(parent.length, key), 1);
  if (!Object.hasOwn(parent, key)) throw new EditFailure(`unable to remove nonexistent key: ${key}`);
  return withEntry(parent as Data, key, undefined);
}
