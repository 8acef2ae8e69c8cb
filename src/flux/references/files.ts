import type { Tree } from "../../workspace/tree.ts";
import { isYamlPath } from "../objects.ts";
import { mentions } from "../patterns.ts";
import type { Cluster } from "../types.ts";

/** YAML files of the cluster in which something may bear the name. */
export function filesNaming(tree: Tree, cluster: Cluster, name: string): string[] {
  return tree
    .grep(name)
    .filter((file) => isYamlPath(file) && cluster.files.has(file) && mentions(tree.read(file) ?? "", name));
}
