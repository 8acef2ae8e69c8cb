import { clip } from "../contract/cut.ts";
import { familyOf } from "./core-network.ts";
import { isDataKey, isHostLabel, isPlainName, isQualified, LONGEST_NAME } from "./names.ts";
import { isQuantity } from "./quantity.ts";

const SHOWN = 60;

/** A name or text of the repository, as much of it as one reads. */
export const cut = (text: string): string => clip(text, SHOWN);
export const show = (text: string): string => JSON.stringify(cut(text));

/** What is beyond 32 bits is cut off, and then taken. */
const isCount = (value: unknown, least = 0, most = Number.POSITIVE_INFINITY): boolean =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
const isMatch = (value: unknown, pattern: RegExp, most: number): boolean =>
  typeof value === "string" && value.length <= most && pattern.test(value);

const PORT_NAME = /^(?=.*[a-z])[a-z0-9]+(?:-[a-z0-9]+)*$/;
const SHARE = /^\d+%$/;
/** What IsValidSysctlName of Kubernetes takes. */
const SYSCTL = /^[a-z0-9](?:[-_a-z0-9]*[a-z0-9])?(?:[./][a-z0-9](?:[-_a-z0-9]*[a-z0-9])?)*$/;
const BELOW = /^(?!\/|\.\.|.*\/\.\.(?:\/|$))/;
const HEADER = /^[-A-Za-z0-9]+$/;
const MOST_SHARE = 63;
const MOST_PORT_NAME = 15;
const PORTS = 65535;
const MODES = 0o777;

const isPort = (value: unknown): boolean => isCount(value, 1, PORTS);
const isLabel = (value: unknown): boolean => typeof value === "string" && isHostLabel(value);
const isPortName = (value: unknown): boolean => isMatch(value, PORT_NAME, MOST_PORT_NAME);

/** The letters of src/release/schema-nodes.ts: what a value has to be. An empty text where nothing need be said counts as none. */
export const WORDS: Readonly<Record<string, readonly [what: string, is: (value: unknown) => boolean]>> = {
  s: ["text", (value) => typeof value === "string"],
  t: ["a text that is not empty", (value) => typeof value === "string" && value !== ""],
  i: ["a whole number", (value) => Number.isInteger(value)],
  c: ["a whole number from 0", (value) => isCount(value)],
  z: ["a whole number from 1", (value) => isCount(value, 1)],
  n: ["a number", (value) => typeof value === "number"],
  b: ["true or false", (value) => typeof value === "boolean"],
  q: ["a whole number or text", (value) => typeof value === "string" || Number.isInteger(value)],
  u: ["an amount, such as 500m or 10Gi", (value) => isQuantity(value) && !String(value).startsWith("-")],
  a: ["a whole number or a share, such as 25%", (value) => isCount(value) || isMatch(value, SHARE, MOST_SHARE)],
  p: ["a port from 1 to 65535", isPort],
  w: ["a name of a port, of small letters and at most 15", (value) => value === "" || isPortName(value)],
  o: ["a port from 1 to 65535, or its name", (value) => isPort(value) || isPortName(value)],
  g: [
    "a port from 1 to 65535, or its name",
    (value) => value === "" || value === 0 || isPort(value) || isPortName(value),
  ],
  l: ["a name of small letters, digits and -, of at most 63", isLabel],
  m: ["a name of small letters, digits and -, of at most 63", (value) => value === "" || isLabel(value)],
  e: [
    "a name of small letters, digits, - and .",
    (value) => value === "" || (typeof value === "string" && isPlainName(value)),
  ],
  // A dash at the end is taken where names are generated.
  d: [
    "a name of small letters, digits, - and .",
    (value) => typeof value === "string" && isPlainName(value.replace(/-$/, "")),
  ],
  f: ["a port up to 65535", (value) => isCount(value, 0, PORTS) || isCount(value, 2 ** 31)],
  h: ["the name of a header, of letters, digits and -", (value) => isMatch(value, HEADER, Number.POSITIVE_INFINITY)],
  j: [
    "the name of a label, such as example.com/name",
    (value) => value === "" || (typeof value === "string" && isQualified(value)),
  ],
  k: ["a key of letters, digits, -, _ and .", (value) => typeof value === "string" && isDataKey(value)],
  L: [
    "a path below its volume, without ..",
    (value) => value === "" || isMatch(value, BELOW, Number.POSITIVE_INFINITY),
  ],
  r: ["an address", (value) => typeof value === "string" && familyOf(value) !== 0],
  v: ["the name of a sysctl, such as net.core.somaxconn", (value) => isMatch(value, SYSCTL, LONGEST_NAME)],
  y: ["a mode from 0 to 0777", (value) => isCount(value, 0, MODES) || isCount(value, 2 ** 31)],
};
