import type { Cluster } from "../cluster/types.ts";
import { repositoryIdentity } from "../contract/address.ts";
import type { Workspace } from "../files/snapshot.ts";

type Read = Pick<Cluster, "runningSource" | "source" | "instances">;

/** The addresses that a cluster clones, as far as files say. */
function urlsOf({ runningSource, source, instances }: Read): string[] {
  const said = [(runningSource ?? source)?.data.spec?.url, ...instances.map(({ spec }) => spec.sync?.url)];
  return said.filter((url): url is string => typeof url === "string" && url !== "" && !url.includes("$"));
}

/**
 * The remote whose branches the cluster reads: in a clone of a fork that is `upstream`, and what `origin` has reaches no
 * cluster. `origin` where no remote has the address, as where the cluster reads a mirror.
 */
export function remoteOf({ git }: Workspace, cluster: Read): string {
  const read = new Set(urlsOf(cluster).map(repositoryIdentity));
  const remotes = git?.remotes() ?? [];
  return remotes.find(({ url }) => read.has(repositoryIdentity(url)))?.name ?? "origin";
}
