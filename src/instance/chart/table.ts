import { isFilled, type YamlData } from "../../contract/objects.ts";
import data from "../data/chart-values.json" with { type: "json" };

/** What is said of a value that no FluxInstance can say: why, and what to do. */
interface LostValue {
  why: string;
  next: string;
  level: "info" | "caution" | "blocker";
}

/** How a value of the flux2 chart is carried over. */
export interface ChartValue {
  /** Path in the values; `*` stands for every controller key, or for those in `of` where the templates of others read nothing there. */
  path: string;
  of?: readonly string[];
  /** The value that says what the chart does anyway; a value equal to it needs nothing. */
  standard?: unknown;
  /** Whether the templates print it where they make other flags a condition. */
  isPrinted?: boolean;
  /** Where it goes. */
  to: string;
  /** The value without which this one does nothing. */
  needs?: string;
  /** Set for values the FluxInstance cannot say. */
  lost?: LostValue;
}

/** Controller keys of the chart and the Flux component each stands for; source-watcher is off by default. */
export const CONTROLLERS: Readonly<Record<string, { component: string; isDefault: boolean }>> = data.controllers;

/**
 * Whether a template's condition on a value holds. Go takes "", 0 and what is empty for false and any other text for true, `"false"`
 * among them; `null` takes the chart's own value away.
 */
export function isOn(value: YamlData, standard: boolean): boolean {
  if (value === undefined) return standard;
  return isFilled(value) && value !== false && value !== 0;
}

/** Whether the chart makes a controller. */
export function isCreated(values: YamlData, key: string): boolean {
  const { isDefault } = CONTROLLERS[key]!;
  return isOn(values?.[key]?.create, isDefault);
}

const LOST = data.lost as Readonly<Record<string, LostValue>>;

/** The rows about a value, and about what is below it. */
export function rowsAt([key = "", ...path]: readonly string[]): { row: ChartValue | undefined; below: ChartValue[] } {
  const pattern = [Object.hasOwn(CONTROLLERS, key) ? "*" : key, ...path].join(".");
  const rows = CHART_VALUES.filter(({ of }) => !of || of.includes(key));
  return {
    row: rows.find((row) => row.path === pattern),
    below: rows.filter((row) => row.path.startsWith(`${pattern}.`)),
  };
}

/** Everything the chart understands (values.yaml of chart 2.12 to 2.19); patches say what is said to go nowhere else. */
export const CHART_VALUES: readonly ChartValue[] = data.values.map(
  ({ to = "spec.kustomize.patches", lost, ...value }) => ({
    ...value,
    to,
    ...(lost === undefined ? {} : { lost: LOST[lost]! }),
  }),
);
