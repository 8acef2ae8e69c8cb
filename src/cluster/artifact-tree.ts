import { readableSpec } from "../contract/objects.ts";
import { keepOnly, readKeeps } from "../delivery/artifact-files.ts";
import { basename, makeWithin } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { repositoryPath } from "./graph.ts";
import type { Cluster } from "./types.ts";

/**
 * The files of a tree that the source of a cluster passes on (flux-facts 6.1): the tree itself where nothing is said, so
 * that everything known of it stays of use.
 */
export function artifactTree(tree: Tree, { artifactRoot, runningSource }: ArtifactOf): Tree {
  const selection = selectionOf(runningSource);
  if (selection.ignore === "" && selection.sparse.length === 0 && !hasIgnoreFiles(tree)) return tree;
  return remember(tree, "artifact", JSON.stringify([selection, artifactRoot]), () =>
    keepOnly(tree, readKeeps(tree, selection, artifactRoot)),
  );
}

/** What a source says about the files that it passes on. */
export function selectionOf(source: Cluster["runningSource"]): { ignore: string; sparse: string[] } {
  const { ignore, sparseCheckout } = source?.data.spec ?? {};
  return {
    ignore: typeof ignore === "string" ? ignore : "",
    sparse: Array.isArray(sparseCheckout) ? sparseCheckout.map(String) : [],
  };
}

/** The same for all that a cluster builds: the tree itself where nothing in the folders of its FluxKustomizations is left out. */
export function builtTree(tree: Tree, cluster: Cluster): Tree {
  const artifact = artifactTree(tree, cluster);
  if (artifact === tree) return tree;
  const folders = cluster.local.flatMap((item) => repositoryPath(readableSpec(item), cluster.artifactRoot) ?? []);
  const isBuilt = makeWithin(folders);
  return tree.paths.some((path) => !artifact.has(path) && isBuilt(path)) ? artifact : tree;
}

type ArtifactOf = Pick<Cluster, "artifactRoot" | "runningSource">;

function hasIgnoreFiles(tree: Tree): boolean {
  return remember(tree, "ignore files", "", () => tree.paths.some((path) => basename(path) === ".sourceignore"));
}
