import type { Settled } from "../cluster/settle.ts";
import type { Code } from "./code.ts";
import type { Comparison } from "./compare.ts";
import type { Observation } from "./recorder.ts";

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
