import type { Loc } from "../../errors.ts";
import type { YamlData } from "../types.ts";

/** Where post-build substitution acts: on the text as it stands today, and on the place it goes to. */
export interface Passage {
  substituted: boolean;
  oldSubstituted?: boolean;
}

const MARKER = "kustomize.toolkit.fluxcd.io/substitute";

/**
 * Text that comes out unchanged after one pass of Flux post-build substitution: `$$` collapses to `$` anywhere and only
 * `${` starts an expression, so every `$` of a run of two or more, or of a run in front of `{`, is doubled; a lone `$`
 * (`$(VAR)`, `$patch`) stays (flux-semantics 2.9, trap 37).
 */
export function escapeSubstitution(text: string): string {
  return text.replace(/\$+(?=\{)|\${2,}/g, (run) => run + run);
}

/** What one pass makes of text without expressions: `$${A}` means `${A}`. */
export function unescapeSubstitution(text: string): string {
  return text.replaceAll("$$", () => "$");
}

/** Text for the new place that means there what it means today; expressions only the old place fills in stay open. */
export function carryText(text: string, { substituted, oldSubstituted = false }: Passage): string {
  if (substituted === oldSubstituted) return text;
  return substituted ? escapeSubstitution(text) : unescapeSubstitution(text);
}

/** Whether one pass of substitution would change the text or fail on it. */
export function isSubstitutable(text: string): boolean {
  return /\$\{|\$\$/.test(text);
}

/** Name of the first variable that one pass would fill in; `$${A}` is none. */
export function findVariable(text: string): string | undefined {
  return /^(?:[^$]|\$\$|\$(?![{$]))*\$\{\s*([A-Za-z_]\w*)/.exec(text)?.[1];
}

/** Whether an object opts out of substitution by label or annotation (flux-semantics 2.9). */
export function isSubstitutionDisabled(data: YamlData): boolean {
  const { labels, annotations } = data?.metadata ?? {};
  return labels?.[MARKER] === "disabled" || annotations?.[MARKER] === "disabled";
}

/** The line at or below a place that names a variable; the place itself where none does. */
export function locateVariable(text: string | undefined, at: Loc, variable: string): Loc {
  const lines = text?.split("\n") ?? [];
  const pattern = new RegExp(`\\$\\{\\s*${variable}\\b`);
  const index = lines.findIndex((line, number) => number + 1 >= at.line && pattern.test(line));
  return index < 0 ? at : { file: at.file, line: index + 1, col: lines[index]!.search(pattern) + 1 };
}
