import { loadRe2 } from "./re2.ts";

/** A regular expression of a repository, as kustomize and Renovate read it: Go's. */
export interface Regex {
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean;
}

/** Longer ones stand in no kustomization; what an engine makes of one grows with its length. */
const LONGEST = 10_000;

/** A regular expression that someone wrote; undefined for one that is malformed. */
export function compile(pattern: string, anyCase = false): Regex | undefined {
  if (pattern.length > LONGEST) return undefined;
  try {
    if (isQuick(pattern)) return new RegExp(pattern, anyCase ? "i" : "");
    const { RE2JS } = loadRe2();
    const regex = RE2JS.compile(pattern, anyCase ? RE2JS.CASE_INSENSITIVE : 0);
    return { test: (text) => regex.matcher(text).find() };
  } catch {
    return undefined;
  }
}

/** Why Go does not read a text as a regular expression; undefined where it does, and for one that is too long to be tried. */
export function refusesPattern(text: string): string | undefined {
  if (text.length > LONGEST || compile(text)) return undefined;
  try {
    loadRe2().RE2JS.compile(text);
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^error parsing regexp: /, "");
  }
}

/**
 * Whether JavaScript's engine, which tries one way after the other, has no more than the square of the text to try and means
 * the same: at most two repetitions, none of a group, and alternatives in no group but one and the anchored whole. Of
 * `(a|a)` by the dozen each doubles what there is to try.
 */
function isQuick(pattern: string): boolean {
  const plain = pattern.replaceAll("(?:", "(");
  const repeats = plain.match(/[*+?{]/g)?.length ?? 0;
  const isFork = plain.includes("|") && plain.split("(").length > 3;
  // Go takes no more than a thousand of anything.
  if (/\{[\d,]*\d{4}/.test(plain)) return false;
  return repeats <= 2 && !isFork && !/\)[*+?{]|\(\?|\\[^.\-/]|\[\[/.test(plain);
}
