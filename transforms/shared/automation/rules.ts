import { compileSegment, matchTokens } from "../../../src/files/glob.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { Line, Mention } from "./applies.ts";
import { matchWord, type Target } from "./targets.ts";
import { findWords } from "./words.ts";

/** Patterns of a file that are tried on every path of the tree; a list of rules has few that fit what goes. */
const MAX_TRIED = 50;

/**
 * Looks in lines of rules, such as those of Renovate, CODEOWNERS or a linter, for an entry that means what goes and nothing that
 * stays. A pattern counts by whatever it may match: errs towards silence.
 * @param before the tree that the targets are of
 * @param now the same with the edits of the clusters before this one
 */
export function makeRuleMatcher(targets: readonly Target[], before: Tree, now: Tree) {
  const gone = targets.filter(({ vanishes }) => vanishes);
  const paths = new Set(gone.map(({ path }) => path));
  const tried = new Map<string, Target | undefined>();
  const matchPattern = (written: string): Target | undefined => {
    const known = tried.get(written);
    if (known || tried.has(written) || tried.size >= MAX_TRIED) return known;
    const fits = matcherOf(written);
    const target = gone.find(({ path }) => fits(path));
    if (!target) return undefined;
    const stays = before.paths.some((path) => !paths.has(path) && fits(path) && now.has(path));
    tried.set(written, stays ? undefined : target);
    return tried.get(written);
  };
  return (line: Line): Mention | undefined => {
    for (const word of findWords(withoutExpression(line.text))) {
      const written = word.text.replace(/^!?\/+|\/+$/g, "");
      const isPattern = /[*?]/.test(written);
      const target =
        isPattern || !written.includes("/") ? (isName(written) ? matchPattern(written) : undefined) : undefined;
      if (target)
        return { line, word: { ...word, text: written }, match: { target, certain: false, base: "", others: [] } };
      const match = isPattern ? undefined : matchWord(written, (text) => text, line.bases, targets, before);
      if (match) return { line, word: { ...word, text: written }, match };
    }
    return undefined;
  };
}

/** Whether the last name says something: `*`, `*.yaml` and `kustomization.yaml` mean files everywhere. */
function isName(written: string): boolean {
  const last = written.slice(written.lastIndexOf("/") + 1);
  return written.includes("/") ? /\w/.test(last) : /^gotk-[\w*?-]+/.test(last);
}

/** A pattern from the root or from any folder; `**` is any number of folders. */
function matcherOf(written: string): (path: string) => boolean {
  const segments = written.split("/").filter((segment) => segment !== "" && segment !== ".");
  const tokens = segments.map((segment) => (segment === "**" ? ("*" as const) : compileSegment(segment)));
  return (path) => matchTokens(["*", ...tokens], path.split("/")) !== undefined;
}

/** A line of a rule with its expressions as the paths that they mean: `^bootstrap/.+/flux\\.ya?ml$`. */
function withoutExpression(text: string): string {
  return text
    .replace(/\\+(?=[./-])|[$^]/g, "")
    .replaceAll(".ya?ml", ".yaml")
    .replace(/(?<=[/("'])(?:\.[*+]\??|\[\/\][*+])(?=\/)/g, "**")
    .replace(/\.[*+]\??|\[\/\][*+]/g, "*");
}
