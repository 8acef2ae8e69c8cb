import type { LazyDocument } from "../../../src/cluster/types.ts";
import { itemsOf, type YamlData } from "../../../src/contract/objects.ts";
import { loadKustomization, reach } from "../../../src/delivery/kustomize/index.ts";
import { dirname } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { type Build, splitDocuments } from "./stale-patches.ts";

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
 * @param builds whose objects the entries see, where it is a component of several
 */
export function findStaleEntries(
  tree: Tree,
  path: string,
  gone: ReadonlySet<string>,
  builds: readonly Build[] = [{ dir: dirname(path), gone }],
): StaleEntry[] {
  const loaded = loadKustomization(tree, path);
  if (!loaded.ok || !STALE_FIELDS.some((field) => loaded.file.data[field] !== undefined)) return [];
  // What a base elsewhere holds is not known.
  if (builds.some(({ dir }) => reach(tree, dir).remotes.length > 0)) return [];
  const { going, staying } = splitDocuments(tree, builds);
  return STALE_FIELDS.flatMap((field) =>
    itemsOf(loaded.file.data[field]).flatMap((item: YamlData, index): StaleEntry[] => {
      const name: unknown = item?.name;
      if (typeof name !== "string" || name === "") return [];
      const isUsed = (documents: readonly LazyDocument[]) => documents.some((document) => USES[field](document, name));
      return isUsed(going) && !isUsed(staying) ? [{ kustomization: path, field, index }] : [];
    }),
  );
}
