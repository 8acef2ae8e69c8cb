import { editFile } from "../src/engine/edit-file.ts";
import { defineTransform, type TransformResult } from "../src/engine/transform.ts";
import { findIdleFiles, findUses, moveOf } from "../src/flux/oci/find-uses.ts";
import { reportComputedPaths, rerootPaths } from "../src/flux/oci/reroot.ts";
import { findGitReader, idleMentions, sharedFile } from "../src/flux/oci/shared.ts";
import { settleTarget } from "../src/flux/oci/target.ts";
import { asReferences, type SourceUse } from "../src/flux/oci/uses.ts";
import { toOperations } from "../src/flux/references/operations.ts";
import type { YamlOp } from "../src/yaml/types.ts";

/**
 * Lets every FluxKustomization that reads the synced GitRepository read the OCIRepository of the same name: also where a
 * patch, a ResourceSet template or an ArtifactGenerator says so, and where a health check waits for it.
 */
export default defineTransform({
  id: "sources-to-oci",
  title: "Read the artifact instead of Git",
  phases: ["switch"],
  docs: "docs/transforms/sources-to-oci.md",
  applies: () => true,
  run(context): TransformResult {
    const { target } = settleTarget(context);
    if (!target) return { edits: [], findings: [] };
    const { sync } = target;
    const move = moveOf(context, sync);
    const uses = findUses(context, move, ["moves"]);
    const rerooted = rerootPaths(context, target);
    const result: TransformResult = {
      edits: [],
      findings: [...rerooted.findings, ...reportComputedPaths(context, uses, target)],
    };
    for (const [file, ops] of collectOps(uses, rerooted.ops)) {
      const reader = findGitReader(context, file);
      const first = uses.find((item) => item.file === file)?.uses[0];
      if (reader) {
        result.findings.push(sharedFile(context, file, first, reader, sync));
        continue;
      }
      const why = ops.some((op) => op.op === "set" && op.value !== "OCIRepository" && op.path.at(-1) === "path")
        ? `Read OCIRepository ${sync.name}; paths begin at ${target.artifactPath}/ there.`
        : `Read OCIRepository ${sync.name}.`;
      const { edit, finding } = editFile(context.tree, file, ops, why, [target.at]);
      if (edit) result.edits.push(edit);
      if (finding) result.findings.push(finding);
    }
    const idle = findIdleFiles(context.tree, context.model.clusters, move);
    if (idle.length > 0) result.findings.push(idleMentions(idle, sync));
    return result;
  },
});

function collectOps(
  found: readonly { file: string; uses: SourceUse[] }[],
  paths: ReadonlyMap<string, YamlOp[]>,
): [string, YamlOp[]][] {
  const byFile = new Map<string, YamlOp[]>(
    found.map(({ file, uses }) => [file, toOperations(asReferences(uses))] as const),
  );
  for (const [file, ops] of paths) byFile.set(file, [...(byFile.get(file) ?? []), ...ops]);
  return [...byFile].sort(([a], [b]) => (a < b ? -1 : 1));
}
