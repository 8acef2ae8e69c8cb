/**
 * Text that comes out unchanged after one pass of Flux post-build substitution: `$$` collapses to `$` anywhere and only
 * `${` starts an expression, so every `$` of a run of two or more, or of a run in front of `{`, is doubled; a lone `$`
 * (`$(VAR)`, `$patch`) stays (flux-semantics 2.9, trap 37).
 */
export function escapeSubstitution(text: string): string {
  return text.replace(/\$+(?=\{)|\${2,}/g, (run) => run + run);
}

/** Whether one pass of substitution would change the text or fail on it. */
export function isSubstitutable(text: string): boolean {
  return /\$\{|\$\$/.test(text);
}
