import { editFile } from "../src/engine/edit-file.ts";
import { defineTransform, type TransformResult } from "../src/engine/transform.ts";
import { findUses, moveOf } from "../src/flux/oci/find-uses.ts";
import { reportNotifications } from "../src/flux/oci/notify-findings.ts";
import { findGitReader, sharedFile } from "../src/flux/oci/shared.ts";
import { settleTarget } from "../src/flux/oci/target.ts";
import { asReferences } from "../src/flux/oci/uses.ts";
import { toOperations } from "../src/flux/references/operations.ts";

/** Lets Receivers and Alerts name the OCIRepository, and says where that changes what they do. */
export default defineTransform({
  id: "notifications-to-oci",
  title: "Let Receivers and Alerts name the artifact",
  phases: ["switch"],
  docs: "docs/transforms/notifications-to-oci.md",
  applies: () => true,
  run(context): TransformResult {
    const { target } = settleTarget(context);
    if (!target) return { edits: [], findings: [] };
    const { sync } = target;
    const found = findUses(context, moveOf(context, sync), ["notifies"]);
    const result: TransformResult = { edits: [], findings: [] };
    for (const { file, uses } of found) {
      const reader = findGitReader(context, file);
      if (reader) {
        result.findings.push(sharedFile(context, file, uses[0], reader, sync));
        continue;
      }
      const why = `Name OCIRepository ${sync.name}, which takes the place of the GitRepository.`;
      const { edit, finding } = editFile(context.tree, file, toOperations(asReferences(uses)), why, [target.at]);
      if (edit) result.edits.push(edit);
      if (finding) result.findings.push(finding);
    }
    if (sync.kind === "GitRepository") result.findings.push(...reportNotifications(context, found, target));
    return result;
  },
});
