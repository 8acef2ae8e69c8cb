import { ofOwn } from "../../contract/of-own.ts";
import { meetsSelector } from "../../delivery/kustomize/index.ts";
import known from "../data/controller-flags.json" with { type: "json" };

type Flags = Readonly<Record<string, string>>;

/**
 * The flags of each controller and the type of their values, of Flux 2.0 to 2.9 (`--help` of the controllers, their options
 * in Flux's documentation). Errs towards silence: one that only a later release has counts as a flag of all.
 */
const FLAGS: Readonly<Record<string, Flags>> = known.controllers;
const COMMON: Flags = known.common;

const DURATION = /^[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;

/** What Go's parsers take (pflag, strconv, the labels of apimachinery), and what a controller reads before it runs. */
const VALUES: Readonly<Record<string, [is: (value: string) => boolean, what: string]>> = {
  bool: [(value) => /^(?:1|0|t|f|T|F|true|false|TRUE|FALSE|True|False)$/.test(value), "true or false"],
  int: [
    (value) => /^[+-]?(?:0[xX][\da-fA-F_]+|0[bB][01_]+|0[oO]?[0-7_]+|[1-9][\d_]*|0)$/.test(value),
    "a whole number",
  ],
  uint8: [(value) => /^\d{1,3}$/.test(value) && Number(value) < 256, "a whole number from 0 to 255"],
  float: [(value) => value.trim() === value && value !== "" && !Number.isNaN(Number(value)), "a number"],
  selector: [(value) => value === "" || meetsSelector(value, {}) !== undefined, "a selector of labels"],
  digest: [(value) => /^(?:sha(?:1|256|384|512)|blake3)$/i.test(value), "sha256, sha384, sha512 or blake3"],
  duration: [(value) => DURATION.test(value), "a time with its unit, such as 30s"],
};

/** Why a controller exits at start; `isCertain` is false for a flag that is not known of any. */
export interface RefusedFlag {
  why: string;
  isCertain: boolean;
}

/**
 * Why a controller exits at start on a flag; undefined where it takes it, or where the controller is not known here.
 * @param flag with its dashes, as it stands before the `=`
 * @param value `"true"` also where the flag stands alone, and its value may be the next argument
 * @param nearest the flag that is meant by one that looks like a slip
 */
export function refusesFlag(
  controller: string,
  [flag, value]: readonly [string, string],
  nearest: (name: string, names: readonly string[]) => string | undefined,
): RefusedFlag | undefined {
  const own = ofOwn(FLAGS, controller);
  if (!own || !flag.startsWith("-")) return undefined;
  if (/\s/.test(flag)) return { why: `${flag} is one argument: between flag and value belongs a =`, isCertain: true };
  if (!flag.startsWith("--")) return { why: `${flag} has one dash, and flags have two`, isCertain: true };
  const name = flag.slice(2);
  const type = ofOwn(own, name) ?? ofOwn(COMMON, name);
  if (type !== undefined) return refusesValue(flag, value, type);
  const others = Object.keys(FLAGS).filter((other) => ofOwn(FLAGS[other]!, name) !== undefined);
  if (others.length > 0) return { why: `${flag} is a flag of ${others.join(" and ")}`, isCertain: true };
  const meant = nearest(name, [...Object.keys(own), ...Object.keys(COMMON), "feature-gates"]);
  return {
    why: meant === undefined ? `${flag} is none of the flags that are known` : `${flag} is no flag, but --${meant} is`,
    isCertain: meant !== undefined,
  };
}

/** The same of a value, by the type of its flag. */
export function refusesValue(flag: string, value: string, type: string): RefusedFlag | undefined {
  const rule = VALUES[type];
  if (!rule || rule[0](value) || value === "true" || value.includes("$(")) return undefined;
  return { why: `${flag} takes ${rule[1]}, and is ${JSON.stringify(value)}`, isCertain: true };
}
