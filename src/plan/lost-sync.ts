import type { Harm } from "../change/types.ts";
import { findInstances, generatedNames } from "../cluster/instances.ts";
import type { Cluster, InstanceDescription, RepoModel } from "../cluster/types.ts";
import { repositoryIdentity } from "../contract/address.ts";
import { lineOf } from "../contract/errors.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { describe } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import { normalizePath } from "../delivery/paths.ts";
import type { Workspace } from "../files/snapshot.ts";
import type { Tree } from "../files/tree.ts";

/** A path without anything that a template or a variable could fill in. */
const LITERAL = /^[\w./-]+$/;

/**
 * The folder that a FluxInstance syncs, where it is certain that this tree does not have it: the branch of this repository that
 * is checked out, nothing left out of it, a literal path that no patch changes, and no part of it a file, such as a link.
 * Errs towards there being one.
 */
function lostFolder(workspace: Workspace, tree: Tree, { spec, object }: InstanceDescription): string | undefined {
  const { git, hidden = [] } = workspace;
  const { sync } = spec;
  if (git?.prefix !== "" || hidden.length > 0 || sync?.kind !== "GitRepository") return undefined;
  if (git.branch === undefined || sync.ref !== `refs/heads/${git.branch}`) return undefined;
  const ours = new Set(git.remotes().map(({ url }) => repositoryIdentity(url)));
  if (typeof sync.url !== "string" || !ours.has(repositoryIdentity(sync.url))) return undefined;
  if (typeof sync.path !== "string" || !LITERAL.test(sync.path)) return undefined;
  const folder = normalizePath(sync.path);
  if (!folder || tree.isDir(folder) || mayBePatched(tree, object.file)) return undefined;
  const parts = folder.split("/");
  return parts.some((_, index) => tree.has(parts.slice(0, index + 1).join("/"))) ? undefined : folder;
}

/** Whether a file besides its own may change what a FluxInstance says: a patch that names it, or its path. */
function mayBePatched(tree: Tree, own: string): boolean {
  const files = ["FluxInstance", "flux-instance", "sync/path"].flatMap((needle) => tree.grep(needle));
  return files.some((file) => file !== own && /patch|replacements/.test(tree.read(file) ?? ""));
}

/** Stops a cluster whose FluxInstance syncs a folder that is not there. */
export function checkLostSync(workspace: Workspace, tree: Tree, { instances }: Cluster): DraftFinding[] {
  return instances.flatMap((instance) => {
    const path = lostFolder(workspace, tree, instance);
    if (path === undefined) return [];
    const { object } = instance;
    const facts = { path, root: generatedNames(instance).root };
    const [resource, at] = [describe(object), locateField(tree, object)];
    return [{ rule: "sync-path-missing", level: "blocker", resource, at, facts }];
  });
}

type Lost = Pick<Harm, "resource" | "at" | "why" | "next">;

/** Where no cluster was recognised, the FluxInstance that would start one if its folder were there, or its values read. */
export function findLostInstance(workspace: Workspace, { objects, leftOut }: RepoModel): Lost | undefined {
  const { tree } = workspace;
  const open = new Set(leftOut.filter(({ isCopy }) => !isCopy).map(({ object }) => object));
  const lost = findInstances(tree, objects).flatMap((instance): Lost[] => {
    const { object, spec, unread = [] } = instance;
    if (!open.has(object)) return [];
    const place = { resource: describe(object), at: lineOf(object.file) };
    const path = lostFolder(workspace, tree, instance);
    if (path !== undefined)
      return [
        {
          ...place,
          why: `describes a FluxInstance that syncs ${path}, which is no folder here`,
          next: "If it is this cluster's, correct its sync.path to the folder that the cluster starts from; commit, and run fluxlift again.",
        },
      ];
    const [first] = unread;
    if (!first || spec.sync !== undefined) return [];
    return [
      {
        ...place,
        why: `describes a FluxInstance whose values cannot be read here (${first.at.file}:${first.at.line}: ${first.what})`,
        next: "If it is this cluster's, mend that or bring the values into Git, commit, and run fluxlift again.",
      },
    ];
  });
  return lost[0];
}
