import { editYaml } from "../../../src/yaml/edit.ts";
import type { YamlOp } from "../../../src/yaml/types.ts";
import type { Reference } from "./find.ts";

type SetOp = Extract<YamlOp, { op: "set" }>;

interface Nested {
  nested: string;
  ops: YamlOp[];
}

/**
 * Turns references into operations that can be applied in order: nested edits of one string are joined into one new
 * string, deletions of list items run from the last to the first so that indexes stay right, doubles run once.
 */
export function toOperations(references: readonly Pick<Reference, "op">[]): YamlOp[] {
  const plain = new Map<string, YamlOp>();
  const texts = new Map<string, { op: SetOp; text: string; ops: YamlOp[] }>();
  for (const { op } of references) {
    const nested = op.op === "set" ? asNested(op.value) : undefined;
    if (!nested || op.op !== "set") {
      plain.set(JSON.stringify(op), op);
      continue;
    }
    const key = JSON.stringify([op.doc, op.path]);
    const known = texts.get(key) ?? { op, text: nested.nested, ops: [] };
    known.ops.push(...nested.ops);
    texts.set(key, known);
  }
  const sets = [...plain.values()].filter(({ op }) => op === "set");
  const deletes = [...plain.values()].filter(({ op }) => op === "delete").reverse();
  const rewritten = [...texts.values()].map(({ op, text, ops }): YamlOp => {
    const edited = editYaml(text, toOperations(ops.map((inner) => ({ op: inner }))));
    // A body that cannot be edited keeps its text; the leftover mention is then reported as a reference that remains.
    return { ...op, value: edited.ok ? edited.text : text };
  });
  return [...sets, ...rewritten, ...deletes];
}

function asNested(value: unknown): Nested | undefined {
  return typeof value === "object" && value !== null && "nested" in value ? (value as Nested) : undefined;
}
