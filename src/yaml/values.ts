import { RawYaml } from "./raw.ts";
import { readYaml } from "./read.ts";
import type { NodeOp, YamlOp, YamlPath } from "./types.ts";

/** An operation that cannot be carried out, said in the words of the file's owner. */
export class EditRefusal extends Error {
  /** Offset in the text the operation met; absent when only the path is known. */
  readonly offset: number | undefined;

  constructor(reason: string, offset?: number) {
    super(reason);
    this.offset = offset;
  }
}

/** What a file should hold after an operation, worked out on data alone: the check on the text splices. */
export function applyToData(docs: readonly unknown[], op: YamlOp): unknown[] {
  if (op.op === "append-document") return [...docs, valueOfText(op.text.source)];
  if (op.doc < 0 || op.doc >= docs.length) throw new EditRefusal(`the file has no document ${op.doc}`);
  if (op.op === "delete-document") return docs.filter((_, index) => index !== op.doc);
  return docs.map((doc, index) => (index === op.doc ? (change(doc, op, op.path) ?? undefined) : doc));
}

/** The plain value an operation writes; text is parsed by the reader, not by the editor. */
export function plainValue(value: unknown): unknown {
  return value instanceof RawYaml ? (valueOfText(value.source) ?? null) : withoutUndefined(value);
}

function change(value: unknown, op: NodeOp, path: YamlPath): unknown {
  const [part, ...rest] = path;
  if (part === undefined) {
    if (op.op === "set") return plainValue(op.value);
    if (op.op === "insert") return insertInto(value, op);
    throw new EditRefusal("a document is deleted with delete-document");
  }
  if (Array.isArray(value)) return changeItem(value, op, part, rest);
  if (typeof (value ?? {}) !== "object") throw new EditRefusal(`${String(part)} is looked up in a scalar`);
  const map = (value ?? {}) as Record<string, unknown>;
  const key = String(part);
  const has = Object.hasOwn(map, key);
  if (op.op === "delete" && (rest.length === 0 || !has)) {
    if (!has) throw new EditRefusal(`there is no ${key} to delete`);
    return withKey(map, key);
  }
  if (!has && typeof part === "number") throw new EditRefusal(`there is no item ${part}`);
  return withKey(map, key, { value: change(has ? map[key] : undefined, op, rest) });
}

/** Copies a map with one key replaced or left out; safe for a key called `__proto__`. */
function withKey(map: Record<string, unknown>, key: string, put?: { value: unknown }): Record<string, unknown> {
  if (!put) return Object.fromEntries(Object.entries(map).filter(([name]) => name !== key));
  return Object.fromEntries([...Object.entries(map), [key, put.value]]);
}

function changeItem(list: readonly unknown[], op: NodeOp, part: string | number, rest: YamlPath): unknown {
  if (typeof part !== "number" || part < 0 || part > list.length) throw new EditRefusal(`a list has no item ${part}`);
  if (op.op === "delete" && rest.length === 0) {
    if (part >= list.length) throw new EditRefusal(`there is no item ${part} to delete`);
    return list.filter((_, index) => index !== part);
  }
  if (part === list.length && op.op === "delete") throw new EditRefusal(`there is no item ${part}`);
  const copy = [...list];
  copy[part] = change(list[part], op, rest);
  return copy;
}

function insertInto(value: unknown, op: Extract<YamlOp, { op: "insert" }>): unknown {
  const list = value ?? [];
  if (!Array.isArray(list)) throw new EditRefusal("an item can only be inserted into a list");
  const index = op.index ?? list.length;
  if (index < 0 || index > list.length) throw new EditRefusal(`an item cannot be inserted at ${index}`);
  return [...list.slice(0, index), plainValue(op.value), ...list.slice(index)];
}

function valueOfText(text: string): unknown {
  const parsed = readYaml(text);
  if (!parsed.ok) throw new EditRefusal(`the new text is not valid YAML: ${parsed.reason}`);
  if (parsed.docs.length > 1) throw new EditRefusal("the new text holds more than one document");
  return parsed.docs[0]?.data;
}

function withoutUndefined(value: unknown): unknown {
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.map(withoutUndefined);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, child]) => child !== undefined);
  return Object.fromEntries(entries.map(([key, child]) => [key, withoutUndefined(child)]));
}
