import type { Loc } from "../../contract/errors.ts";
import type { Tree } from "../../files/tree.ts";

/**
 * Place of a value written under a top-level field of a kustomization file; the field's own line, or the start of the
 * file (or `otherwise`), when the value is not found. Errs to the first match: the same path listed twice yields its first line.
 */
export function locateIn(tree: Tree, file: string, field: string, value: string, otherwise?: Loc): Loc {
  const lines = (tree.read(file) ?? "").split("\n");
  const isField = (line: string) => line.startsWith(`${field}:`) || line.startsWith(`"${field}":`);
  const start = Math.max(0, lines.findIndex(isField));
  const wanted = value.split("\n")[0]!.trim();
  for (let index = start; index < lines.length; index++) {
    const line = lines[index]!;
    if (index > start && /^[A-Za-z"']/.test(line)) break;
    const col = wanted === "" ? -1 : line.indexOf(wanted);
    const after = line[col + wanted.length];
    if (col >= 0 && (after === undefined || /[\s"',\]}]/.test(after))) return { file, line: index + 1, col: col + 1 };
  }
  return otherwise ?? { file, line: start + 1, col: 1 };
}
