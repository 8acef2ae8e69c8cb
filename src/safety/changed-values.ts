import { groupBy } from "../contract/group-by.ts";
import { bodyOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import { dirname, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { readYamlCached } from "../yaml/read.ts";
import type { ClusterChange } from "./change.ts";
import { valuesOf } from "./value-keys.ts";

/**
 * `Kind/name` of every ConfigMap and Secret whose values a change may alter: those it edits, with the keys that differ, and
 * those that a kustomization generates from what it edits, with `undefined` for any key. Errs towards too many.
 */
export function findChangedValues(change: ClusterChange): Map<string, ReadonlySet<string> | undefined> {
  const { before, after, changed, cluster, added, removed } = change;
  const found = new Map<string, ReadonlySet<string> | undefined>();
  const [old, now] = [groupValues(removed), groupValues(added)];
  for (const id of new Set([...old.keys(), ...now.keys()])) found.set(id, diffKeys(old.get(id), now.get(id)));
  const edited = [...changed].filter(isKustomizationFile);
  const declared = new Set([...added, ...removed].map(({ file }) => file));
  // Only what is no Kubernetes object is worth a search for the generator that reads it.
  const isSearched = [...changed].some(
    (file) => cluster.files.has(file) && !isKustomizationFile(file) && !declared.has(file),
  );
  for (const tree of [before, after]) {
    const generators = isSearched ? tree.grep("Generator").filter(isKustomizationFile) : [];
    for (const file of new Set([...edited, ...generators])) {
      for (const { kind, name, reads } of listGenerated(tree, file)) {
        if (changed.has(file) || reads.some((input) => changed.has(input))) found.set(`${kind}/${name}`, undefined);
      }
    }
  }
  return found;
}

function groupValues(objects: readonly KubeObject[]): Map<string, KubeObject[]> {
  const values = objects.filter(({ kind }) => /^(ConfigMap|Secret|SealedSecret)$/.test(kind));
  return groupBy(values, ({ kind, name }) => `${kind.replace("Sealed", "")}/${name}`);
}

/** Keys whose value differs, encrypted or not; several documents of one name belong to different clusters. */
function diffKeys(old: readonly KubeObject[] = [], now: readonly KubeObject[] = []): ReadonlySet<string> | undefined {
  if (old.length !== 1 || now.length !== 1) return undefined;
  const [before, after] = [old[0]!, now[0]!].map(bodyOf).map(valuesOf);
  const keys = new Set([...Object.keys(before!), ...Object.keys(after!)]);
  return new Set([...keys].filter((key) => JSON.stringify(before![key]) !== JSON.stringify(after![key])));
}

/** Every file that a generator of the tree reads, whether or not it is there. */
export function listRead(tree: Tree): ReadonlySet<string> {
  const files = tree.grep("Generator").filter(isKustomizationFile);
  return new Set(files.flatMap((file) => listGenerated(tree, file).flatMap(({ reads }) => reads)));
}

/** ConfigMaps and Secrets that a kustomization file generates, each with the files it reads. */
export function listGenerated(tree: Tree, file: string): { kind: string; name: string; reads: string[] }[] {
  const text = tree.read(file);
  if (!text?.includes("Generator")) return [];
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
