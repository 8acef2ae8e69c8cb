import type { Finding } from "../contract/finding.ts";
import { readableSpec } from "../contract/objects.ts";
import { operand, sh } from "../contract/shell.ts";
import { describe } from "../delivery/kinds.ts";
import { locateField } from "../delivery/locations.ts";
import type { Tree } from "../files/tree.ts";
import { PLACEHOLDER, repositoryPath } from "./graph.ts";
import type { Cluster } from "./types.ts";

type Started = Pick<Cluster, "root" | "rootFrom" | "kustomizations" | "files" | "artifactRoot">;

/**
 * A blocker where what the root delivers holds another manifest of the root, which builds another folder: as after a second
 * `flux bootstrap` to a path whose folder lists what the first one wrote. Nothing that is added below the first is applied then.
 * Where the first is in that folder, too, kustomize refuses to build both, which is said of the build.
 */
export function reportOtherSelf(tree: Tree, cluster: Started): Finding | undefined {
  const { root, rootFrom, kustomizations, files, artifactRoot } = cluster;
  if (rootFrom === "instance" || files.has(root.file)) return undefined;
  const own = repositoryPath(root.data.spec, artifactRoot);
  const other = kustomizations.find((item) => {
    const spec = readableSpec(item);
    if (item.object.file === root.file || item.namespace !== root.namespace || item.object.name !== root.name)
      return false;
    // What postBuild fills in is only known in the cluster.
    if (spec?.path === undefined || (PLACEHOLDER.test(spec.path) && root.data.spec?.postBuild)) return false;
    return repositoryPath(spec, artifactRoot) !== own;
  })?.object;
  if (!other) return undefined;
  const { file, data } = other;
  const look = sh`kubectl get kustomization ${operand(root.name)} -n ${root.namespace} -o yaml`.line;
  return {
    rule: "root-ambiguous",
    level: "blocker",
    resource: describe(root),
    at: locateField(tree, other, ["spec", "path"]),
    what: `${describe(root)} (${root.file}) builds ${own || "the repository"}, and what it delivers holds another manifest of it (${file}), which has it build ${data.spec?.path} instead.`,
    why: "Flux applies the second one over the first: from then on what is added in the first folder is never applied, and what only that folder held is pruned.",
    next: `Look what the cluster has with \`${look}\`. Keep the manifest that says so and remove the other, with prune: false reconciled first, then run fluxlift again.`,
  };
}
