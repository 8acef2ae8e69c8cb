import { editYaml } from "../../src/yaml/edit.ts";
import type { YamlOp, YamlPath } from "../../src/yaml/types.ts";

/** The text after edits of its first document; throws the reason of a refusal. */
export function edit(text: string, ...ops: YamlOp[]): string {
  const result = editYaml(text, ops);
  if (!result.ok) throw new Error(`${result.line}:${result.col}: ${result.reason}`);
  return result.text;
}
export const del = (...path: YamlPath): YamlOp => ({ op: "delete", doc: 0, path });
export const set = (path: YamlPath, value: unknown): YamlOp => ({ op: "set", doc: 0, path, value });
export const insert = (path: YamlPath, value: unknown, index?: number): YamlOp => ({
  op: "insert",
  doc: 0,
  path,
  value,
  ...(index === undefined ? {} : { index }),
});
