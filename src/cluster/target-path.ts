import { cutEnd } from "../contract/cut.ts";
import type { YamlData } from "../contract/objects.ts";
import { isMap } from "../yaml/is-map.ts";

/** Longer ways are nobody's, and each step is a copy. */
const LONGEST = 500;
/** What the parser of `helm --set` reads as more than one value, or as part of the way. */
const ODD_WAY = /[[\]{}=,\\]/;
const ODD_TEXT = /[{},\\]/;
const QUOTED = /^(?:'.*'|".*")$/s;

/** What a text becomes below `targetPath` (helm-controller, `ReplacePathValue`; `typedVal` of Helm's strvals); undefined where that is not told here. */
function readText(text: string, literal: boolean): { value: YamlData } | undefined {
  if (literal) return { value: text };
  const isQuoted = QUOTED.test(text);
  const plain = isQuoted ? cutEnd(text.replace(/^['"]+/, ""), "'\"") : text;
  if (ODD_TEXT.test(plain)) return undefined;
  if (isQuoted) return { value: plain };
  if (/^(?:true|false)$/i.test(plain)) return { value: /^true$/i.test(plain) };
  if (/^null$/i.test(plain)) return { value: null };
  return { value: isWhole(plain) ? Number(plain) + 0 : plain };
}

/** What Go's `ParseInt` takes of 64 bits, with a sign or without; Helm tries no text that begins with a zero. */
function isWhole(text: string): boolean {
  if (text === "0") return true;
  return /^(?:[+-]\d|[1-9])\d{0,24}$/.test(text) && BigInt.asIntN(64, BigInt(text)) === BigInt(text);
}

/**
 * Values with one text of a ConfigMap or Secret put at `targetPath`, as helm-controller does it; the inputs are left alone.
 * @returns undefined where it cannot be told, or fails: lists, texts that hold several values, a text where a map has to be
 */
export function setAtTarget(values: YamlData, path: string, text: string, literal: boolean): YamlData | undefined {
  const set = readText(text, literal);
  return set && putAt(values, path, set.value);
}

/** The same with a value of one's own. */
export function putAt(values: YamlData, path: string, value: YamlData): YamlData | undefined {
  const steps = path.split(".");
  if (path.length > LONGEST || ODD_WAY.test(path) || steps.some((step) => step === "" || step in {})) return undefined;
  const root: Record<string, YamlData> = isMap(values) ? { ...values } : {};
  let at = root;
  for (const step of steps.slice(0, -1)) {
    // Helm fails at anything else in the way.
    if (at[step] !== undefined && !isMap(at[step])) return undefined;
    const next: Record<string, YamlData> = isMap(at[step]) ? { ...(at[step] as Record<string, YamlData>) } : {};
    at[step] = next;
    at = next;
  }
  at[steps.at(-1)!] = value;
  return root;
}
