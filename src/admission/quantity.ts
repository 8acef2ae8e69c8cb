import { ofOwn } from "../contract/of-own.ts";

const DECIMALS: Record<string, number> = { "": 0, n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARIES: Record<string, number> = { Ki: 10, Mi: 20, Gi: 30, Ti: 40, Pi: 50, Ei: 60 };

/**
 * A Kubernetes quantity such as `10Gi` as a number; undefined for anything else, a variable among it. Equal ones are equal numbers:
 * tens are read with the digits, as a product would be rounded twice, and twos round nothing.
 */
export function parseQuantity(value: unknown): number | undefined {
  const [, digits = "", power = "", suffix = ""] =
    /^([+-]?\d+(?:\.\d+)?)(?:[eE]([+-]?\d+))?([A-Za-z]*)$/.exec(String(value)) ?? [];
  const [tens, twos] = [ofOwn(DECIMALS, suffix), ofOwn(BINARIES, suffix)];
  if (digits === "" || (tens ?? twos) === undefined) return undefined;
  return Number(`${digits}e${Number(power) + (tens ?? 0)}`) * 2 ** (twos ?? 0);
}

/** Whether the API server takes a value for a quantity at all (apimachinery, resource.Quantity). */
export function isQuantity(value: unknown): boolean {
  if (Array.isArray(value)) return false;
  return /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+|[numkMGTPE]|[KMGTPE]i)?$/.test(String(value));
}
