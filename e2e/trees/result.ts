import type { Code } from "../record/code.ts";
import type { StepResult } from "../record/result.ts";

/** What a run of a real tree said and saw. */
export interface TreeResult {
  tree: string;
  install: string;
  generation: string;
  code: Code;
  fluxlift: string;
  /** Whether each phase was taken back by its runbook and merged again. */
  rollback: boolean;
  steps: StepResult[];
  /** What was not Ready before anything was changed, with the reason, by cluster. */
  oldState: Record<string, Record<string, string>>;
  /** What was edited so that the bench can serve the tree. */
  edits: string[];
  stubs: number;
  /** Objects that the bench made in place of other controllers. */
  household: number;
  misses: string[];
  failures: string[];
  seconds: number;
}
