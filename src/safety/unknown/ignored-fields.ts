import { isAside } from "../../admission/refused.ts";
import type { Comparison } from "../../change/comparison.ts";
import { folderOf } from "../../change/touched.ts";
import type { TreeChange } from "../../change/types.ts";
import { findReach } from "../../cluster/graph.ts";
import { lineOf } from "../../contract/errors.ts";
import type { SaidFinding } from "../../contract/finding.ts";
import { endOfFirst, findKustomization, loadKustomization } from "../../delivery/kustomize/index.ts";
import type { Tree } from "../../files/tree.ts";
import { isMap } from "../../yaml/is-map.ts";
import { positionAt } from "../../yaml/lines.ts";
import { locate } from "../../yaml/locate.ts";
import { readYamlCached } from "../../yaml/read.ts";

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

/**
 * What the change brings to files that a Kustomization reads and that nothing comes of: another document in a kustomization
 * file, of which kustomize reads the first, and a List without `items` and name, which kustomize-controller takes for no object.
 */
export function findUnreadParts(
  { touched }: Comparison,
  { before, after, changed }: TreeChange,
  artifactRoot: string,
): SaidFinding[] {
  const found = new Map<string, SaidFinding>();
  for (const { name, after: later } of touched) {
    const reaches = later.flatMap(({ data }) => (data.isLocal && findReach(after, data.spec, artifactRoot)) || []);
    for (const { lists, resources } of reaches) {
      const looks = [
        ...lists.map((file) => [file, lookAtRest] as const),
        ...resources.map((file) => [file, lookAtLists] as const),
      ];
      for (const [file, look] of looks) {
        if (!changed.has(file) || found.has(file)) continue;
        const said = look(before.read(file) ?? "", after.read(file) ?? "", file);
        if (said)
          found.set(file, { rule: "field-ignored", level: "blocker", resource: `Kustomization ${name}`, ...said });
      }
    }
  }
  return [...found.values()];
}

type Unread = Pick<SaidFinding, "at" | "what" | "why" | "next">;

const isBlank = (text: string) => text.split("\n").every((line) => /^(?:---|\.\.\.)?[ \t\r]*(?:#.*)?$/.test(line));

function lookAtRest(old: string, now: string, file: string): Unread | undefined {
  const start = endOfFirst(now);
  const rest = now.slice(start);
  if (isBlank(rest) || rest.trim() === old.slice(endOfFirst(old)).trim()) return undefined;
  return {
    at: { file, ...positionAt(now, start) },
    what: `kustomize reads the first document of ${file} and no other: what stands from here on counts for nothing.`,
    why: "A kustomization file is one document; of several kustomize takes the first without a word, whatever the others hold.",
    next: "Move it into the first document, or into the file of a folder of its own.",
  };
}

function lookAtLists(old: string, now: string, file: string): Unread | undefined {
  const [fresh] = listsWithout(now).slice(listsWithout(old).length);
  if (fresh === undefined) return undefined;
  const at = locate(now, fresh, ["kind"], { key: true });
  return {
    at: { file, ...(at ? { line: at.line, col: at.col } : { line: 1, col: 1 }) },
    what: `A List in ${file} has no items: Flux applies nothing of it, and deletes what it made before.`,
    why: "kustomize makes objects of what items holds. Without that field it keeps the List, which has no name, and kustomize-controller takes what has none for no object.",
    next: "Write its objects below items, or as documents of their own.",
  };
}

/** Documents that are a List without items and without a name. */
function listsWithout(text: string): number[] {
  const read = /^kind:.*List/m.test(text) ? readYamlCached(text) : undefined;
  const isSuch = (data: unknown) =>
    isMap(data) &&
    /List$/.test(String(data.kind)) &&
    !("items" in data) &&
    !(isMap(data.metadata) && data.metadata.name);
  return read?.ok ? read.docs.flatMap(({ data, index }) => (isSuch(data) ? index : [])) : [];
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
