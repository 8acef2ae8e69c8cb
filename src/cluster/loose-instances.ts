import { repositoryIdentity } from "../contract/address.ts";
import type { KubeObject, YamlData } from "../contract/objects.ts";
import { isFluxInstance } from "../delivery/kinds.ts";
import { sharedSegments } from "../delivery/paths.ts";
import { repositoryPath } from "./graph.ts";
import { appliesFile } from "./territory.ts";
import type { Cluster, RepoModel } from "./types.ts";

/**
 * FluxInstances that no FluxKustomization delivers, and that may have been applied to a cluster. In a tree of several it is the
 * one whose folder they sync, wherever they lie; of the others, which sync a folder that is no cluster here, those beside it.
 */
export function findLooseInstances(
  { clusters, objects }: Pick<RepoModel, "clusters" | "objects">,
  cluster: Cluster,
): KubeObject[] {
  const others = clusters.filter((one) => one !== cluster && one.rootFrom === "instance");
  const isOfOther = ({ file, doc }: KubeObject) => others.some(({ root }) => root.file === file && root.doc === doc);
  const isNear = (object: KubeObject) =>
    clusters.length === 1 ||
    syncsFolderOf(object, cluster) ||
    (sharedSegments(object.file, cluster.root.file) > 0 && !clusters.some((one) => syncsFolderOf(object, one)));
  return objects.filter(
    (object) =>
      isFluxInstance(object) &&
      (object.namespace === "" || object.namespace === cluster.namespace) &&
      isNear(object) &&
      !isOfOther(object) &&
      !clusters.some((one) => appliesFile(one, object.file)),
  );
}

/** Whether a FluxInstance syncs the folder of a cluster, and of the same repository where both name one of Git. */
export function syncsFolderOf({ data }: KubeObject, { root, source, artifactRoot }: Cluster): boolean {
  const sync = (data as YamlData).spec?.sync;
  if (typeof sync?.path !== "string") return false;
  const { kind, data: read } = source ?? {};
  const urls = [sync.url, read?.spec?.url].map((url) => repositoryIdentity(String(url ?? "")));
  const isOther = kind === "GitRepository" && sync.kind === kind && urls[0] !== urls[1];
  return !isOther && repositoryPath(sync, artifactRoot) === repositoryPath(root.data.spec, artifactRoot);
}
