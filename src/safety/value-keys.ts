import { isYamlPath, readObjects } from "../cluster/objects.ts";
import { bodyOf, itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";

/** `Kind/name` of what a FluxKustomization substitutes from. */
export function listValueSources(spec: YamlData): string[] {
  const from = itemsOf(spec?.postBuild?.substituteFrom);
  return from.map((ref) => `${ref?.kind}/${ref?.name}`);
}

/** What a ConfigMap or Secret holds, or a SealedSecret makes one of, encrypted or not. */
export function valuesOf(body: YamlData): Record<string, unknown> {
  const { data, stringData, spec } = body ?? {};
  return { ...data, ...stringData, ...spec?.encryptedData, ...spec?.template?.data };
}

/**
 * Keys of a ConfigMap or Secret, `Kind/name`, over all places that declare it; those of encrypted ones can be read.
 * Undefined where none does, or where something else may make it: what a generator makes is not told from its document.
 */
export function readKeys(tree: Tree, id: string): ReadonlySet<string> | undefined {
  return remember(tree, "keys of values", id, () => {
    const [kind = "", name = ""] = id.split("/");
    const files = tree.grep(name).filter(isYamlPath);
    const found = files.flatMap((file) => readObjects(tree, file).objects).filter((one) => one.name === name);
    const isKnown = (one: KubeObject) => (one.kind === "SealedSecret" ? "Secret" : one.kind) === kind;
    if (found.length === 0 || found.some((one) => !isKnown(one) && one.kind !== "Namespace")) return undefined;
    return new Set(found.map(bodyOf).flatMap((body) => Object.keys(valuesOf(body))));
  });
}
