import { readLazily } from "../../../src/cluster/objects.ts";
import type { LazyDocument } from "../../../src/cluster/types.ts";
import { itemsOf, type YamlData } from "../../../src/contract/objects.ts";
import { loadKustomization, reach } from "../../../src/delivery/kustomize/index.ts";
import type { Tree } from "../../../src/files/tree.ts";

/** An entry of a kustomization that sets an image or the replicas of what goes. */
export interface StaleEntry {
  kustomization: string;
  field: StaleField;
  index: number;
}

export const STALE_FIELDS = ["images", "replicas"] as const;
type StaleField = (typeof STALE_FIELDS)[number];

/** Errs towards use: a name in any text of an object is taken for its image. */
const USES: Record<StaleField, (document: LazyDocument, name: string) => boolean> = {
  images: ({ text }, name) => text.includes(name),
  replicas: (document, name) => document.name === name && !/^(?:Service|ServiceAccount)$/.test(document.kind),
};

/**
 * Entries that mean something which goes, and nothing that stays: kustomize refuses replicas without a workload, and the
 * image of none is dead text.
 * @param gone keys (`file#doc`) of the documents that go.
 */
export function findStaleEntries(tree: Tree, path: string, gone: ReadonlySet<string>): StaleEntry[] {
  const loaded = loadKustomization(tree, path);
  if (!loaded.ok || !STALE_FIELDS.some((field) => loaded.file.data[field] !== undefined)) return [];
  const { resources, remotes } = reach(tree, loaded.file.dir);
  // What a base elsewhere holds is not known.
  if (remotes.length > 0) return [];
  const built = resources.flatMap((file) => readLazily(tree, file));
  const isGone = ({ file, doc }: LazyDocument) => gone.has(`${file}#${doc}`);
  const going = built.filter(isGone);
  const staying = built.filter((document) => !isGone(document));
  return STALE_FIELDS.flatMap((field) =>
    itemsOf(loaded.file.data[field]).flatMap((item: YamlData, index): StaleEntry[] => {
      const name: unknown = item?.name;
      if (typeof name !== "string" || name === "") return [];
      const isUsed = (documents: readonly LazyDocument[]) => documents.some((document) => USES[field](document, name));
      return isUsed(going) && !isUsed(staying) ? [{ kustomization: path, field, index }] : [];
    }),
  );
}
