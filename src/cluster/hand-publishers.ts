import type { Loc } from "../contract/errors.ts";
import type { KubeObject } from "../contract/objects.ts";
import { basename } from "../delivery/paths.ts";
import type { Tree } from "../files/tree.ts";
import { findFilling } from "./artifact-root.ts";
import { isEditable, listAutomation } from "./automation-files.ts";

/** What a job starts tasks with: one of them may be the task that publishes. */
const RUNNER = /(?<![\w./-])(?:make|just|task|mise)(?![\w.-])/;

/**
 * The command of a task or a script that publishes what a source reads, or fills its bucket, where no job of CI here may run
 * it: merging alone brings the cluster nothing. Errs towards a job: one that starts any task may start this one.
 */
export function findHandPublisher(tree: Tree, source: KubeObject | undefined): Loc | undefined {
  const at = source && source.kind !== "GitRepository" ? findFilling(tree, source)?.at : undefined;
  if (!at) return undefined;
  const files = listAutomation(tree);
  if (!files.some(({ path, kind }) => path === at.file && isEditable(kind))) return undefined;
  const jobs = files.filter(({ kind }) => kind === "workflow");
  return jobs.some(({ text }) => text.includes(basename(at.file)) || RUNNER.test(text)) ? undefined : at;
}
