import type { LazyDocument } from "../../../src/cluster/types.ts";
import { itemsOf, type YamlData } from "../../../src/contract/objects.ts";
import { loadKustomization, reach } from "../../../src/delivery/kustomize/index.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { type Build, objectsLost, splitDocuments } from "./stale-patches.ts";

/** An entry of a kustomization that sets an image or the replicas of what goes. */
export interface StaleEntry {
  kustomization: string;
  field: StaleField;
  index: number;
}

export const STALE_FIELDS = ["images", "replicas"] as const;
type StaleField = (typeof STALE_FIELDS)[number];

type Used = Pick<LazyDocument, "kind" | "name" | "text">;

/** Errs towards use: a name in any text of an object is taken for its image. */
const USES: Record<StaleField, (document: Used, name: string) => boolean> = {
  images: ({ text }, name) => text.includes(name),
  replicas: (document, name) => document.name === name && !/^(?:Service|ServiceAccount)$/.test(document.kind),
};

/**
 * Entries that mean something which goes, and nothing that stays: kustomize refuses replicas without a workload, and the
 * image of none is dead text.
 * @param builds whose objects the entries see: its own, or those that it is a component of
 */
export function findStaleEntries(tree: Tree, path: string, builds: readonly Build[]): StaleEntry[] {
  const loaded = loadKustomization(tree, path);
  if (!loaded.ok || !STALE_FIELDS.some((field) => loaded.file.data[field] !== undefined)) return [];
  // What a base elsewhere holds is not known.
  if (builds.some(({ dir, bases }) => reach(tree, dir).remotes.length > bases.length)) return [];
  const { going, staying } = splitDocuments(tree, builds);
  const lost = objectsLost(builds).map(({ data }): Used => {
    return { kind: data.kind, name: data.metadata.name, text: JSON.stringify(data) };
  });
  return STALE_FIELDS.flatMap((field) =>
    itemsOf(loaded.file.data[field]).flatMap((item: YamlData, index): StaleEntry[] => {
      const name: unknown = item?.name;
      if (typeof name !== "string" || name === "") return [];
      const isUsed = (documents: readonly Used[]) => documents.some((document) => USES[field](document, name));
      return isUsed([...going, ...lost]) && !isUsed(staying) ? [{ kustomization: path, field, index }] : [];
    }),
  );
}
