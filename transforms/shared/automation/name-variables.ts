import { escapeRegExp } from "../../../src/delivery/patterns.ts";

/** A variable of a file that holds the old name of an object, and is given to a command as the name of one. */
export interface NameVariable {
  /** Where the name stands, and its line, from 0. */
  start: number;
  line: number;
  /** Whether all that uses it names that object, so that it can hold the new name. */
  isOnlyName: boolean;
}

/**
 * Variables that hold a name, `flux_ks='flux-sync'`, of which at least one line names the object: `kustomization/${flux_ks}`.
 * Errs towards listing: what is set twice, stands in an other file as well or in a line of which `isKept` is true may mean more.
 * @param makePatterns of the ways in which a line names the object, for what stands in place of the name
 * @param others the texts of the other files that may read the variable
 */
export function findNameVariables(
  text: string,
  from: string,
  makePatterns: readonly ((name: string) => RegExp)[],
  others: readonly string[],
  isKept: (line: string) => boolean,
): NameVariable[] {
  const lines = text.split("\n");
  const set = definitionOf(from);
  let start = 0;
  return lines.flatMap((written, line): NameVariable[] => {
    const at = start;
    start += written.length + 1;
    const [whole, before = "", variable = ""] = set.exec(written) ?? [];
    if (whole === undefined) return [];
    const reference = referenceOf(variable);
    const patterns = makePatterns.map((make) => make(reference));
    const users = lines.filter((user) => new RegExp(reference).test(user));
    const named = users.filter((user) => patterns.some((pattern) => user.search(pattern) >= 0));
    if (named.length === 0) return [];
    const isOnce = text.match(new RegExp(`^\\s*(?:[a-z]+[ \\t]+)?${variable}[ \\t]*[:?]?[=:]`, "gm"))?.length === 1;
    const isAlone = !others.some((other) => new RegExp(reference).test(other));
    const isAllNames = users.every((user) => {
      const uses = user.match(new RegExp(reference, "g"))?.length ?? 0;
      const names = new Set(
        patterns.flatMap((pattern) => [...user.matchAll(pattern)].map(({ index, 0: { length } }) => index + length)),
      );
      return uses === names.size && !isKept(user);
    });
    return [{ start: at + before.length, line, isOnlyName: isOnce && isAlone && isAllNames }];
  });
}

/** `NAME=value`, `name := "value"`, `NAME: value`, also as a default: `NAME=${NAME:-value}`. */
function definitionOf(value: string): RegExp {
  const opening = String.raw`^(\s*(?:[a-z]+[ \t]+)?([A-Za-z_]\w*)[ \t]*(?::?=|\?=|:)[ \t]*["']?(?:\$\{\w+:?-)?)`;
  return new RegExp(`${opening}${escapeRegExp(value)}(?:\\}?["']?[ \\t]*(?:#.*)?)$`);
}

/** The ways in which shells, make, tasks, just and workflows put in a variable. */
function referenceOf(name: string): string {
  const inner = String.raw`\.?(?:env\.|vars\.|inputs\.)?${name}`;
  return String.raw`(?:\$\{${name}\}|\$\(${name}\)|\$${name}(?!\w)|\$?\{\{-?\s*${inner}\s*-?\}\})`;
}
