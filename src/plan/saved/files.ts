import type { FileChange } from "../../contract/edit.ts";
import { InternalError } from "../../contract/errors.ts";
import type { PhasePlan, Plan } from "../../contract/plan.ts";
import { findBadName, isUnicode } from "../../files/inside.ts";
import { applyEdits } from "../../files/overlay.ts";
import type { Tree } from "../../files/tree.ts";
import { makeTextCheck } from "../validate-text.ts";
import { badPlan } from "./load.ts";

/**
 * A saved plan with the files that its edits make of a tree, whatever it says of them itself: what is written is what the
 * edits say, and those are what is shown.
 * @param where how to call the file in messages
 * @throws UsageError `bad-plan` where it says something else of a file, an edit does not fit, or rests on no hash
 */
export function deriveFiles(tree: Tree, plan: Plan, where: string): Plan {
  let now = tree;
  const phases = plan.phases.map((phase): PhasePlan => {
    const edits = phase.clusters.flatMap((cluster) => cluster.edits);
    const done = carryOut(now, edits, where);
    now = done.tree;
    const wrong = findDifference(phase.files, done.changes);
    if (wrong !== undefined) throw badPlan(where, `says something else of ${wrong} than its edits make of it`);
    refuseBadNames(done.changes, where);
    refuseBadTexts(done.changes, where);
    return { ...phase, files: done.changes };
  });
  for (const { path } of phases.flatMap(({ files }) => files)) {
    if (tree.has(path) && !Object.hasOwn(plan.base, path))
      throw badPlan(where, `changes ${path} and has no hash of it`);
  }
  return { ...plan, phases };
}

function refuseBadNames(changes: readonly FileChange[], where: string): void {
  for (const { path } of changes) {
    const reason = findBadName(path);
    if (reason !== undefined) throw badPlan(where, `changes ${path}, which cannot be written: ${reason}`);
  }
}

/** What the writer refuses as a defect is in a plan what somebody wrote into it. */
function refuseBadTexts(changes: readonly FileChange[], where: string): void {
  const check = makeTextCheck(changes);
  for (const { path, after } of changes) {
    if (after === undefined) continue;
    const reason = isUnicode(after) ? check(path, after) : "it is no valid Unicode";
    if (reason !== undefined) throw badPlan(where, `makes a text of ${path} that is none: ${reason}`);
  }
}

function carryOut(tree: Tree, edits: Parameters<typeof applyEdits>[1], where: string) {
  try {
    return applyEdits(tree, edits);
  } catch (error) {
    if (error instanceof InternalError) throw badPlan(where, `has an edit that does not fit: ${error.message}`);
    throw error;
  }
}

/** The first file of which a plan says something else. */
function findDifference(said: readonly FileChange[], made: readonly FileChange[]): string | undefined {
  const byPath = new Map(made.map((change) => [change.path, change]));
  const strange = said.find((file) => {
    const own = byPath.get(file.path);
    const isSame = (field: "before" | "after") =>
      file.withheld?.includes(field) ? own?.[field] !== undefined : own?.[field] === file[field];
    return !own || !isSame("before") || !isSame("after") || own.mode !== file.mode;
  });
  const paths = new Set(said.map(({ path }) => path));
  return strange?.path ?? made.find(({ path }) => !paths.has(path))?.path;
}
