import type { YamlOp } from "../../src/yaml/types.ts";
import { combine, defineTransform, type Outcome, withTarget } from "../contract.ts";
import { editUnshared, type FileUses, findUses, moveOf, reportIdle } from "../shared/oci/find-uses.ts";
import { reportComputedPaths, rerootPaths } from "../shared/oci/reroot.ts";
import { operationsOf } from "../shared/oci/uses.ts";
import { reportRevisions } from "../shared/references/revisions.ts";

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
      const first = uses.find((item) => item.file === file)?.uses[0];
      const why = ops.some((op) => op.op === "set" && op.value !== "OCIRepository" && op.path.at(-1) === "path")
        ? `Read OCIRepository ${sync.name}; paths begin at ${target.artifactPath}/ there.`
        : `Read OCIRepository ${sync.name}.`;
      parts.push(editUnshared(context, target, file, ops, why, first));
    }
    const to = `OCIRepository ${sync.name} (a GitRepository of its own for what reads only Git)`;
    const change = { name: `GitRepository ${sync.name}`, to, between: ["prepare", "switch"] as const };
    return combine(...parts, { findings: [...reportIdle(context, move), ...reportRevisions(context, change)] });
  }),
});

function collectOps(found: readonly FileUses[], paths: ReadonlyMap<string, YamlOp[]>): [string, YamlOp[]][] {
  const byFile = new Map(found.map(({ file, uses }) => [file, operationsOf(uses)]));
  for (const [file, ops] of paths) byFile.set(file, [...(byFile.get(file) ?? []), ...ops]);
  return [...byFile].sort(([a], [b]) => (a < b ? -1 : 1));
}
