import { keyOfObject } from "../../admission/key.ts";
import type { Cluster, RepoModel } from "../../cluster/types.ts";
import { groupBy } from "../../contract/group-by.ts";
import type { KubeObject } from "../../contract/objects.ts";
import { overlayTree } from "../../files/overlay.ts";
import type { Tree } from "../../files/tree.ts";
import { editYaml } from "../../yaml/edit.ts";
import { compareTrees } from "../trees.ts";
import { judgeLosses, type Loss } from "./wanted.ts";

export interface FutureInput {
  /** The tree as a phase leaves it. */
  tree: Tree;
  /** Of the tree before that phase. */
  model: RepoModel;
  cluster: Cluster;
  /** Paths the phase edits. */
  edited: ReadonlySet<string>;
}

export interface Future {
  losses: Loss[];
  /** FluxKustomizations that build no more: a patch of what goes lies elsewhere, and what is lost cannot be told. */
  broken: string[];
}

/**
 * What that is still wanted may be deleted when later phases remove some documents, once the operator has adopted its
 * objects: what a guard is needed for.
 */
export function findFutureLosses(
  { tree, model, cluster, edited }: FutureInput,
  removed: readonly KubeObject[],
): Future {
  const after = withoutDocuments(tree, removed);
  const changed = new Set([...edited, ...removed.map(({ file }) => file)]);
  const change = { before: model.tree, after, changed };
  const comparison = compareTrees(change, model, cluster, { adopted: true });
  const losses = judgeLosses(comparison, change, cluster.artifactRoot).filter(({ wanted }) => wanted);
  return { losses, broken: comparison.broken.map(({ name }) => name) };
}

/** Whether a FluxKustomization or HelmRelease has a part in a loss. */
export function isBlamed(object: KubeObject, namespace: string, { outcome }: Loss): boolean {
  return outcome.causes.includes(keyOfObject({ ...object, namespace: object.namespace || namespace }));
}

function withoutDocuments(tree: Tree, objects: readonly KubeObject[]): Tree {
  const changes = [...groupBy(objects, ({ file }) => file)].map(([path, own]) => {
    const docs = [...new Set(own.map(({ doc }) => doc))].sort((a, b) => b - a);
    const ops = docs.map((doc) => ({ op: "delete-document", doc }) as const);
    const before = tree.read(path) ?? "";
    const result = editYaml(before, ops);
    // A file of comments builds as nothing, which is what is asked.
    return { path, before, after: result.ok ? result.text : "" };
  });
  return overlayTree(tree, changes);
}
