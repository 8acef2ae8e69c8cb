/**
 * Finds a field `kind` with one of these kinds in text, before anything is parsed: plain, in quotes, aligned, tagged, or as
 * JSON. It errs towards too many: a comment counts, and so does a reference. A value has one
 * anchor and one tag, of no endless length: `kind: &kind: &kind: …` must not be read anew from each of them.
 */
export function kindPattern(...kinds: readonly string[]): RegExp {
  return new RegExp(`\\bkind["']?\\s*:\\s*(?:[&!]\\S{0,200}\\s+){0,2}["']?(?:${kinds.join("|")})\\b`);
}
