/** What YAML lets stand before a value: line ends, anchors, tags, the head of a block text, comments. Each of its parts is short. */
const BEFORE_VALUE = String.raw`\s*(?:(?:[&!]\S{0,200}|[|>][-+\d]{0,2}|#[^\n]{0,400}\n)\s+){0,6}["']?`;

/**
 * The source of a pattern for a field of a text that is not parsed yet, up to its value: plain, in quotes, aligned, tagged, with
 * its value on the next line or behind a comment, or as JSON. A key that is written with escapes may be any.
 */
export function fieldSource(name: string): string {
  return String.raw`(?:\b${name}|\\[xuU][\da-fA-F]{2,8}\w{0,20})["']?\s*:${BEFORE_VALUE}`;
}

/**
 * Finds a field `kind` with one of these kinds in text, before anything is parsed. It errs towards too many: a comment counts,
 * and so do a reference and an alias.
 */
export function kindPattern(...kinds: readonly string[]): RegExp {
  return new RegExp(String.raw`${fieldSource("kind")}(?:\*|(?:${kinds.join("|")})\b)`);
}
