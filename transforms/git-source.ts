import { editFile } from "../src/engine/edit-file.ts";
import { defineTransform, type TransformResult } from "../src/engine/transform.ts";
import { locateField } from "../src/flux/locations.ts";
import { addCompanion } from "../src/flux/oci/companion.ts";
import { findOtherGit, findUses, moveOf } from "../src/flux/oci/find-uses.ts";
import { reportIdleReader, reportStayer } from "../src/flux/oci/stay-findings.ts";
import { branchOf, effectiveSource, type InstanceSync } from "../src/flux/oci/sync.ts";
import { settleTarget } from "../src/flux/oci/target.ts";
import { asReferences } from "../src/flux/oci/uses.ts";
import { toOperations } from "../src/flux/references/operations.ts";

/**
 * Keeps a GitRepository, under a name of its own, for what cannot read an artifact: image automation, charts that lie in
 * this repository, and includes. The generated one disappears at the switch (flux-semantics 1.5 and 6.2, traps 48 and 49).
 */
export default defineTransform({
  id: "git-source",
  title: "Keep a GitRepository for what must stay on Git",
  phases: ["prepare"],
  docs: "docs/transforms/git-source.md",
  applies: () => true,
  run(context): TransformResult {
    const { target } = settleTarget(context);
    if (!target) return { edits: [], findings: [] };
    const { sync } = target;
    const move = moveOf(context, sync);
    const found = findUses(context, move, ["stays", "unknown"]);
    if (found.length === 0) return { edits: [], findings: [] };
    if (sync.kind !== "GitRepository") {
      return {
        edits: [],
        findings: found.flatMap(({ file, uses }) => uses.map((use) => reportIdleReader(context.tree, file, use, move))),
      };
    }
    const result: TransformResult = { edits: [], findings: [] };
    if (!findOtherGit(context.cluster, sync)) {
      const evidence = found.map(({ file, uses }) =>
        locateField(context.tree, { file, doc: uses[0]!.doc }, uses[0]!.path),
      );
      const added = addCompanion(context, sync, {
        file: "gitrepository",
        data: describeGit(sync, move.gitName),
        why: "Charts in this repository and image automation read Git; the generated GitRepository goes at the switch.",
        evidence,
      });
      result.edits.push(...added.edits);
      result.findings.push(...added.findings);
    }
    for (const { file, uses } of found) {
      const why = `Read Git through ${move.gitName}, which stays.`;
      const { edit, finding } = editFile(context.tree, file, toOperations(asReferences(uses)), why, [target.at]);
      if (edit) result.edits.push(edit);
      if (finding) result.findings.push(finding);
      result.findings.push(...uses.map((use) => reportStayer(context.tree, file, use, move.gitName, sync)));
    }
    return result;
  },
});

/** The generated source with all its patches, by branch: image automation pushes to the branch its source names. */
function describeGit(sync: InstanceSync, name: string) {
  const source = effectiveSource(sync);
  const branch = branchOf(sync);
  return {
    ...source,
    metadata: { ...source.metadata, name },
    spec: { ...source.spec, ...(branch && source.spec.ref?.name === sync.ref ? { ref: { branch } } : {}) },
  };
}
