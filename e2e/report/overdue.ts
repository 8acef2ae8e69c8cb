import type { StepResult } from "../record/result.ts";

/** Longest wait the runbook prints for anything to become Ready, in seconds. */
export const RUNBOOK_WAIT = 600;

/** FluxKustomizations that were not Ready for longer than the runbook says, as failures of a right scenario. */
export const overdue = (steps: StepResult[]): string[] =>
  steps.flatMap(({ name, clusters }) =>
    clusters.flatMap(({ notReadyFor }) =>
      Object.entries(notReadyFor)
        .filter(([, milliseconds]) => milliseconds > RUNBOOK_WAIT * 1000)
        .map(([object, milliseconds]) => `${name}: ${object} was not Ready for ${Math.round(milliseconds / 1000)} s`),
    ),
  );
