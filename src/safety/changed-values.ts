import { isYamlPath } from "../cluster/objects.ts";
import type { KubeObject, YamlData } from "../contract/objects.ts";
import { kustomizationNames } from "../delivery/kustomize/file.ts";
import { basename, dirname, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { readYamlCached } from "../yaml/read.ts";

export interface ValuesInput {
  trees: readonly Tree[];
  changed: ReadonlySet<string>;
  /** Whether the cluster reads a file. */
  isRead: (file: string) => boolean;
  /** Objects of the changed files, as they are and as they were. */
  added: readonly KubeObject[];
  removed: readonly KubeObject[];
}

const names: readonly string[] = kustomizationNames;

/**
 * `Kind/name` of every ConfigMap and Secret whose values a change may alter: those it edits, with the keys that differ, and
 * those that a kustomization generates from what it edits, with `undefined` for any key. Errs towards too many.
 */
export function findChangedValues(input: ValuesInput): Map<string, ReadonlySet<string> | undefined> {
  const { trees, changed, isRead, added, removed } = input;
  const found = new Map<string, ReadonlySet<string> | undefined>();
  const [old, now] = [groupValues(removed), groupValues(added)];
  for (const id of new Set([...old.keys(), ...now.keys()])) found.set(id, diffKeys(old.get(id), now.get(id)));
  const declared = new Set([...added, ...removed].map(({ file }) => file));
  const inputs = [...changed].filter((file) => isRead(file) && !names.includes(basename(file)) && !declared.has(file));
  for (const tree of trees) {
    const files = new Set([...changed].filter((file) => names.includes(basename(file))));
    // Only what is no Kubernetes object is worth a search for the generator that reads it.
    if (inputs.length > 0)
      for (const file of tree.grep("Generator")) if (names.includes(basename(file))) files.add(file);
    for (const file of files) {
      for (const { kind, name, reads } of listGenerated(tree, file)) {
        if (changed.has(file) || reads.some((input) => changed.has(input))) found.set(`${kind}/${name}`, undefined);
      }
    }
  }
  return found;
}

function groupValues(objects: readonly KubeObject[]): Map<string, KubeObject[]> {
  const groups = new Map<string, KubeObject[]>();
  for (const object of objects) {
    if (object.kind !== "ConfigMap" && object.kind !== "Secret") continue;
    const id = `${object.kind}/${object.name}`;
    groups.set(id, [...(groups.get(id) ?? []), object]);
  }
  return groups;
}

/** Keys whose value differs, encrypted or not; several documents of one name belong to different clusters. */
function diffKeys(old: readonly KubeObject[] = [], now: readonly KubeObject[] = []): ReadonlySet<string> | undefined {
  if (old.length !== 1 || now.length !== 1) return undefined;
  const [before, after] = [old[0]!, now[0]!].map(({ data }) => ({ ...data?.data, ...data?.stringData }));
  const keys = new Set([...Object.keys(before!), ...Object.keys(after!)]);
  return new Set([...keys].filter((key) => JSON.stringify(before![key]) !== JSON.stringify(after![key])));
}

export function listGenerated(tree: Tree, file: string): { kind: string; name: string; reads: string[] }[] {
  const text = tree.read(file);
  if (!isYamlPath(file) || !text?.includes("Generator")) return [];
  const parsed = readYamlCached(text);
  const data: YamlData = parsed.ok ? parsed.docs[0]?.data : undefined;
  const list = (field: string, kind: string) => {
    const entries: YamlData[] = Array.isArray(data?.[field]) ? data[field] : [];
    return entries.map((entry) => {
      const reads = [entry?.files, entry?.envs, entry?.env].flat().filter((one) => typeof one === "string");
      const paths = reads.map((one: string) => join(dirname(file), one.slice(one.indexOf("=") + 1)));
      return { kind, name: `${data?.namePrefix ?? ""}${entry?.name}${data?.nameSuffix ?? ""}`, reads: paths };
    });
  };
  return [...list("configMapGenerator", "ConfigMap"), ...list("secretGenerator", "Secret")];
}
