import type { KubeObject, YamlData } from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";
import { locate } from "../yaml/locate.ts";

/** Ends the line of every field that fluxlift added for the time of the migration. */
export const GUARD_MARK = "fluxlift:guard";

/** Whether a field of `spec` stands there as a guard of ours, so that it says nothing about what the owner wants. */
export function isGuard(tree: Tree, object: Pick<KubeObject, "file" | "doc">, field: string): boolean {
  const text = tree.read(object.file);
  const found = text === undefined ? undefined : locate(text, object.doc, ["spec", field]);
  if (!text || !found) return false;
  const end = text.indexOf("\n", found.end);
  return text.slice(found.end, end < 0 ? text.length : end).includes(GUARD_MARK);
}

/** The object as its owner means it: a guarded `prune: false` was `true` before, the only value that gets a guard. */
export function withoutGuards(tree: Tree, object: Pick<KubeObject, "file" | "doc">, data: YamlData): YamlData {
  return data?.spec?.prune === false && isGuard(tree, object, "prune")
    ? { ...data, spec: { ...data.spec, prune: true } }
    : data;
}
