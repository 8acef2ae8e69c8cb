import { ofOwn } from "../contract/of-own.ts";

const SUFFIXES: Record<string, number> = {
  "": 1,
  ...{ m: 1e-3, k: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 },
  ...{ Ki: 2 ** 10, Mi: 2 ** 20, Gi: 2 ** 30, Ti: 2 ** 40, Pi: 2 ** 50, Ei: 2 ** 60 },
};

/** A Kubernetes quantity such as `10Gi` as a number; undefined for anything else, a variable among it. */
export function parseQuantity(value: unknown): number | undefined {
  const [, digits = "", suffix = ""] = /^([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)([A-Za-z]*)$/.exec(String(value)) ?? [];
  const factor = ofOwn(SUFFIXES, suffix);
  return digits === "" || factor === undefined ? undefined : Number(digits) * factor;
}

/** Whether the API server takes a value for a quantity at all (apimachinery, resource.Quantity). */
export function isQuantity(value: unknown): boolean {
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/.test(String(value));
}
