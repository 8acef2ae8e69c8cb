import type { YamlOp } from "../../src/yaml/types.ts";
import { combine, defineTransform, type Outcome, withTarget } from "../contract.ts";
import { editFile } from "../shared/edit-file.ts";
import {
  type FileUses,
  findGitReader,
  findIdleFiles,
  findUses,
  idleMentions,
  moveOf,
  sharedFile,
} from "../shared/oci/find-uses.ts";
import { reportComputedPaths, rerootPaths } from "../shared/oci/reroot.ts";
import { asReferences } from "../shared/oci/uses.ts";
import { toOperations } from "../shared/references/operations.ts";

/**
 * Lets every FluxKustomization that reads the synced GitRepository read the OCIRepository of the same name: also where a
 * patch, a ResourceSet template or an ArtifactGenerator says so, and where a health check waits for it.
 */
export default defineTransform({
  id: "sources-to-oci",
  title: "Read the artifact instead of Git",
  phases: ["switch"],
  run: withTarget((context, target) => {
    const { sync } = target;
    const move = moveOf(context, sync);
    const uses = findUses(context, move, ["moves"]);
    const rerooted = rerootPaths(context, target);
    const parts: Outcome[] = [{ findings: [...rerooted.findings, ...reportComputedPaths(context, uses, target)] }];
    for (const [file, ops] of collectOps(uses, rerooted.opsOf)) {
      const reader = findGitReader(context, file);
      const first = uses.find((item) => item.file === file)?.uses[0];
      if (reader) {
        parts.push({ findings: [sharedFile(context, file, first, reader, sync)] });
        continue;
      }
      const why = ops.some((op) => op.op === "set" && op.value !== "OCIRepository" && op.path.at(-1) === "path")
        ? `Read OCIRepository ${sync.name}; paths begin at ${target.artifactPath}/ there.`
        : `Read OCIRepository ${sync.name}.`;
      parts.push(editFile(context.tree, file, ops, why, [target.at]));
    }
    const idle = findIdleFiles(context.tree, context.model.clusters, move);
    if (idle.length > 0) parts.push({ findings: [idleMentions(idle, sync)] });
    return combine(...parts);
  }),
});

function collectOps(found: readonly FileUses[], paths: ReadonlyMap<string, YamlOp[]>): [string, YamlOp[]][] {
  const byFile = new Map(found.map(({ file, uses }) => [file, toOperations(asReferences(uses))]));
  for (const [file, ops] of paths) byFile.set(file, [...(byFile.get(file) ?? []), ...ops]);
  return [...byFile].sort(([a], [b]) => (a < b ? -1 : 1));
}
