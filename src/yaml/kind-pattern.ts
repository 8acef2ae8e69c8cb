/**
 * Finds a field `kind` with one of these kinds in text, before anything is parsed: plain, in quotes, aligned, tagged, or as
 * JSON. It errs towards too many: a comment counts, and so does a reference.
 */
export function kindPattern(...kinds: readonly string[]): RegExp {
  return new RegExp(`\\bkind["']?\\s*:\\s*(?:[&!]\\S*\\s+)*["']?(?:${kinds.join("|")})\\b`);
}
