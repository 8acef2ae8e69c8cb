import type { Loc } from "../../contract/errors.ts";
import type { DraftFinding } from "../../contract/finding.ts";
import { given } from "../../contract/given.ts";
import type { Unfilled } from "../../delivery/kustomize/index.ts";
import type { Passage } from "../types.ts";

/**
 * Text that comes out unchanged after one pass of Flux post-build substitution: `$$` collapses to `$` anywhere and only
 * `${` starts an expression, so every `$` of a run of two or more, or of a run in front of `{`, is doubled; a lone `$`
 * (`$(VAR)`, `$patch`) stays (flux-facts 2.9, trap 37).
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

/** What to say of texts, by the name of whose they are, whose `${…}` and `$$` change their meaning on the way (trap 37). */
export function reportPassage(
  owner: string,
  texts: readonly string[],
  { substituted, oldSubstituted = false }: Passage,
  place: { at: Loc; resource?: string; text?: string | undefined; stopped?: Unfilled & { at: Loc } },
): DraftFinding[] {
  const { text, stopped, ...said } = place;
  if (substituted === oldSubstituted || !texts.some(isSubstitutable)) return [];
  if (substituted) return [{ rule: "patch-escaped", level: "info", ...said, facts: { owner } }];
  const variable = texts.map(findVariable).find((name) => name !== undefined);
  if (variable === undefined) return [];
  if (stopped) {
    const { path, written, isKnown, isUnset, at } = stopped;
    const named = stopped.variable ?? findVariable(written) ?? variable;
    const facts = { owner, variable: named, field: path.join("."), isKnown, ...given({ isUnset }) };
    return [{ rule: "patch-substitution-lost", level: "blocker", ...said, at, facts }];
  }
  const at = locateVariable(text, said.at, variable);
  return [{ rule: "patch-substitution-lost", level: "blocker", ...said, at, facts: { owner, variable } }];
}

/** Names of all variables that one pass would fill in, each once, in the order of the text; `$${A}` is none. */
export function listVariables(text: string): string[] {
  const found = text.matchAll(/\$\$|\$\{\s*([A-Za-z_]\w*)/g);
  return [...new Set([...found].flatMap(([, name]) => name ?? []))];
}

/** The first of them. */
export function findVariable(text: string): string | undefined {
  return listVariables(text)[0];
}

/** The line at or below a place that names a variable; the place itself where none does. */
export function locateVariable(text: string | undefined, at: Loc, variable: string): Loc {
  const lines = text?.split("\n") ?? [];
  const pattern = new RegExp(`\\$\\{\\s*${variable}\\b`);
  const index = lines.findIndex((line, number) => number + 1 >= at.line && pattern.test(line));
  return index < 0 ? at : { file: at.file, line: index + 1, col: lines[index]!.search(pattern) + 1 };
}

/** Whether one pass of substitution would touch any text in it. */
export function mentionsVariables(value: unknown): boolean {
  return isSubstitutable(JSON.stringify(value ?? ""));
}
