/** What RE2 does not have: looking ahead and behind, and what a group matched before. */
const NOT_IN_GO = /\(\?(?:[=!]|<[=!])|\\[1-9]/;
/** Flags and names of groups as Go writes them; both mean nothing for whether a pattern can be read. */
const GROUP = /\((?:\?P?<\w+>|\?[imsU]*(?:-[imsU]+)?:)/g;
const FLAGS = /\(\?[imsU]+(?:-[imsU]+)?\)/g;
/** `\Q…\E` stands for itself, classes of POSIX hold brackets, and Go repeats what has no width. */
const UNKNOWN = /\\Q|\[\[:|(?:[$^]|\\[ABbz])[*+?{]/;
const LONGEST = 500;

/** Why Go reads a pattern as no regular expression (regexp/syntax); undefined also where that is not sure. */
export function refusesPattern(text: string): string | undefined {
  if (text.length > LONGEST || UNKNOWN.test(text)) return undefined;
  // An escaped backslash escapes nothing, and a class holds what it holds.
  const bare = text.replace(/\\\\/g, "").replace(/\[\^?\]?(?:\\.|[^\]\\])*\]/g, "x");
  const found = NOT_IN_GO.exec(bare)?.[0];
  if (found !== undefined) return `Go has no ${found}`;
  try {
    new RegExp(text.replace(FLAGS, "").replace(GROUP, "("));
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/^Invalid regular expression: .*: /s, "").toLowerCase();
  }
}
