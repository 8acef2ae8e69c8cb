import { combine, defineTransform, type Outcome, withTarget } from "../contract.ts";
import { editFile } from "../shared/edit-file.ts";
import { findUses, moveOf } from "../shared/oci/find-uses.ts";
import { findGitReader, sharedFile } from "../shared/oci/shared.ts";
import { asReferences } from "../shared/oci/uses.ts";
import { toOperations } from "../shared/references/operations.ts";
import { reportNotifications } from "./notify-findings.ts";

/** Lets Receivers and Alerts name the OCIRepository, and says where that changes what they do. */
export default defineTransform({
  id: "notifications-to-oci",
  title: "Let Receivers and Alerts name the artifact",
  phases: ["switch"],
  run: withTarget((context, target) => {
    const { sync } = target;
    const found = findUses(context, moveOf(context, sync), ["notifies"]);
    const parts: Outcome[] = [];
    for (const { file, uses } of found) {
      const reader = findGitReader(context, file);
      if (reader) {
        parts.push({ findings: [sharedFile(context, file, uses[0], reader, sync)] });
        continue;
      }
      const why = `Name OCIRepository ${sync.name}, which takes the place of the GitRepository.`;
      parts.push(editFile(context.tree, file, toOperations(asReferences(uses)), why, [target.at]));
    }
    if (sync.kind === "GitRepository") parts.push({ findings: reportNotifications(context, found, target) });
    return combine(...parts);
  }),
});
