import { type Answer, answerOf, type Unknown } from "../contract/answer.ts";
import { bodyOf, itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import type { FluxObjectSpec } from "../contract/specs.ts";
import { HASH_PATTERN, kustomizationOf } from "../delivery/kustomize/index.ts";
import { locateField } from "../delivery/locations.ts";
import { dirname, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { readYamlCached } from "../yaml/read.ts";
import { isYamlPath, readObjects } from "./objects.ts";
import { putAt, setAtTarget } from "./target-path.ts";

export interface HelmValues {
  /** Unknown where a `valuesFrom` names what is not in the tree (Secrets, ConfigMaps made elsewhere). */
  values: Answer<YamlData>;
  /** Files the values were read from, besides the HelmRelease itself. */
  files: string[];
}

/**
 * The values of a HelmRelease: `valuesFrom` in order, then inline `values` on top (helm-controller's order).
 * ConfigMaps are found through the `configMapGenerator` of the kustomization beside the HelmRelease or above it.
 * @param given one key of a ConfigMap or Secret as the cluster is given it, where that is known
 * @param openText stands where a `targetPath` sets what is not known
 */
export function readHelmValues(
  tree: Tree,
  release: KubeObject,
  spec: FluxObjectSpec | undefined,
  given: (kind: string, name: string, key: string) => string | undefined = () => undefined,
  openText?: string,
): HelmValues {
  const files: string[] = [];
  const unread: Unknown[] = [];
  let values: YamlData = {};
  for (const [index, from] of itemsOf(spec?.valuesFrom).entries()) {
    const key = String(from.valuesKey ?? "values.yaml");
    const isMapOf = from.kind === "ConfigMap" && typeof from.name === "string";
    const told = typeof from.name === "string" ? given(String(from.kind), from.name, key) : undefined;
    const isOpen = isMapOf && told === undefined;
    const generated = isOpen ? findGenerated(tree, release.file, from.name, key) : undefined;
    const plain = isOpen && generated === undefined ? findPlain(tree, release, from.name, key) : undefined;
    const file = generated ?? plain?.file;
    const text = told ?? plain?.text ?? (file === undefined ? undefined : (tree.read(file) ?? ""));
    const next = text === undefined ? undefined : addValues(values, from, text);
    if (next === undefined) {
      const at = locateField(tree, release, ["spec", "valuesFrom", index]);
      unread.push({ at, what: `valuesFrom ${from.kind} ${from.name}` });
      if (openText && typeof from.targetPath === "string") values = putAt(values, from.targetPath, openText) ?? values;
      continue;
    }
    if (file !== undefined) files.push(file);
    values = next;
  }
  return { values: answerOf(mergeValues(values, spec?.values ?? {}), unread), files };
}

/** Values with the text of one `valuesFrom` added; undefined where that cannot be told. */
function addValues(values: YamlData, from: YamlData, text: string): YamlData | undefined {
  if (from.targetPath) return setAtTarget(values, String(from.targetPath), text, from.literal === true);
  const parsed = readYamlCached(text);
  return parsed.ok ? mergeValues(values, parsed.docs[0]?.data ?? {}) : undefined;
}

/** One key of a ConfigMap that is written out, in a file of the same folder. */
function findPlain(tree: Tree, { file, namespace }: KubeObject, name: string, key: string) {
  const dir = dirname(file);
  const near = tree.entries(dir).map((entry) => join(dir, entry));
  for (const path of near.filter((one) => isYamlPath(one) && tree.read(one)?.includes(name))) {
    for (const object of readObjects(tree, path).objects) {
      if (object.kind !== "ConfigMap" || object.name !== name) continue;
      if (object.namespace !== "" && namespace !== "" && object.namespace !== namespace) continue;
      const text: unknown = bodyOf(object).data?.[key];
      if (typeof text === "string" && !text.includes("${")) return { file: path, text };
    }
  }
  return undefined;
}

/** Maps merge, all else is replaced, as helm-controller does it; the inputs are left alone. */
export function mergeValues(base: YamlData, over: YamlData): YamlData {
  if (!isMap(base) || !isMap(over)) return over;
  const merged: Record<string, YamlData> = { ...base };
  for (const [key, value] of Object.entries(over)) merged[key] = mergeValues(merged[key], value);
  return merged;
}

const HASHED = new RegExp(`-${HASH_PATTERN}$`);

/** The file behind one key of a generated ConfigMap; once built, a reference to it ends in the hash of its content. */
function findGenerated(tree: Tree, near: string, name: string, key: string): string | undefined {
  for (let dir = dirname(near), depth = 0; depth < 3; dir = dirname(dir), depth++) {
    for (const generator of itemsOf(kustomizationOf(tree, dir)?.data.configMapGenerator)) {
      if (generator.name !== name && generator.name !== name.replace(HASHED, "")) continue;
      for (const entry of itemsOf(generator.files)) {
        const [left, right] = String(entry).split("=");
        const path = join(dir, right ?? left!);
        if ((right === undefined ? path.slice(path.lastIndexOf("/") + 1) : left) === key && tree.has(path)) return path;
      }
    }
    if (dir === "") break;
  }
  return undefined;
}
