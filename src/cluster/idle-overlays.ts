import { type KubeObject, readableSpec } from "../contract/objects.ts";
import { isFluxKustomization } from "../delivery/kinds.ts";
import { isKustomizationFile, kustomizationOf, reach } from "../delivery/kustomize/index.ts";
import { dirname, isWithin } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import type { Surroundings } from "./assemble.ts";
import { isArchived } from "./automation-files.ts";
import { builtBy } from "./graph.ts";
import { appliesFile } from "./territory.ts";
import type { Cluster, LeftOut } from "./types.ts";

/** Of a folder to copy; a cluster may well be called `test`. */
const SHOWN = /(?:^|\/)(?:examples?|samples?|docs?|templates?)\/[^/]+$/i;

/**
 * Folders beside that of a cluster that only take in what this one delivers as well, such as `clusters/base`, and that no
 * root here builds: another cluster may start from them, whose root is on another branch or was applied by hand.
 * @param sisterOf the cluster beside whose folder a folder lies
 * @param told files of FluxKustomizations that are listed by themselves
 */
export function findIdleOverlays(
  { tree, byFile }: Pick<Surroundings, "tree" | "byFile">,
  clusters: readonly Cluster[],
  sisterOf: (dir: string) => Cluster | undefined,
  told: readonly string[],
): LeftOut[] {
  if (clusters.length === 0) return [];
  const idle = tree.paths.flatMap((path) => {
    const dir = isKustomizationFile(path) ? dirname(path) : "";
    const sister = sisterOf(dir);
    if (!sister || clusters.some((one) => appliesFile(one, path))) return [];
    if (told.some((file) => isWithin(file, dir)) || kustomizationOf(tree, dir)?.kind !== "Kustomization") return [];
    const { resources, kustomizations } = reach(tree, dir);
    if (resources.includes(sister.root.file) && startsWith(tree, sister, dir)) return [];
    return [{ path, dir, sister, resources, bases: kustomizations.filter((one) => one !== dir) }];
  });
  // What another of them takes in is their base, such as `clusters/common`.
  const bases = new Set(idle.flatMap((one) => one.bases));
  return idle.flatMap(({ path, dir, sister, resources }): LeftOut[] => {
    const shared = resources.find(
      (file) =>
        !isWithin(file, dir) && appliesFile(sister, file) && byFile.get(file)?.some(isFluxKustomization) === true,
    );
    if (shared === undefined || bases.has(dir)) return [];
    return [
      {
        object: asObject(path, dir),
        why: `takes in ${shared}, as cluster ${sister.name} does, but no root here builds ${dir}`,
        isCopy: isArchived(path) || SHOWN.test(path),
        next: "If a cluster starts from there, run fluxlift on the branch that has its root, or commit its source and root as the cluster has them (flux export source git --all, flux export kustomization …), and run fluxlift again.",
      },
    ];
  });
}

/** Whether the build of a folder brings the root of a cluster as it is: who applied it started that cluster, and no other. */
function startsWith(tree: Tree, { root, rootFrom }: Cluster, dir: string): boolean {
  const spec = rootFrom === "manifest" ? readableSpec(builtBy(tree, root, dir)) : undefined;
  return spec !== undefined && spec.path === root.data.spec?.path;
}

/** A kustomization has no name of its own; the folder is how people call it. */
function asObject(file: string, dir: string): KubeObject {
  return {
    ...{ file, doc: 0, namespace: "", name: dir, kind: "Folder" },
    apiVersion: "kustomize.config.k8s.io/v1beta1",
    data: {},
  };
}
