import type { StepResult } from "../record/result.ts";

/** Longest wait the runbook prints for anything to become Ready, in seconds. */
export const RUNBOOK_WAIT = 600;

/** What was not Ready before anything was changed, by cluster: it may stay so, however long. */
type OldState = Record<string, Record<string, string>>;

/** FluxKustomizations that were not Ready for longer than the runbook says, as failures of a right scenario. */
export const overdue = (steps: StepResult[], oldState: OldState = {}): string[] =>
  steps.flatMap(({ name, clusters }) =>
    clusters.flatMap(({ cluster, notReadyFor }) =>
      Object.entries(notReadyFor)
        .filter(([object, milliseconds]) => milliseconds > RUNBOOK_WAIT * 1000 && !oldState[cluster]?.[object])
        .map(([object, milliseconds]) => `${name}: ${object} was not Ready for ${Math.round(milliseconds / 1000)} s`),
    ),
  );
