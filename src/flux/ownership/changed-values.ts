import { kustomizationNames } from "../../kustomize/file.ts";
import type { Tree } from "../../workspace/tree.ts";
import { readYamlCached } from "../../yaml/read.ts";
import { isYamlPath } from "../objects.ts";
import { basename, dirname, join } from "../paths.ts";
import type { KubeObject, YamlData } from "../types.ts";

export interface ValuesInput {
  trees: readonly Tree[];
  changed: ReadonlySet<string>;
  /** Whether the cluster reads a file. */
  isRead: (file: string) => boolean;
  /** Objects of the changed files, as they were and as they are. */
  objects: readonly KubeObject[];
}

const names: readonly string[] = kustomizationNames;

/**
 * `Kind/name` of every ConfigMap and Secret whose values a change may alter: those it edits, and those that a kustomization
 * generates from what it edits. Errs towards too many.
 */
export function findChangedValues({ trees, changed, isRead, objects }: ValuesInput): Set<string> {
  const found = new Set<string>();
  for (const { kind, name } of objects) if (kind === "ConfigMap" || kind === "Secret") found.add(`${kind}/${name}`);
  const declared = new Set(objects.map(({ file }) => file));
  const inputs = [...changed].filter((file) => isRead(file) && !names.includes(basename(file)) && !declared.has(file));
  for (const tree of trees) {
    const files = new Set([...changed].filter((file) => names.includes(basename(file))));
    // Only what is no Kubernetes object is worth a search for the generator that reads it.
    if (inputs.length > 0)
      for (const file of tree.grep("Generator")) if (names.includes(basename(file))) files.add(file);
    for (const file of files) {
      for (const { kind, name, reads } of listGenerated(tree, file)) {
        if (changed.has(file) || reads.some((input) => changed.has(input))) found.add(`${kind}/${name}`);
      }
    }
  }
  return found;
}

function listGenerated(tree: Tree, file: string): { kind: string; name: string; reads: string[] }[] {
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
