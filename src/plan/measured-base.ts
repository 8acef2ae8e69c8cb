import { factsFor } from "../cluster/facts.ts";
import { buildModel } from "../cluster/model.ts";
import type { Options } from "../contract/options.ts";
import type { PhasePlan } from "../contract/plan.ts";
import { applyEdits } from "../files/overlay.ts";
import type { MergeBase } from "../safety/phase-safety.ts";

/**
 * What one merge of all phases is compared with: the tree, and the suspensions that `preflight.sh` found in the cluster. Git
 * never has them on that route, since their file goes in the same merge.
 */
export function withMeasuredGuards(
  base: MergeBase,
  plans: readonly PhasePlan[],
  options: Options,
  remotes: readonly string[],
): MergeBase {
  if (options.phase !== "all") return base;
  const edits = plans
    .flatMap(({ clusters }) => clusters)
    .filter(({ cluster }) => factsFor(options.facts, cluster)?.guardsReconciled === true)
    .flatMap((part) => part.edits.map((edit) => ({ edit, isAlone: isOnlyEdit(part.edits, edit.path) })));
  const guards = edits.flatMap(({ edit, isAlone }) => (edit.transform === "guards" && isAlone ? [edit] : []));
  if (guards.length === 0) return base;
  const { tree } = applyEdits(base.tree, guards);
  return { ...base, tree, model: buildModel({ tree, remotes, options, settled: base.model }) };
}

/** Ranges count from the text before them: of two edits of a file the second is not one of the first text. */
function isOnlyEdit(edits: readonly { path: string }[], path: string): boolean {
  return edits.filter((edit) => edit.path === path).length === 1;
}
