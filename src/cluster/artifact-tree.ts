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
  const said: unknown = runningSource?.data.spec?.ignore;
  const ignore = typeof said === "string" ? said : "";
  if (ignore === "" && !hasIgnoreFiles(tree)) return tree;
  return remember(tree, "artifact", JSON.stringify([ignore, artifactRoot]), () =>
    keepOnly(tree, readKeeps(tree, { ignore }, artifactRoot)),
  );
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
