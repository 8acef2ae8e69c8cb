import type { Code } from "../record/code.ts";
import type { StepResult } from "../record/result.ts";

/** What a rebuilt cluster came to. */
export interface Rebuilt {
  /** Whose commands did it: the runbook's, or those of the owner, rewritten by the phases. */
  by: "runbook" | "owner";
  /** FluxKustomizations and HelmReleases that are Ready, and all there are, by cluster. */
  ready: Record<string, { kustomizations: [ready: number, all: number]; releases: [ready: number, all: number] }>;
  seconds: number;
}

/** What a run of a real tree said and saw. */
export interface TreeResult {
  tree: string;
  install: string;
  generation: string;
  code: Code;
  fluxlift: string;
  /** Whether each phase was taken back by its runbook and merged again. */
  rollback: boolean;
  /** What an empty cluster came to that was brought up from the migrated repository; nothing else was done then. */
  rebuilt?: Rebuilt;
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
