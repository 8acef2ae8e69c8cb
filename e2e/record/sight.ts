import type { Sight } from "./compare.ts";
import type { Observation, Recorder } from "./recorder.ts";

/** What a recorder saw of one step, for the comparison; `before` and `owners` as they were when the step began. */
export function sightOf(
  before: Set<string>,
  owners: Map<string, string>,
  observations: Observation[],
  recorder: Recorder,
): Sight {
  const deleting = new Set([...before].filter((key) => recorder.isDeleting(key)));
  const deleted = new Set(
    observations.filter(({ change }) => change === "deleted" || change === "recreated").map((one) => one.object),
  );
  const dependents = new Set([...before].filter((key) => recorder.isDependent(key)));
  for (const key of deleting) deleted.add(key);
  return { before, deleted, deleting, after: recorder.live(), dependents, owners };
}
