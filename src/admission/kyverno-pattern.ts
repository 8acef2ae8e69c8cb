import type { YamlData } from "../contract/objects.ts";
import { isFilled } from "../contract/objects.ts";
import { matchTokens, type Token } from "../files/glob.ts";
import { isMap } from "../yaml/is-map.ts";
import { isOpenText } from "./open-text.ts";
import { parseQuantity } from "./quantity.ts";

/** What a pattern says of a resource; `open` where that is not worked out here. */
export type Fit = "fits" | "breaks" | "skips" | "open";

/** No field of a pod lies as deep; what does is somebody's trap. */
const DEPTH = 40;

/** `=(key)`: an anchor of a pattern with its key. */
const ANCHOR = /^([=^X<+]?)\((.+)\)$/;

/**
 * Whether a resource is as a `pattern` of Kyverno wants it (kyverno.io, "Validate Rules", patterns, wildcards, operators and
 * anchors).
 */
export function fitsPattern(pattern: YamlData, resource: YamlData, depth = 0): Fit {
  if (depth > DEPTH) return "open";
  if (isMap(pattern)) return fitsMap(pattern, resource, depth + 1);
  if (Array.isArray(pattern)) return fitsList(pattern, resource, depth + 1);
  return fitsScalar(pattern, resource);
}

function fitsMap(pattern: Readonly<Record<string, YamlData>>, resource: YamlData, depth: number): Fit {
  if (!isMap(resource)) return "breaks";
  const parts = Object.entries(pattern).map(([key, value]) => {
    const [, sign, name = key] = ANCHOR.exec(key) ?? [];
    return { sign, name, value };
  });
  const conditions = parts.filter(({ sign }) => sign === "" || sign === "<");
  for (const { name, value, sign } of conditions) {
    const fit = resource[name] === undefined ? "breaks" : fitsPattern(value, resource[name], depth);
    if (fit === "open" || sign === "<") return "open";
    if (fit !== "fits") return "skips";
  }
  const rest = parts.filter(({ sign }) => sign !== "" && sign !== "<").map((part) => fitsPart(part, resource, depth));
  return sum(rest);
}

interface PatternPart {
  sign: string | undefined;
  name: string;
  value: YamlData;
}

function fitsPart({ sign, name, value }: PatternPart, resource: YamlData, depth: number): Fit {
  const own = resource[name];
  if (sign === "X") return own === undefined ? "fits" : "breaks";
  if (sign === "+") return "fits";
  if (sign === "=") return own === undefined ? "fits" : fitsPattern(value, own, depth);
  if (sign === "^") {
    const [first] = Array.isArray(value) ? value : [value];
    const fits = Array.isArray(own) ? own.map((one) => fitsPattern(first, one, depth)) : [];
    if (fits.includes("fits")) return "fits";
    return fits.includes("open") ? "open" : "breaks";
  }
  // A wildcard for anything, and what must not be something, may take what is not there.
  if (own === undefined) return value === "*" || /^!/.test(String(value)) ? "open" : value === null ? "fits" : "breaks";
  return fitsPattern(value, own, depth);
}

function fitsList(pattern: readonly YamlData[], resource: YamlData, depth: number): Fit {
  if (!Array.isArray(resource)) return "breaks";
  const [first, ...more] = pattern;
  if (more.length > 0 || !isMap(first)) return "open";
  return sum(resource.map((one) => fitsPattern(first, one, depth)));
}

function sum(fits: readonly Fit[]): Fit {
  if (fits.includes("breaks")) return "breaks";
  return fits.includes("open") ? "open" : "fits";
}

function fitsScalar(pattern: unknown, value: unknown): Fit {
  if (pattern === null) return isFilled(value) ? "breaks" : "fits";
  if (isMap(value) || Array.isArray(value) || value === null) return "open";
  if (typeof pattern !== "string" && isOpenText(value)) return "open";
  if (typeof pattern !== "string") return pattern === value || String(pattern) === String(value) ? "fits" : "breaks";
  if (/\{\{|\$\(|\d-/.test(pattern)) return "open";
  const ways = pattern.split("|").map((way) => sum(way.split("&").map((one) => fitsWord(one.trim(), String(value)))));
  if (ways.includes("fits")) return "fits";
  return ways.includes("open") ? "open" : "breaks";
}

function fitsWord(word: string, value: string): Fit {
  const [, operator = "", operand = ""] = /^(>=|<=|>|<|!|)(.*)$/s.exec(word) ?? [];
  if (operator === "" || operator === "!") {
    const isLike = matches(operand.trim(), value);
    if (isLike === undefined) return "open";
    return isLike === (operator === "") ? "fits" : "breaks";
  }
  if (isOpenText(value)) return "open";
  const [limit, amount] = [parseQuantity(operand.trim()), parseQuantity(value)];
  if (limit === undefined || amount === undefined) return "open";
  const isMet =
    operator === ">="
      ? amount >= limit
      : operator === "<="
        ? amount <= limit
        : operator === ">"
          ? amount > limit
          : amount < limit;
  return isMet ? "fits" : "breaks";
}

/** A variable in a value may be anything: what begins as the wildcards want it, and what does not. */
function matches(wildcards: string, value: string): boolean | undefined {
  const tokens = tokensOf(wildcards);
  if (!isOpenText(value)) return matchTokens(tokens, value) !== undefined;
  const fillers = [wildcards.split(/[*?]/, 1)[0]!, wildcards.replace(/[*?]/g, ""), "x"];
  const [first, ...rest] = fillers.map(
    (one) =>
      matchTokens(
        tokens,
        value.replace(/\$\{\}/g, () => one),
      ) !== undefined,
  );
  return rest.every((one) => one === first) ? first : undefined;
}

const tokensOf = (text: string): Token[] =>
  [...text].map((char): Token => (char === "*" ? "*" : char === "?" ? () => true : (one) => one === char));
