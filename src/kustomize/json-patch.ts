import { type Data, isMap, scalarText, withEntry } from "./data.ts";

export type JsonOperation = Data;

/**
 * Applies JSON6902 operations with the deviations of the library kustomize uses: `replace` may add a map key, negative
 * indexes count from the end, a null on the way counts as missing. Returns the reason when one does not apply.
 */
export function applyJsonPatch(
  body: unknown,
  operations: readonly JsonOperation[],
): { ok: true; body: unknown } | { ok: false; reason: string } {
  let doc = body;
  for (const operation of operations) {
    try {
      doc = applyOne(doc, operation);
    } catch (error) {
      if (!(error instanceof PatchFailure)) throw error;
      return { ok: false, reason: error.message };
    }
  }
  return { ok: true, body: doc };
}

class PatchFailure extends Error {}

function applyOne(doc: unknown, operation: JsonOperation): unknown {
  const path = pointer(operation, "path");
  const value = operation.value ?? null;
  switch (scalarText(operation.op)) {
    case "add":
      return change(doc, path, (parent, key) => add(parent, key, value, operation));
    case "replace":
      return path.length === 0 ? value : change(doc, path, (parent, key) => replace(parent, key, value, operation));
    case "remove":
      return change(doc, path, (parent, key) => remove(parent, key, operation));
    case "test":
      if (!isEqual(read(doc, path) ?? null, value)) throw failure(operation, "the tested value differs");
      return doc;
    case "copy":
    case "move": {
      const from = pointer(operation, "from");
      const found = read(doc, from);
      const rest = operation.op === "move" ? change(doc, from, (parent, key) => remove(parent, key, operation)) : doc;
      return change(rest, path, (parent, key) => add(parent, key, found ?? null, operation));
    }
    default:
      throw failure(operation, "unexpected operation");
  }

  function change(root: unknown, at: string[], edit: (parent: unknown, key: string) => unknown): unknown {
    const [key, ...rest] = at;
    if (key === undefined) throw failure(operation, "the document is missing the path");
    if (rest.length === 0) return edit(root, key);
    const child = step(root, key);
    if (child === undefined || child === null || typeof child !== "object") {
      throw failure(operation, "the document is missing the path");
    }
    const changed = change(child, rest, edit);
    return Array.isArray(root) ? root.with(toIndex(root, key)!, changed) : withEntry(root as Data, key, changed);
  }
}

function pointer(operation: JsonOperation, field: "path" | "from"): string[] {
  const path = operation[field];
  if (typeof path !== "string") throw failure(operation, `operation missing ${field} field`);
  return path
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function step(parent: unknown, key: string): unknown {
  if (Array.isArray(parent)) {
    const index = toIndex(parent, key);
    return index === undefined ? undefined : parent[index];
  }
  return isMap(parent) && Object.hasOwn(parent, key) ? parent[key] : undefined;
}

function read(doc: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(step, doc);
}

function toIndex(list: readonly unknown[], key: string): number | undefined {
  if (!/^[+-]?\d+$/.test(key)) return undefined;
  const index = Number(key) < 0 ? Number(key) + list.length : Number(key);
  return index >= 0 && index < list.length ? index : undefined;
}

function add(parent: unknown, key: string, value: unknown, operation: JsonOperation): unknown {
  if (!Array.isArray(parent)) return withEntry(asMap(parent, operation), key, value);
  const index = key === "-" ? parent.length : toIndex([...parent, null], key);
  if (index === undefined) throw failure(operation, "invalid index");
  return parent.toSpliced(index, 0, value);
}

function replace(parent: unknown, key: string, value: unknown, operation: JsonOperation): unknown {
  if (!Array.isArray(parent)) return withEntry(asMap(parent, operation), key, value);
  const index = toIndex(parent, key);
  if (index === undefined) throw failure(operation, "the document is missing the key");
  return parent.with(index, value);
}

function remove(parent: unknown, key: string, operation: JsonOperation): unknown {
  if (Array.isArray(parent)) {
    const index = toIndex(parent, key);
    if (index === undefined) throw failure(operation, "invalid index");
    return parent.toSpliced(index, 1);
  }
  if (!Object.hasOwn(asMap(parent, operation), key))
    throw failure(operation, `unable to remove nonexistent key: ${key}`);
  return withEntry(parent as Data, key, undefined);
}

function asMap(value: unknown, operation: JsonOperation): Data {
  if (!isMap(value)) throw failure(operation, "the document is missing the path");
  return value;
}

function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isEqual(item, b[i]));
  if (!isMap(a) || !isMap(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key], b[key]));
}

function failure(operation: JsonOperation, reason: string): PatchFailure {
  return new PatchFailure(`${scalarText(operation.op)} ${scalarText(operation.path)}: ${reason}`);
}
