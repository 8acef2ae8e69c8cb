import { isDeepStrictEqual } from "node:util";
import { once } from "../../contract/once.ts";
import { areVast, isVast, type Size, sizeOf, VAST } from "../vast.ts";
import { type Data, isMap, own, scalarText } from "./data.ts";
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
  const run: Run = { made: new WeakSet() };
  let doc = body;
  for (const [index, operation] of operations.entries()) {
    try {
      doc = applyOne(doc, operation, run);
    } catch (error) {
      if (!(error instanceof EditFailure)) throw error;
      throw new EditFailure(`${scalarText(operation.op)} ${scalarText(operation.path)}: ${error.message}`, index);
    }
  }
  return doc;
}

/** What the operations of one patch share. */
interface Run {
  /** Maps that they made and that stand in one place: those are changed, where others are copied. */
  made: WeakSet<object>;
  /** No less than the document has, once something was copied in it. */
  most?: Size;
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

function applyOne(doc: unknown, operation: JsonOperation, run: Run): unknown {
  const path = pointer(operation, "path");
  const value = operation.value ?? null;
  switch (operation.op) {
    case "add":
      grow(run, path, value);
      return add(doc, path, value, run);
    case "replace":
      grow(run, path, value);
      if (operation.path !== "") return change(doc, path, run, (parent, key) => replace(parent, key, value, run));
      if (!Object.hasOwn(operation, "value") || Array.isArray(value))
        throw new EditFailure("the new document is no map");
      return isMap(value) ? value : doc;
    case "remove":
      return change(doc, path, run, (parent, key) => remove(parent, key, run));
    case "test":
      if (!Object.hasOwn(operation, "value")) throw new EditFailure("no value to test");
      if (!operation[unequal] && isDeepStrictEqual(operation.path === "" ? doc : read(doc, path), value)) return doc;
      throw new EditFailure("the tested value differs");
    case "copy": {
      const copied = read(doc, pointer(operation, "from"));
      // From here on a part stands in two places, and is one whose size is known.
      const isPart = typeof copied === "object" && copied !== null;
      if (isPart) run.made = new WeakSet();
      const made = add(doc, path, copied, run);
      if (!isPart) grow(run, path, copied);
      if (isPart || !run.most || areVast(run.most)) {
        run.made = new WeakSet();
        if (isVast(made)) throw new EditFailure(VAST);
        run.most = { ...sizeOf(made) };
      }
      return made;
    }
    case "move": {
      const from = pointer(operation, "from");
      const moved = once(() => read(doc, from));
      const without = change(doc, from, run, (parent, key) => {
        moved();
        return remove(parent, key, run);
      });
      grow(run, path, "", run.most?.depth);
      return add(without, path, moved(), run);
    }
    default:
      throw new EditFailure("unexpected operation");
  }
}

/** Counts what an operation may add, with the number that an item of a list counts as. */
function grow({ most }: Run, path: readonly string[], value: unknown, depth = sizeOf(value).depth): void {
  if (!most) return;
  most.characters += path.join("").length + 8 + sizeOf(value).characters;
  most.depth = Math.max(most.depth, path.length + depth);
}

function pointer(operation: JsonOperation, field: "path" | "from"): string[] {
  const path = operation[field];
  if (typeof path !== "string") throw new EditFailure(`operation missing ${field} field`);
  return splitPointer(path);
}

/** The document with the parent of a path edited; every map and list on the way is copied that was not made before. */
function change(
  root: unknown,
  path: readonly string[],
  run: Run,
  edit: (parent: object, key: string) => unknown,
): unknown {
  const [key, ...rest] = path;
  if (key === undefined || typeof root !== "object" || root === null) throw new EditFailure(missingPath);
  if (rest.length === 0) return edit(root, key);
  const changed = change(step(root, key), rest, run, edit);
  return Array.isArray(root)
    ? root.with(toIndex(root.length, key)!, changed)
    : setEntry(root as Data, key, changed, run);
}

function setEntry(map: Data, key: string, value: unknown, { made }: Run): Data {
  const own: Record<string, unknown> = made.has(map) ? map : { ...map };
  made.add(own);
  if (value === undefined) delete own[key];
  else own[key] = value;
  return own;
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

function add(root: unknown, path: readonly string[], value: unknown, run: Run): unknown {
  return change(root, path, run, (parent, key) => {
    if (!Array.isArray(parent)) return setEntry(parent as Data, key, value, run);
    return parent.toSpliced(key === "-" ? parent.length : indexIn(parent.length + 1, key), 0, value);
  });
}

function replace(parent: object, key: string, value: unknown, run: Run): unknown {
  if (!Array.isArray(parent)) return setEntry(parent as Data, key, value, run);
  return parent.with(indexIn(parent.length, key, "the document is missing the key"), value);
}

function remove(parent: object, key: string, run: Run): unknown {
  if (Array.isArray(parent)) return parent.toSpliced(indexIn(parent.length, key), 1);
  if (!Object.hasOwn(parent, key)) throw new EditFailure(`unable to remove nonexistent key: ${key}`);
  return setEntry(parent as Data, key, undefined, run);
}
