import { isAside } from "../../admission/refused.ts";
import type { Comparison } from "../../change/comparison.ts";
import { folderOf } from "../../change/touched.ts";
import type { TreeChange } from "../../change/types.ts";
import { lineOf } from "../../contract/errors.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { findKustomization, loadKustomization } from "../../delivery/kustomize/index.ts";
import type { Tree } from "../../files/tree.ts";
import { locate } from "../../yaml/locate.ts";

/**
 * Fields that the change brings to a kustomization at `spec.path` and that no kustomization has. Below that file kustomize
 * refuses them; there kustomize-controller reads leniently and drops them in silence (flux-facts 2.8 item 3), so `resource:`
 * delivers nothing and `nameSpace:` without effect looks like it had one.
 */
export function findIgnoredFields(
  { touched }: Comparison,
  { before, after, changed }: TreeChange,
  artifactRoot: string,
): SaidFinding[] {
  const files = new Map<string, string>();
  for (const { name, after: later } of touched) {
    for (const { data } of later) {
      const path = folderOf(data, artifactRoot);
      const found = path === undefined ? undefined : findKustomization(after, path);
      if (found?.error === undefined && found && changed.has(found.path)) files.set(found.path, name);
    }
  }
  return [...files].flatMap(([file, name]) => {
    const known = new Set(ignoredIn(before, file).map(String));
    const fresh = ignoredIn(after, file).filter((path) => !known.has(String(path)) && !isAside(String(path[0])));
    return fresh.map((path) => report(after, { file, name, path }));
  });
}

function ignoredIn(tree: Tree, file: string): readonly (string | number)[][] {
  const loaded = tree.has(file) ? loadKustomization(tree, file) : undefined;
  return loaded?.ok ? (loaded.file.ignored ?? []) : [];
}

function report(
  tree: Tree,
  { file, name, path }: { file: string; name: string; path: (string | number)[] },
): SaidFinding {
  const at = locate(tree.read(file) ?? "", 0, path, { key: true });
  return {
    rule: "field-ignored",
    level: "blocker",
    resource: `Kustomization ${name}`,
    at: at ? { file, line: at.line, col: at.col } : lineOf(file),
    what: `A kustomization has no field ${path.join(".")}: kustomize-controller drops it without a word, and Kustomization ${name} is built as if it were not there.`,
    why: "It reads the file at spec.path leniently; in any folder below kustomize would refuse the same line.",
    next: "Correct the name of the field, or take it out.",
  };
}
