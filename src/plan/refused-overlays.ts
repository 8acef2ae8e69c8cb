import type { Cluster } from "../cluster/types.ts";
import type { DraftFinding } from "../contract/finding.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isKustomizationFile, loadKustomization, reach } from "../delivery/kustomize/index.ts";
import { dirname, join } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { readYamlCached } from "../yaml/read.ts";

/** API versions that people write and kustomize has not; that of FluxKustomizations suggests them. */
const WRONG = ["kustomize.config.k8s.io/v1beta2", "kustomize.config.k8s.io/v1beta3"];

/**
 * Kustomizations that list the folder of a root, or of its base, under an API version that kustomize refuses: such an
 * overlay may say another path for the root, and Flux builds none of it. What else is wrong in one is not looked for here.
 */
export function checkOverlays(tree: Tree, { root }: Pick<Cluster, "root">): DraftFinding[] {
  const home = dirname(root.file);
  const files = new Set(WRONG.flatMap((version) => tree.grep(version)));
  return [...files].filter(isKustomizationFile).flatMap((path): DraftFinding[] => {
    const loaded = loadKustomization(tree, path, false);
    const read = readYamlCached(tree.read(path) ?? "");
    if (loaded.ok || !read.ok) return [];
    const listed = read.docs
      .map(({ data }): YamlData => data)
      .flatMap((data) => [...itemsOf(data?.resources), ...itemsOf(data?.bases)]);
    const leads = (to: string) => to === root.file || (tree.isDir(to) && reach(tree, to).resources.includes(root.file));
    const isAbove = listed.some((entry) => leads(join(dirname(path), String(entry))));
    if (!isAbove || dirname(path) === home) return [];
    const facts = { resource: dirname(path), reason: loaded.reason };
    return [{ rule: "kustomization-broken", level: "blocker", at: loaded.at, facts }];
  });
}
