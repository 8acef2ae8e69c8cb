import {
  compareFluxVersions,
  DEFAULT_OPERATOR_VERSION,
  EMBEDDED_FLUX,
  type FluxVersion,
  isLaterFlux,
  parseFluxVersion,
} from "./releases.ts";

type Test = (version: FluxVersion) => boolean;

/** What a part of a range names; what it leaves open is undefined. */
interface Wanted {
  major: number | undefined;
  minor: number | undefined;
  version: FluxVersion;
  /** `2.6.4-rc.1` comes before `2.6.4`. */
  isEarly: boolean;
  isWhole: boolean;
}

const NUMBER = "(?:\\d+|[xX*])";
const VERSION = `v?(${NUMBER})(?:\\.(${NUMBER}))?(?:\\.(${NUMBER}))?(-[0-9A-Za-z.-]+)?(?:\\+[0-9A-Za-z.-]+)?`;
const PART = new RegExp(`\\s*(?:,\\s*)?(?:(=>|>=|=<|<=|!=|~>|[=><~^])\\s*)?${VERSION}(?=[\\s,]|$)`, "y");
const BETWEEN = new RegExp(
  `(?<![\\w.*+-])(${VERSION.replaceAll(/\((?!\?)/g, "(?:")})\\s+-\\s+(${VERSION.replaceAll(/\((?!\?)/g, "(?:")})`,
  "g",
);
/** Releases that may have come since this was built. */
const MINORS_AHEAD = 4;
const PATCHES_AHEAD = 100;

/**
 * A range of versions as the operator reads it (Masterminds semver, flux-facts 1.4): operators, wildcards, `a - b`, and parts
 * joined by blanks, commas and `||`. Undefined for what is no range.
 */
export function readRange(text: string): Test | undefined {
  const tests = text.replace(BETWEEN, ">= $1 <= $2").split("||").map(readAll);
  if (tests.includes(undefined)) return undefined;
  return (version) => tests.some((test) => test!(version));
}

/** The one version that a range names. */
export function readExact(text: string): FluxVersion | undefined {
  return parseFluxVersion(text.trim().replace(/^=\s*/, ""));
}

/** The newest release that an operator may install for a range; of releases that came later, the first. */
export function newestFitting(test: Test): FluxVersion | undefined {
  return KNOWN.findLast(test) ?? listLater().find(test);
}

/**
 * The newest release of the operator that a range of chart versions takes, its patch aside; one minor above all that are known
 * stands for what may have come since.
 */
export function newestOperator(range: string): FluxVersion | undefined {
  const exact = readExact(range);
  const test = exact ? undefined : readRange(range);
  if (!test) return exact;
  const { major, minor: newest } = parseFluxVersion(DEFAULT_OPERATOR_VERSION)!;
  const minors = Array.from({ length: newest + 2 }, (_, index) => newest + 1 - index);
  const patches = Array.from({ length: OPERATOR_PATCHES }, (_, patch) => OPERATOR_PATCHES - 1 - patch);
  return minors.flatMap((minor) => patches.map((patch) => ({ major, minor, patch }))).find((version) => test(version));
}

const OPERATOR_PATCHES = 10;
const KNOWN = EMBEDDED_FLUX.map((text) => parseFluxVersion(text)!);
let later: FluxVersion[] | undefined;

/** Some hundred, the same for every range. */
function listLater(): readonly FluxVersion[] {
  const { major, minor: newest } = KNOWN.at(-1)!;
  const minors = Array.from({ length: newest + MINORS_AHEAD + 1 }, (_, minor) => minor);
  later ??= minors.flatMap((minor) =>
    Array.from({ length: PATCHES_AHEAD }, (_, patch) => ({ major, minor, patch })).filter(isLaterFlux),
  );
  return later;
}

function readAll(text: string): Test | undefined {
  const tests: Test[] = [];
  const end = text.trimEnd().length;
  for (let at = 0; at < end || tests.length === 0; at = PART.lastIndex) {
    PART.lastIndex = at;
    const found = PART.exec(text);
    if (!found) return undefined;
    const [, operator = "", major = "", minor, patch, early] = found;
    // Only these take any major; to the others it is 0.
    const any = /^[=~]?$|^~>$/.test(operator) ? major : major.replace(/[xX*]/, "0");
    const parts = any === major ? [major, minor, patch] : [any];
    tests.push(compareWith(operator, readWanted(parts, early !== undefined)));
  }
  return (version) => tests.every((test) => test(version));
}

function readWanted(parts: readonly (string | undefined)[], isEarly: boolean): Wanted {
  const numbers = [0, 1, 2]
    .map((at) => parts[at])
    .map((part) => (part === undefined || /[xX*]/.test(part) ? undefined : Number(part)));
  const open = numbers.indexOf(undefined);
  const [major, minor, patch] = numbers.map((one, at) => (open >= 0 && at >= open ? undefined : one));
  const version = { major: major ?? 0, minor: minor ?? 0, patch: patch ?? 0 };
  return { major, minor, version, isEarly, isWhole: open < 0 };
}

function compareWith(operator: string, { major, minor, version, isEarly, isWhole }: Wanted): Test {
  const order: (one: FluxVersion) => number = (one) => compareFluxVersions(one, version) || (isEarly ? 1 : 0);
  /** Whether a version is one of those that `2.6` or `2` names. */
  const isIn: Test = (one) =>
    (major === undefined || one.major === major) &&
    (minor === undefined || one.minor === minor) &&
    (!isWhole || order(one) === 0);
  const isAfter: Test = (one) => order(one) > 0 && !isIn(one);
  switch (operator) {
    case "!=":
      return (one) => !isIn(one);
    case ">":
      return isAfter;
    case "<":
      return (one) => order(one) < 0;
    case ">=":
    case "=>":
      return (one) => order(one) >= 0;
    case "<=":
    case "=<":
      return (one) => !isAfter(one);
    case "~":
    case "~>":
      return (one) =>
        order(one) >= 0 && (major === undefined || one.major === major) && (minor === undefined || one.minor === minor);
    case "^":
      return (one) => order(one) >= 0 && (major === undefined || one.major === major);
    default:
      return isIn;
  }
}
