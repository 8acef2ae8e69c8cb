import { readObjects } from "../../../src/cluster/objects.ts";
import type { Cluster } from "../../../src/cluster/types.ts";
import type { FileChange } from "../../../src/contract/edit.ts";
import { isFluxKustomization } from "../../../src/delivery/kinds.ts";
import { join } from "../../../src/delivery/paths.ts";
import { overlayTree } from "../../../src/files/overlay.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { editYaml } from "../../../src/yaml/edit.ts";
import type { YamlOp } from "../../../src/yaml/types.ts";
import { readTargetAt } from "../apps/instance-target.ts";
import type { OciTarget } from "./types.ts";

/**
 * The tree with every path of the artifact said as a path of the repository again. An artifact of `kubernetes` with
 * `./apps` delivers what the repository with `./kubernetes/apps` does, and so a tree before and one after the switch can be
 * compared with one root.
 */
export function unrootTree(tree: Tree, cluster: Cluster, { artifactPath, sync }: OciTarget): Tree {
  const changes: FileChange[] = [];
  const files = new Set(cluster.kustomizations.map(({ object }) => object.file));
  files.add(sync.target.file);
  for (const file of files) {
    const ops: YamlOp[] = readObjects(tree, file)
      .objects.filter(isFluxKustomization)
      .filter(({ data }) => data?.spec?.sourceRef?.kind === "OCIRepository" && data.spec.sourceRef.name === sync.name)
      .map(({ doc, data }) => ({
        op: "set",
        doc,
        path: ["spec", "path"],
        value: `./${join(artifactPath, String(data.spec?.path ?? "./"))}`,
      }));
    const target = file === sync.target.file ? readTargetAt(tree, file, sync.target.doc, sync.target.base) : undefined;
    if (target?.spec?.sync?.kind === "OCIRepository") {
      const { doc, base, spec } = target;
      ops.push({
        op: "set",
        doc,
        path: [...base, "sync", "path"],
        value: `./${join(artifactPath, String(spec.sync.path))}`,
      });
    }
    const before = tree.read(file);
    const edited = before !== undefined && ops.length > 0 ? editYaml(before, ops) : undefined;
    if (before !== undefined && edited?.ok) changes.push({ path: file, before, after: edited.text });
  }
  return overlayTree(tree, changes);
}
