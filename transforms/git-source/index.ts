import { readable } from "../../src/contract/answer.ts";
import type { FactFinding } from "../../src/contract/finding.ts";
import { locateField } from "../../src/delivery/locations.ts";
import type { Tree } from "../../src/files/tree.ts";
import { combine, defineTransform, type Outcome, withTarget } from "../contract.ts";
import { editFile } from "../shared/edit-file.ts";
import { addCompanion } from "../shared/oci/companion.ts";
import { findOtherGit, findUses, moveOf } from "../shared/oci/find-uses.ts";
import { branchOf, effectiveSource } from "../shared/oci/sync.ts";
import type { SourceMove } from "../shared/oci/template-text.ts";
import type { InstanceSync } from "../shared/oci/types.ts";
import type { SourceUse } from "../shared/oci/uses.ts";
import { asReferences } from "../shared/oci/uses.ts";
import { toOperations } from "../shared/references/operations.ts";

/**
 * Keeps a GitRepository, under a name of its own, for what cannot read an artifact: image automation, charts that lie in
 * this repository, and includes. The generated one disappears at the switch (flux-facts 1.5 and 6.2, traps 48 and 49).
 */
export default defineTransform({
  id: "git-source",
  title: "Keep a GitRepository for what must stay on Git",
  phases: ["prepare"],
  run: withTarget((context, target) => {
    const { sync } = target;
    const move = moveOf(context, sync);
    const found = findUses(context, move, ["stays", "unknown"]);
    if (found.length === 0) return {};
    if (sync.kind !== "GitRepository") {
      return {
        findings: found.flatMap(({ file, uses }) => uses.map((use) => reportIdleReader(context.tree, file, use, move))),
      };
    }
    const parts: Outcome[] = [];
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
      parts.push(added);
    }
    for (const { file, uses } of found) {
      const why = `Read Git through ${move.gitName}, which stays.`;
      parts.push(editFile(context.tree, file, toOperations(asReferences(uses)), why, [target.at]));
      parts.push({
        findings: uses.map((use) => reportStayer(context.tree, file, use, move.gitName, sync.pullSecret)),
      });
    }
    return combine(...parts);
  }),
});

/** The generated source with all its patches, by branch: image automation pushes to the branch its source names. */
function describeGit(sync: InstanceSync, name: string) {
  const source = readable(effectiveSource(sync));
  const branch = branchOf(sync);
  return {
    ...source,
    metadata: { ...source.metadata, name },
    spec: { ...source.spec, ...(branch && source.spec.ref?.name === sync.ref ? { ref: { branch } } : {}) },
  };
}

/** One referrer that goes on reading Git. */
function reportStayer(tree: Tree, file: string, use: SourceUse, source: string, secret?: string): FactFinding {
  const kind = use.kind || "object";
  const resource = `${kind} ${use.name}`.trim();
  const at = locateField(tree, { file, doc: use.doc }, use.path);
  const facts = { resource, kind, source, secret };
  if (use.verdict === "unknown") return { rule: "oci-reader-unknown", level: "caution", resource, at, facts };
  return { rule: "stays-on-git", level: "info", resource, at, facts };
}

/** A referrer that was left behind by a switch somebody made before. */
function reportIdleReader(tree: Tree, file: string, use: SourceUse, move: SourceMove): FactFinding {
  const resource = `${use.kind || "object"} ${use.name}`.trim();
  const at = locateField(tree, { file, doc: use.doc }, use.path);
  const facts = { resource, source: move.name, instead: move.gitName };
  return { rule: "oci-reader-lost", level: "blocker", resource, at, facts };
}
