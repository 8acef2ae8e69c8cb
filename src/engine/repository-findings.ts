import { matchesClusterName } from "../flux/clusters.ts";
import { describe, isFluxKustomization, isSyncSource } from "../flux/kinds.ts";
import { dirname, normalizePath } from "../flux/paths.ts";
import { isRepositorySource, resolveSource, sourceRefOf } from "../flux/sources.ts";
import type { Cluster, KubeObject, RepoModel } from "../flux/types.ts";
import { findKustomization } from "../kustomize/index.ts";
import type { Workspace } from "../workspace/snapshot.ts";
import type { Tree } from "../workspace/tree.ts";
import type { Finding, Options } from "./types.ts";

/** Findings about the repository as a whole and about which branch each cluster reads. */
export function reportRepository(workspace: Workspace, model: RepoModel, options: Options): Finding[] {
  const findings: Finding[] = [];
  if (model.clusters.length === 0) findings.push(nothingFound(workspace, model));
  for (const cluster of model.clusters) {
    if (options.clusters.length > 0 && !options.clusters.some((name) => matchesClusterName(cluster, name))) continue;
    findings.push(...reportBranch(workspace, cluster));
  }
  if (workspace.git?.detached) findings.push(detached(workspace));
  return findings;
}

function nothingFound({ tree }: Workspace, model: RepoModel): Finding {
  const looking =
    "a GitRepository, OCIRepository or Bucket with a FluxKustomization that builds a folder of this repository";
  const strays = model.objects.filter((object) => isFluxKustomization(object) && sourceRefOf(object.data?.spec, ""));
  const stray = strays.find((object) => declaresSource(model, object)) ?? strays[0];
  if (stray) {
    return {
      rule: "root-not-found",
      level: "blocker",
      resource: describe(stray),
      at: { file: stray.file, line: 1, col: 1 },
      what: `Flux objects were found, but no root: nothing declares ${looking}.`,
      why: whyNoRoot(tree, model, stray),
      next: "Run fluxlift at the top of the GitOps repository, as it is after templates are filled in; for an OCI or Bucket source give the published folder with --artifact-path.",
    };
  }
  const first = tree.paths[0];
  return {
    rule: "nothing-recognised",
    level: "blocker",
    ...(first && findKustomization(tree, "") ? { at: { file: first, line: 1, col: 1 } } : {}),
    what: `No Flux cluster was recognised in ${tree.paths.length} files.`,
    why: `fluxlift looked for ${looking}.`,
    next: "Check that this is the GitOps repository and its top folder, or pass the right one: fluxlift scan DIR.",
  };
}

function sourceOf(model: RepoModel, { data, file, namespace }: KubeObject): KubeObject | undefined {
  const ref = sourceRefOf(data?.spec, namespace);
  return (
    ref &&
    resolveSource(
      ref,
      file,
      model.objects.filter((object) => isSyncSource(object) && isRepositorySource(object)),
    )
  );
}

/** Whether its source stands in the same file or folder, as that of a root mostly does. */
function declaresSource(model: RepoModel, object: KubeObject): boolean {
  const source = sourceOf(model, object);
  return source !== undefined && dirname(source.file) === dirname(object.file);
}

function whyNoRoot(tree: Tree, model: RepoModel, stray: KubeObject): string {
  const path = String(stray.data.spec.path ?? "./");
  const source = sourceOf(model, stray);
  const builds = `${describe(stray)} builds ${path}`;
  if (/\{\{|\{%|\$\{|#\{/.test(path)) return `${builds}: something fills that in before Flux reads it.`;
  if (!source) return `${builds}, but its source is not in this repository.`;
  const folder = normalizePath(path);
  if (folder !== undefined && folder !== "" && !tree.isDir(folder)) {
    const named = `${builds} of ${describe(source)}`;
    if (source.kind === "GitRepository") return `${named}, and there is no such folder.`;
    return `${named}; there is no such folder at the top, and no job or task says which folder is published there.`;
  }
  return `${builds}, but its source ${describe(source)} lies far from it, or is another repository.`;
}

function reportBranch({ git }: Workspace, cluster: Cluster): Finding[] {
  if (!git || cluster.branch === undefined || git.branch === undefined || cluster.branch === git.branch) return [];
  return [
    {
      rule: "other-branch",
      level: "caution",
      cluster: cluster.name,
      ...(cluster.source ? { at: { file: cluster.source.file, line: 1, col: 1 } } : {}),
      what: `${cluster.name} reads branch ${cluster.branch}, but ${git.branch} is checked out: merging here changes nothing for that cluster.`,
      why: "Flux applies the branch its source names; phases count only once they are on that branch.",
      next: `Check out ${cluster.branch} and run fluxlift there, or merge every phase into ${cluster.branch} as well.`,
    },
  ];
}

function detached({ git }: Workspace): Finding {
  return {
    rule: "detached-head",
    level: "caution",
    what: `HEAD is detached at ${git?.head?.slice(0, 12) ?? "a commit"}, so fluxlift cannot tell which branch this becomes.`,
    why: "The phase order is judged on the commit a cluster reads.",
    next: "Check out the branch the cluster reads before writing anything.",
  };
}
