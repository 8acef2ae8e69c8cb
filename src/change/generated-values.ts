import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isKustomizationFile, listPairs } from "../delivery/kustomize/index.ts";
import { dirname, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { readYamlCached } from "../yaml/read.ts";

/** A ConfigMap or Secret that a kustomization file generates. */
interface GeneratedValues {
  kind: string;
  name: string;
  /** The files it is made from. */
  reads: string[];
  /** What it holds, encrypted or not; undefined where that cannot be told. */
  readValues: () => Record<string, string> | undefined;
}

/** Files that generators of a tree read, and take as they are written; whether or not they are there. */
export function listGeneratorInputs(tree: Tree): string[] {
  const lists = tree.grep("Generator").filter(isKustomizationFile);
  return lists.flatMap((file) => listGenerated(tree, file)).flatMap(({ reads }) => reads);
}

/** ConfigMaps and Secrets that a kustomization file generates. */
export function listGenerated(tree: Tree, file: string): GeneratedValues[] {
  const text = tree.read(file);
  if (!text?.includes("Generator")) return [];
  const parsed = readYamlCached(text);
  const data: YamlData = parsed.ok ? parsed.docs[0]?.data : undefined;
  const dir = dirname(file);
  const list = (field: string, kind: string) =>
    itemsOf(data?.[field]).map((entry: YamlData): GeneratedValues => {
      const reads = [entry?.files, entry?.envs, entry?.env].flat().filter((one) => typeof one === "string");
      return {
        kind,
        name: `${data?.namePrefix ?? ""}${entry?.name}${data?.nameSuffix ?? ""}`,
        reads: reads.map((one: string) => join(dir, one.slice(one.indexOf("=") + 1))),
        readValues: () => readEntry(entry, (path) => tree.read(join(dir, path))),
      };
    });
  return [...list("configMapGenerator", "ConfigMap"), ...list("secretGenerator", "Secret")];
}

/** What one entry says by itself; of one that adds to another object it is not all. */
function readEntry(entry: YamlData, load: (path: string) => string | undefined): Record<string, string> | undefined {
  if (!isMap(entry) || (entry.behavior !== undefined && entry.behavior !== "create")) return undefined;
  try {
    const pairs = [...listPairs(entry, load, (_, reason) => new Error(reason))];
    return pairs.every((pair): pair is [string, string] => pair[0] !== undefined && pair[1] !== undefined)
      ? Object.fromEntries(pairs)
      : undefined;
  } catch {
    return undefined;
  }
}
