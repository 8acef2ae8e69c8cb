import type { Settled } from "../cluster/settle.ts";
import type { Code } from "./code.ts";
import type { Comparison } from "./compare.ts";
import type { Observation } from "./recorder.ts";

/** An object of Flux that reports no success when all has come to rest, and whether that had been said. */
export interface Stop {
  object: string;
  reason: string;
  /** `followed`: waits for one that was named, or delivers what was named as lost. */
  verdict: "foretold" | "followed" | "not-foretold";
}

/** What stopped being applied, beside what was said of it. */
export interface Stops {
  seen: Stop[];
  /** Said to stop, and still Ready. */
  idle: string[];
}

export interface StepCluster extends Comparison {
  cluster: string;
  blockers: string[];
  named: Record<string, string>;
  observations: Observation[];
  settled: Settled;
  /** Milliseconds, by FluxKustomization. */
  notReadyFor: Record<string, number>;
}

export interface StepResult {
  name: string;
  by: "plan" | "verify";
  /** What verify said as a whole; a plan that was written is taken as safe. */
  safe: boolean;
  /** The word of verify; not in results of older runs. */
  verdict?: string;
  /** What reports no success afterwards, where a scenario compares it with what was said. */
  stops?: Stops;
  clusters: StepCluster[];
}

export interface FactAnswer {
  id: string;
  statement: string;
  /** `not seen`: what may happen did not show, which refutes nothing. */
  holds: boolean | "not seen";
  seen: string;
}

export interface ScenarioResult {
  scenario: string;
  layout: string;
  kind: string;
  what: string;
  generation: string;
  steps: StepResult[];
  facts: FactAnswer[];
  failures: string[];
  seconds: number;
  fluxlift: string;
  /** Not in results of older runs. */
  code?: Code;
}
