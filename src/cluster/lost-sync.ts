import { repositoryIdentity } from "../contract/address.ts";
import type { Finding } from "../contract/finding.ts";
import { describe } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { PLACEHOLDER, repositoryPath } from "./graph.ts";
import { generatedNames } from "./instances.ts";
import type { Cluster, InstanceDescription, LeftOut } from "./types.ts";

/**
 * The path that a FluxInstance syncs from Git, where it is no folder of this tree. A part of it that is a file, such as a link,
 * may still lead to one.
 */
function lostPath(tree: Tree, { spec: { sync } }: InstanceDescription): string | undefined {
  if (sync?.kind !== "GitRepository" || typeof sync.path !== "string" || PLACEHOLDER.test(sync.path)) return undefined;
  const folder = repositoryPath(sync, "");
  if (folder === undefined || folder === "" || tree.isDir(folder)) return undefined;
  const parts = folder.split("/");
  return parts.some((_, index) => tree.has(parts.slice(0, index + 1).join("/"))) ? undefined : folder;
}

/** FluxInstances of a cluster that sync a folder of the repository that the cluster reads, and which is not there. */
export function reportLostSync(tree: Tree, { name, instances, source }: Cluster): Finding[] {
  const ours = repositoryIdentity(String(source?.data.spec?.url ?? ""));
  return instances.flatMap((instance) => {
    const path = lostPath(tree, instance);
    if (path === undefined || repositoryIdentity(String(instance.spec.sync?.url ?? "")) !== ours) return [];
    return [
      {
        rule: "sync-path-missing",
        level: "blocker",
        cluster: name,
        resource: describe(instance.object),
        at: locateField(tree, instance.object),
        what: `The FluxInstance syncs ${path}, which is no folder here, so the Kustomization ${generatedNames(instance).root} that the operator makes of it cannot be built.`,
        why: "Until that is mended, what changes in Git reaches the cluster only through what somebody applied by hand.",
        next: "Correct its sync.path to the folder that the cluster starts from, commit, and run fluxlift again.",
      },
    ];
  });
}

/** Why a FluxInstance that no cluster delivers starts none itself. */
export function explainInstance(tree: Tree, instance: InstanceDescription): Pick<LeftOut, "isLost" | "why" | "next"> {
  const path = lostPath(tree, instance);
  const [unread] = instance.unread ?? [];
  if (path !== undefined)
    return {
      isLost: true,
      why: `describes a FluxInstance that syncs ${path}, which is no folder here`,
      next: "If it is this cluster's, correct its sync.path to the folder that the cluster starts from; commit, and run fluxlift again.",
    };
  if (unread && instance.spec.sync === undefined)
    return {
      isLost: true,
      why: `describes a FluxInstance whose values cannot be read here (${unread.at.file}:${unread.at.line}: ${unread.what})`,
      next: `If it is this cluster's, mend that or bring the values into Git, commit, and run fluxlift again.`,
    };
  return {
    why: "describes a FluxInstance, and no recognised cluster delivers it",
    next: "List it in what the cluster builds, or delete it.",
  };
}
