import jsonpatch from "fast-json-patch";
import type { YamlData } from "../../contract/objects.ts";

const { compare } = jsonpatch;

/**
 * JSON6902 operations that make `before` into `after`. Lists that only grew get `/-`, so that they also fit a base with
 * more items; the rest is by index, which the proof of equality afterwards checks.
 */
export function diffToOps(before: YamlData, after: YamlData): YamlData[] {
  const ops = compare(before, after).filter(({ op }) => op !== "test");
  const appended = new Set<string>();
  return ops.map((operation) => {
    const match = /^(.*)\/(\d+)$/.exec(operation.path);
    if (operation.op !== "add" || !match) return operation;
    const list = valueAt(before, match[1]!);
    if (!Array.isArray(list) || Number(match[2]) < list.length) return operation;
    appended.add(match[1]!);
    return { op: "add", path: `${match[1]}/-`, value: operation.value };
  });
}

function valueAt(data: YamlData, pointer: string): YamlData {
  return pointer
    .split("/")
    .slice(1)
    .reduce((value, part) => value?.[part.replaceAll("~1", "/").replaceAll("~0", "~")], data);
}
