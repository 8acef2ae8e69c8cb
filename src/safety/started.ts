import { keyOfObject, printKey } from "../admission/key.ts";
import type { TreeChange } from "../change/types.ts";
import { builderOf, repositoryPath } from "../cluster/graph.ts";
import { buildModel, type ModelInput } from "../cluster/model.ts";
import type { Cluster, RepoModel } from "../cluster/types.ts";
import type { Finding } from "../contract/finding.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { MergeSafety } from "../contract/safety.ts";
import { listDelivered } from "../delivery/flux-build.ts";
import { describe } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";

/** A cluster that comes with a change: Flux held nothing for it, so all that happens is that it applies things. */
interface Started {
  cluster: string;
  safety: MergeSafety;
  finding: Finding;
}

/** What a start cannot be without; a reference to a source counts as well. */
const START = /GitRepository|OCIRepository|Bucket|FluxInstance|flux-instance/g;

/**
 * Clusters of the tree after a change whose root or FluxInstance the change brings. The tree is read a second time only
 * where a changed file may hold a start that it did not hold.
 * @param model of the tree before the change
 */
export function findStarted(
  { before, after, changed }: TreeChange,
  model: RepoModel,
  { remotes, options }: Pick<ModelInput, "remotes" | "options">,
): Started[] {
  const isNew = (file: string) => changed.has(file) && before.read(file) !== after.read(file);
  const count = (tree: Tree, file: string) => tree.read(file)?.match(START)?.length ?? 0;
  if (![...changed].some((file) => count(after, file) > count(before, file))) return [];
  const known = new Set(model.clusters.map(folderOf));
  // Also a root that was taken for none, since its source lies elsewhere, may have applied something.
  const stood = [...model.clusters.map(({ root }) => root), ...model.objects];
  // A root that leaves one file and comes back in another is the same cluster, wherever its folder lies from then on.
  const left = new Set(stood.filter(({ file }) => !after.has(file)).map(describe));
  // So is one whose root gets another folder where it stands.
  const placeOf = (object: KubeObject) => `${object.file} ${describe(object)}`;
  const places = new Set(stood.map(placeOf));
  const { clusters } = buildModel({ tree: after, remotes, options });
  return clusters
    .filter(({ root }) => isNew(root.file) && !left.has(describe(root)) && !places.has(placeOf(root)))
    .filter((cluster) => !known.has(folderOf(cluster)))
    .map((cluster) => ({
      cluster: cluster.name,
      safety: { ...NOTHING, outcomes: { created: listCreated(after, cluster) } },
      finding: report(after, cluster),
    }));
}

const NOTHING: MergeSafety = {
  verdict: "safe",
  adopted: false,
  outcomes: {},
  dangers: [],
  transfers: [],
  unknown: [],
};

function folderOf({ root, artifactRoot }: Cluster): string | undefined {
  return repositoryPath(root.data.spec, artifactRoot);
}

function listCreated(tree: Tree, cluster: Cluster) {
  const own = cluster.rootFrom === "instance" ? [describe(cluster.root)] : [];
  const names = [...new Set([...own, ...listApplied(tree, cluster)])].sort();
  return { count: names.length, names };
}

/** Names of all that a cluster applies, each once. */
export function listApplied(tree: Tree, { local, artifactRoot }: Cluster): string[] {
  const objects = local.flatMap((item) => {
    const { by, dir } = builderOf(item, artifactRoot);
    return listDelivered(tree, { ...by, substitutes: true }, dir);
  });
  return [...new Set(objects.map((object) => printKey(keyOfObject(object))))].sort();
}

function report(tree: Tree, { name, root }: Cluster): Finding {
  return {
    rule: "cluster-starts",
    level: "info",
    cluster: name,
    at: locateField(tree, root),
    what: `Cluster ${name} comes with this change: ${describe(root)} starts to apply ${root.data.spec?.path ?? "./"}.`,
    why: "No root of it stood in the repository before, so it has nothing to take away.",
    next: "Nothing to do if the cluster is meant to start.",
  };
}
