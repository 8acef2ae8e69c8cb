import { isYamlPath } from "../../../src/cluster/objects.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import { mayHoldScalar } from "../../../src/delivery/patterns.ts";
import type { Tree } from "../../../src/files/tree.ts";

/** Up to this many, reading the files that nobody has read yet takes less time than one `git grep`. */
const FEW = 2000;

/** YAML files of the cluster in which a value may be the name. */
export function filesNaming(tree: Tree, { files }: Cluster, name: string): string[] {
  const candidates = files.size <= FEW ? [...files] : tree.grep(name).filter((file) => files.has(file));
  return candidates.filter((file) => isYamlPath(file) && mayHoldScalar(tree.read(file) ?? "", name)).sort();
}
