import type { Finding } from "../contract/finding.ts";
import { normalizePath } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { isSample } from "./automation-files.ts";
import { repositoryPath } from "./graph.ts";
import { findMadeInstances } from "./outside/told.ts";
import type { Cluster } from "./types.ts";

/**
 * Stops clusters of the old install for which Terraform makes a FluxInstance: it syncs the folder that their root builds, so
 * that another one in Git would contend with it. A path with a variable may be that of any cluster and stops none.
 */
export function reportTerraformInstances(tree: Tree, clusters: readonly Cluster[]): void {
  const open = clusters.filter(({ rootFrom, instances }) => rootFrom === "manifest" && instances.length === 0);
  if (open.length === 0) return;
  const made = findMadeInstances(tree).filter(({ at }) => !isSample(at.file));
  for (const { name, root, artifactRoot, findings } of open) {
    const folder = repositoryPath(root.data.spec, artifactRoot);
    const one = made.find(({ path }) => normalizePath(path) === folder);
    if (one) findings.push({ ...report(one), cluster: name });
  }
}

function report({ at, path }: { at: NonNullable<Finding["at"]>; path: string }): Finding {
  return {
    rule: "instance-in-terraform",
    level: "blocker",
    at,
    what: `Terraform makes a FluxInstance that starts from ${path} (${at.file}:${at.line}), as this cluster does: one more in Git, with one more release of the operator, would change the same objects in turn.`,
    why: "A cluster has one FluxInstance and one operator. Helm refuses what another release made, and each terraform apply puts its own back.",
    next: "If it is applied to this cluster: commit the FluxInstance as the cluster has it (kubectl get fluxinstance -A -o yaml), with a FluxKustomization of its own that builds its folder with prune: false; take it, and the operator, out of the state (terraform state rm), never destroy them, and out of the code; then run fluxlift again, which goes on from there. If it is not applied: take it out of the code.",
  };
}
