import { isChosen, matchesClusterName } from "../cluster/clusters.ts";
import type { Cluster } from "../cluster/types.ts";
import { UsageError } from "../contract/errors.ts";
import { isBranchName } from "../contract/names.ts";
import type { AppNames, Options } from "../contract/options.ts";

/**
 * The clusters that are asked for.
 * @throws UsageError for a name that matches none, and for what `checkOwn` refuses
 */
export function selectClusters(clusters: readonly Cluster[], options: Options): Cluster[] {
  for (const name of options.clusters) {
    if (clusters.some((cluster) => matchesClusterName(cluster, name))) continue;
    throw new UsageError(
      "unknown-cluster",
      `No cluster is called ${name}.`,
      clusters.length > 0
        ? `Found: ${clusters.map((cluster) => cluster.name).join(", ")}.`
        : "No cluster was found at all; see `fluxlift scan`.",
    );
  }
  checkOwn(clusters, options.perCluster ?? {});
  return clusters.filter((cluster) => isChosen(cluster, options));
}

/**
 * Checks what the configuration says of clusters against those that are there.
 * @throws UsageError for a cluster that is none, a branch that its source does not read, and a name that is taken
 */
function checkOwn(clusters: readonly Cluster[], perCluster: NonNullable<Options["perCluster"]>): void {
  for (const [name, { branch, names }] of Object.entries(perCluster)) {
    const cluster = clusters.find((one) => one.name === name);
    // A setting for a cluster that is not there would be lost in silence.
    if (!cluster)
      throw new UsageError(
        "unknown-cluster",
        `The configuration has settings for ${name}, and no cluster is called that.`,
        list(clusters),
      );
    if (branch !== undefined) checkBranch(cluster, branch);
    if (names) checkNames(cluster, names);
  }
}

function list(clusters: readonly Cluster[]): string {
  return clusters.length > 0 ? `Found: ${clusters.map(({ name }) => name).join(", ")}.` : "None was found.";
}

/** The source decides what Flux reads, whatever anybody says. */
function checkBranch({ name, branch, source }: Cluster, own: string): void {
  if (!isBranchName(own)) {
    const hint = "Write it as git does: main, or release/1.x.";
    throw new UsageError("bad-branch", `clusters.${name}.branch of the configuration is no name of a branch.`, hint);
  }
  if (branch === own) return;
  throw new UsageError(
    "other-branch-configured",
    `The configuration says that ${name} reads branch ${own}, and its source reads ${branch}${source ? ` (${source.file})` : ""}.`,
    `Take clusters.${name}.branch out, or set it to ${branch}.`,
  );
}

/**
 * Flux would take two FluxKustomizations of one name for one object, and prune what the first delivered. Apps that are there
 * keep their names, whatever the configuration says.
 */
function checkNames(
  { name, root, kustomizations, operators, instances }: Cluster,
  { operator, instance }: AppNames,
): void {
  const apps = [...(operators.length > 0 ? [] : [operator]), ...(instances.length > 0 ? [] : [instance])];
  const hint = "Choose another name under clusters of the configuration.";
  for (const [at, own] of apps.entries()) {
    if (own === undefined) continue;
    const other = [{ object: root }, ...kustomizations].find(({ object }) => object.name === own)?.object;
    const holder = other ? `${other.file} has` : apps.indexOf(own) === at ? undefined : "the other app has";
    if (!holder) continue;
    throw new UsageError(
      "name-taken",
      `The configuration calls an app of ${name} ${own}, and ${holder} that name.`,
      hint,
    );
  }
}
