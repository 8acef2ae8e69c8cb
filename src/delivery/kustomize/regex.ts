import { loadRe2 } from "./re2.ts";

/** A regular expression of a repository, as kustomize reads it. */
export interface Regex {
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean;
}

/** Longer ones stand in no kustomization; what an engine makes of one grows with its length. */
const LONGEST = 10_000;

/** A regular expression that someone wrote; undefined for one that is malformed. */
export function compile(pattern: string): Regex | undefined {
  try {
    if (isQuick(pattern)) return new RegExp(pattern);
    if (pattern.length > LONGEST) return undefined;
    const regex = loadRe2().RE2JS.compile(pattern);
    return { test: (text) => regex.matcher(text).find() };
  } catch {
    return undefined;
  }
}

/**
 * Whether JavaScript's engine, which tries one way after the other, has no more than the square of the text to try and means
 * the same: at most two repetitions, none of a group.
 */
function isQuick(pattern: string): boolean {
  const plain = pattern.replaceAll("(?:", "(");
  const repeats = plain.match(/[*+?{]/g)?.length ?? 0;
  return repeats <= 2 && !/\)[*+?{]|\(\?|\\[^.\-/]|\[\[/.test(plain);
}
