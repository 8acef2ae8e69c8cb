import { itemsOf, type YamlData } from "../contract/objects.ts";
import { kustomizationOf } from "../delivery/kustomize/index.ts";
import { dirname, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { readYamlCached } from "../yaml/read.ts";

/** A patch that takes one object out of a build, which it names. */
export interface Deletion {
  kind: string;
  name: string;
}

/** The object in a patch that says `$patch: delete`. */
export function readDeletion(text: unknown): YamlData | undefined {
  if (typeof text !== "string" || !text.includes("$patch")) return undefined;
  const parsed = readYamlCached(text);
  const data: YamlData = parsed.ok ? parsed.docs[0]?.data : undefined;
  return data?.$patch === "delete" ? data : undefined;
}

/** Those in a kustomization file. */
export function listDeletionsIn(tree: Tree, file: string): Deletion[] {
  if (!tree.has(file)) return [];
  const data: YamlData = kustomizationOf(tree, dirname(file))?.data;
  const read = (path: unknown) => (typeof path === "string" ? tree.read(join(dirname(file), path)) : undefined);
  const merged = itemsOf(data?.patchesStrategicMerge).map((one) => ({ patch: read(one) ?? one }));
  return listDeletions([...itemsOf(data?.patches), ...merged], read);
}

/** Those in a list of patches; what is for several by a pattern or a selector names none. */
export function listDeletions(
  patches: YamlData,
  read: (path: unknown) => string | undefined = () => undefined,
): Deletion[] {
  return itemsOf(patches).flatMap(({ patch, path, target }): Deletion | [] => {
    const body = readDeletion(path === undefined ? patch : read(path));
    const { kind, name } = target ?? { kind: body?.kind, name: body?.metadata?.name };
    const isNamed = typeof kind === "string" && typeof name === "string" && /^[\w.-]+$/.test(name);
    return body && isNamed ? { kind, name } : [];
  });
}
