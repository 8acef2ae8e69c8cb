import type { FileChange } from "../../contract/edit.ts";
import type { Plan } from "../../contract/plan.ts";
import { holdsSecret } from "../../yaml/secret.ts";

/** A plan as it is saved: without the whole texts of files with Secrets, which `apply` makes from the edits. */
export function withholdSecrets(plan: Plan): Plan {
  const phases = plan.phases.map((phase) => ({ ...phase, files: phase.files.map(withhold) }));
  return { ...plan, phases };
}

function withhold(change: FileChange): FileChange {
  const { before, after, ...rest } = change;
  if (!holdsSecret(before ?? "") && !holdsSecret(after ?? "")) return change;
  const withheld = (["before", "after"] as const).filter((field) => change[field] !== undefined);
  return { ...rest, withheld };
}
