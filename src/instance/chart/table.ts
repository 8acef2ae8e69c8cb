import data from "../data/chart-values.json" with { type: "json" };

/** What is said of a value that no FluxInstance can say: why, and what to do. */
interface LostValue {
  why: string;
  next: string;
  level: "info" | "caution" | "blocker";
}

/** How a value of the flux2 chart is carried over. */
export interface ChartValue {
  /** Path in the values; `*` stands for every controller key. */
  path: string;
  /** The value that says what the chart does anyway; a value equal to it needs nothing. */
  standard?: unknown;
  /** Where it goes. */
  to: string;
  /** Set for values the FluxInstance cannot say. */
  lost?: LostValue;
}

/** Controller keys of the chart and the Flux component each stands for; source-watcher is off by default. */
export const CONTROLLERS: Readonly<Record<string, { component: string; isDefault: boolean }>> = data.controllers;

const LOST = data.lost as Readonly<Record<string, LostValue>>;

/** Everything the chart understands (values.yaml of chart 2.12 to 2.19); patches say what is said to go nowhere else. */
export const CHART_VALUES: readonly ChartValue[] = data.values.map(
  ({ to = "spec.kustomize.patches", lost, ...value }) => ({
    ...value,
    to,
    ...(lost === undefined ? {} : { lost: LOST[lost]! }),
  }),
);
