import type { AutomationFile } from "../../../src/cluster/automation-files.ts";
import { getOrMake } from "../../../src/contract/group-by.ts";
import { linesOf } from "./lines.ts";
import type { Word } from "./words.ts";

/** `apply() {`, `function apply {`, `function apply()` of a shell, `apply DIR="x":` of just, and `define apply` of make. */
const SHELL = /^\s*(?:function\s+([\w:-]+)\s*(?:\(\s*\))?|([\w:-]+)\s*\(\s*\))\s*\{?/;
const JUST = /^@?([\w-]+)((?:\s+[*+$]?[\w-]+(?:=(?:"[^"]*"|'[^']*'|[\w./-]+))?)+)\s*:(?!=)/;
const MAKE = /^\s*define\s+([\w-]+)/;
/** What a body makes of its arguments. */
const GIVEN = /\$\{?[1-9@*]|\$\([1-9]\)/;
const applies = (text: string) =>
  /\b(?:kubectl|oc|k|KUBECTL)\b/.test(text) && /\b(?:apply|create|replace)\b/.test(text);
/** Lines that a function has at most. */
const LONGEST = 200;

const known = new WeakMap<AutomationFile, ReadonlySet<string>>();

/**
 * Whether a word is what a line gives to a function or recipe of its own file that applies what it is given: `apply_dir clusters/home`,
 * `$(call apply,clusters/home)`, `(apply "clusters/home")`. Errs towards "applies" where a function does more than that.
 */
export function isGivenToApply(file: AutomationFile, text: string, { start }: Word): boolean {
  const names = namesOf(file);
  if (names.size === 0) return false;
  const before = text.slice(Math.max(0, start - REACH), start);
  const command = before.slice(Math.max(...[";", "|", "&", "`", "("].map((mark) => before.lastIndexOf(mark))) + 1);
  return command.split(/[\s"',@]+/).some((word) => names.has(word));
}

const REACH = 300;

/** Functions and recipes that apply what they are given, read once. */
function namesOf(file: AutomationFile): ReadonlySet<string> {
  return getOrMake(known, file, () => {
    const found = new Set<string>();
    let open:
      | { name: string; ends: RegExp; given: RegExp; isGiven: boolean; applies: boolean; left: number }
      | undefined;
    for (const text of linesOf(file)) {
      const begun = begin(file, text);
      if (begun) open = { ...begun, isGiven: false, applies: false, left: LONGEST };
      if (!open) continue;
      const body = begun ? text.slice(begun.from) : text;
      const isOver = !begun && open.ends.test(text);
      if (!isOver) {
        open.isGiven ||= open.given.test(body);
        open.applies ||= applies(body);
        if (open.isGiven && open.applies) found.add(open.name);
      }
      open.left -= 1;
      if (isOver || open.left === 0 || (begun && /\}\s*;?\s*(?:#.*)?$/.test(body) && file.kind !== "just"))
        open = undefined;
    }
    return found;
  });
}

function begin(
  file: AutomationFile,
  text: string,
): { name: string; ends: RegExp; given: RegExp; from: number } | undefined {
  if (file.kind === "make") {
    const make = MAKE.exec(text);
    return make ? { name: make[1]!, ends: /^\s*endef\b/, given: GIVEN, from: make[0].length } : undefined;
  }
  if (file.kind === "just") {
    const just = JUST.exec(text);
    return just ? { name: just[1]!, ends: /^\S/, given: /\{\{|\$/, from: just[0].length } : undefined;
  }
  const shell = SHELL.exec(text);
  return shell ? { name: (shell[1] ?? shell[2])!, ends: /^\s*\}/, given: GIVEN, from: shell[0].length } : undefined;
}
