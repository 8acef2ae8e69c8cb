import { type AutomationFile, isProgram } from "../../../src/cluster/automation-files.ts";
import { basename } from "../../../src/delivery/paths.ts";
import { compileSegment } from "../../../src/files/glob.ts";
import { remember } from "../../../src/files/remember.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { type Match, ROLES, type Target } from "./targets.ts";
import type { Word } from "./words.ts";

/** How far before a word is looked for what it is an argument of; a line may hold thousands of words. */
const REACH = 300;

/** `find . -name "x"`, `Get-ChildItem -Filter x`, `git ls-files '*x'`, and fd, which takes a part of a name. */
const BY_PATTERN =
  /(?:\s-i?(?:name|path|wholename)|-(?:Filter|Include))[=\s]\s*["']?$|\bgit\s(?:[^|;&]*\s)?ls-files\s/i;
const BY_PART = /(?:^|[\s"'(|;&@])(?:fd|fdfind)\s/;
/** What nothing but flux bootstrap calls a file, also without its ending, and with what a regular expression has behind it. */
const OWN_NAME = /^\*?(gotk-(?:components|sync)(?:\.ya?ml)?)[*$]?$/;
/** What leaves a file out goes on working without it. */
const LEAVES_OUT =
  /!|-not\b|\bnot\b|exclu|ignor|skip|except|filter-out|reject|omit|--invert-match|\b[efz]?grep\s(?:\S+\s+)*?-\w*v/i;
const PASSES_BY = /^["']?\s+-prune\b|[\s;{](?:continue|next)\b/;
/** An item of a list alone on its line, as a filter of a workflow has it; and what is said to a person. */
const SAID =
  /^\s*-\s+["']?$|\bgit\s(?:[^|;&]*\s)?commit\b|\b(?:echo|log|logger|logging|console|print\w*|fmt|puts|raise|throw)\b/;

/**
 * What a line looks for by name alone, wherever it lies: `find k8s -name gotk-components.yaml -exec …`, `grep -q gotk-sync`. Any other
 * name counts only where all files of that name go: `find k8s -name '*.yaml'` goes on finding the rest.
 */
export function matchSearched(
  file: AutomationFile,
  text: string,
  word: Word,
  targets: readonly Target[],
  tree: Tree,
): Match | undefined {
  const [name = "", ...above] = word.text.split("/").reverse();
  if (name === "" || above.some((segment) => !/^\.?\**$/.test(segment))) return undefined;
  const before = text.slice(Math.max(0, word.start - REACH), word.start);
  const command = before.slice(Math.max(...["|", ";", "&"].map((mark) => before.lastIndexOf(mark))) + 1);
  const own = isRun(file) && !SAID.test(command) ? OWN_NAME.exec(name)?.[1] : undefined;
  const isPattern = BY_PATTERN.test(command);
  if (!isPattern && own === undefined && !BY_PART.test(command)) return undefined;
  if (LEAVES_OUT.test(command) || PASSES_BY.test(text.slice(word.end, word.end + REACH))) return undefined;
  const part = isPattern ? name : (own ?? name);
  const fits = isPattern ? compileSegment(name) : (path: string) => path.includes(part);
  const meant = targets.filter(({ path, isFile, vanishes }) => isFile && vanishes && fits(basename(path)));
  const [target] = meant;
  if (!target) return undefined;
  const paths = new Set(meant.map(({ path }) => path));
  const all = remember(tree, isPattern ? "files called" : "files with a name in theirs", part, () =>
    tree.paths.filter((path) => fits(basename(path))),
  );
  const others = all.filter((path) => !paths.has(path));
  if (own === undefined && others.length > 0) return undefined;
  const roles = ROLES.filter((role) => meant.some((one) => one.roles.includes(role)));
  return { target: { ...target, roles }, certain: false, base: "", others, bySearch: true };
}

/** Whether a file runs what it says, rather than listing names for a program. */
function isRun({ kind, path }: AutomationFile): boolean {
  return kind !== "other" || isProgram(path) || /\.(?:ps1|psm1|cmd|bat|tilt)$|(?:^|\/)\w+$/.test(path);
}
