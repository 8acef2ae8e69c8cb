import type { ObjectKey } from "../../admission/key.ts";
import type { Comparison } from "../../change/comparison.ts";
import { buildsAt, type Course } from "../../change/variants.ts";
import { specsOf } from "./endings.ts";

/**
 * FluxKustomizations that nothing delivers any more and nothing deletes: kustomize-controller goes on reconciling each from
 * its source, as the cluster holds it. One that nothing of the tree changes is looked at as well.
 */
export function findAdrift(course: Course, risks: ReadonlyMap<ObjectKey, unknown>): Comparison["adrift"] {
  return [...course.histories.values()].flatMap((history) => {
    const { key, existed, delivered } = history;
    const { before, after } = specsOf(history);
    const [spec] = after.length > 0 ? after : before;
    if (!existed || delivered || risks.has(key) || !spec || spec.own || spec.suspend) return [];
    const ends = buildsAt(course, history, 2);
    const built = buildsAt(course, history, 0).some(({ ok }) => ok);
    const failed = built && ends.every(({ ok }) => !ok) ? ends[0] : undefined;
    return [{ key, finalizes: spec.finalizes, reason: failed && !failed.ok ? failed.reason : undefined }];
  });
}
