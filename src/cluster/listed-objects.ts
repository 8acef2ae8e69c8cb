import { itemsOf, type KubeObject, type YamlData } from "../contract/objects.ts";
import { pushAll } from "../contract/push-all.ts";
import { groupOf, isFluxGroup } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import { remember } from "../files/remember.ts";
import { rememberFile } from "../files/remember-file.ts";
import type { Tree } from "../files/tree.ts";
import { readYamlCached } from "../yaml/read.ts";
import { isYamlPath, toObject } from "./objects.ts";
import { ANY_FLUX } from "./scan.ts";

/** An object within a List: `doc` is the document of that List. */
export interface ListedObject {
  object: KubeObject;
  at: ReturnType<typeof locateField>;
}

const OPERATOR = "fluxcd.controlplane.io";

/** The objects of Flux in a `kind: List`: kustomize makes objects of its items, and no other reader of files here does. */
export function findListed(tree: Tree): readonly ListedObject[] {
  return remember(tree, "objects of Flux in lists", "", () => {
    const files = new Set([...tree.grep(ANY_FLUX), ...tree.grep(OPERATOR)]);
    return [...files].filter(isYamlPath).flatMap((file) => rememberFile(tree, "listed", file, readListed(file)));
  });
}

/** What to do about them. */
export function sayUnlist(file: string): string {
  return `Write each object of that List as a document of its own, with \`---\` between them, in ${file}. Flux applies the same objects. Merge that, and run fluxlift again.`;
}

const readListed = (file: string) => (tree: Tree) => {
  const text = tree.read(file) ?? "";
  const read = readYamlCached(text.includes("items") ? text : "");
  if (!read.ok) return [];
  type Place = { data: YamlData; doc: number; path: readonly (string | number)[] };
  const queue: Place[] = read.docs.map(({ data, index }) => ({ data, doc: index, path: [] }));
  const found: ListedObject[] = [];
  const seen = new Set<unknown>();
  for (const { data, doc, path } of queue) {
    if (seen.has(data)) continue;
    seen.add(data);
    const object = path.length > 0 ? toObject(file, doc, data) : undefined;
    if (object && isFluxGroup(groupOf(object.apiVersion))) found.push({ object, at: locateField(tree, object, path) });
    // A List may hold another one.
    if (typeof data?.kind !== "string" || !data.kind.endsWith("List")) continue;
    const items = itemsOf(data.items).map((item, index) => ({ data: item, doc, path: [...path, "items", index] }));
    pushAll(queue, items);
  }
  return found;
};
