import { objectsIn } from "../../src/cluster/objects.ts";
import type { Cluster } from "../../src/cluster/types.ts";
import type { KubeObject, YamlData } from "../../src/contract/objects.ts";
import type { Tree } from "../../src/files/tree.ts";
import { readYamlCached } from "../../src/yaml/read.ts";

/** The documents of a text as data; none where it is no valid YAML. */
export function docsIn(text: string | undefined): readonly { index: number; data: YamlData }[] {
  const parsed = readYamlCached(text ?? "");
  return parsed.ok ? parsed.docs : [];
}

/** The first document of a file. */
export function firstDoc(tree: Tree, path: string): YamlData {
  return docsIn(tree.read(path))[0]?.data;
}

/** Objects of the files a cluster is delivered in which a text stands. */
export function objectsNaming(tree: Tree, cluster: Cluster, text: string): KubeObject[] {
  return objectsIn(
    tree,
    tree.grep(text).filter((file) => cluster.manifests.has(file)),
  );
}
