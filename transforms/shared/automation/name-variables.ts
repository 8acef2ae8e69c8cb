import { escapeRegExp } from "../../../src/delivery/patterns.ts";
import { ofText } from "../../../src/yaml/of-text.ts";

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
 * @param isElsewhere whether another file may read a variable
 */
export function findNameVariables(
  text: string,
  from: string,
  makePatterns: readonly ((name: string) => RegExp)[],
  isElsewhere: (variable: string) => boolean,
  isKept: (line: string) => boolean,
): NameVariable[] {
  const lines = text.split("\n");
  const { uses, sets } = readVariables(text);
  const set = definitionOf(from);
  /** Asked once a variable, however often it is set: whether a line names the object by it, and whether all do. */
  const asked = new Map<string, { isName: boolean; isOnlyName: boolean }>();
  const ask = (variable: string) => {
    const patterns = makePatterns.map((make) => make(referenceOf(variable)));
    const counts = [...(uses.get(variable) ?? [])].map(([index, count]) => {
      const user = lines[index]!;
      const ends = patterns.flatMap((pattern) =>
        [...user.matchAll(pattern)].map(({ index, 0: { length } }) => index + length),
      );
      const names = new Set(ends).size;
      return { names, isAll: names === count && !isKept(user) };
    });
    const isAlone = sets.get(variable) === 1 && !isElsewhere(variable);
    return { isName: counts.some(({ names }) => names > 0), isOnlyName: isAlone && counts.every(({ isAll }) => isAll) };
  };
  let start = 0;
  return lines.flatMap((written, line): NameVariable[] => {
    const at = start;
    start += written.length + 1;
    const [whole, before = "", variable = ""] = set.exec(written) ?? [];
    if (whole === undefined) return [];
    const { isName, isOnlyName } = asked.get(variable) ?? ask(variable);
    asked.set(variable, { isName, isOnlyName });
    return isName ? [{ start: at + before.length, line, isOnlyName: isOnlyName && !EXPORTED.test(written) }] : [];
  });
}

/** `NAME=value`, `name := "value"`, `NAME: value`, also as a default: `NAME=${NAME:-value}`. */
function definitionOf(value: string): RegExp {
  const opening = String.raw`^(\s*(?:[a-z]+[ \t]+)?([A-Za-z_]\w*)[ \t]*(?::?=|\?=|:)[ \t]*["']?(?:\$\{\w+:?-)?)`;
  return new RegExp(`${opening}${escapeRegExp(value)}(?:\\}?["']?[ \\t]*(?:#.*)?)$`);
}

const SET = /^\s*(?:[a-z]+[ \t]+)?([A-Za-z_]\w*)[ \t]*[:?]?[=:]/;

/** The ways in which shells, make, tasks, just and workflows put in a variable, or a part of it: `${name%-sync}`; or hand it on. */
const USE =
  /\bexport\s+(\w+)(?=\s|;|$)|\$\{[#!]?(\w+)[^}\n]{0,200}\}|\$\((\w+)\)|\$(\w+)|\$?\{\{-?\s*\.?(?:env\.|vars\.|inputs\.)?(\w+)\s*(?:\|[^}\n]{0,200})?-?\}\}/g;

/** What a program that is started reads as well. */
const EXPORTED = /^\s*export\s/;

/** Which lines use a variable, and how often each; and how many lines set it. */
export const readVariables = ofText((text) => {
  const uses = new Map<string, Map<number, number>>();
  const sets = new Map<string, number>();
  for (const [index, line] of text.split("\n").entries()) {
    const own = SET.exec(line)?.[1];
    if (own !== undefined) sets.set(own, (sets.get(own) ?? 0) + 1);
    for (const [, ...found] of line.matchAll(USE)) {
      const name = found.find((one) => one !== undefined)!;
      // A default for itself is no use: `NAME=${NAME:-value}`.
      if (name === own) continue;
      const of = uses.get(name) ?? new Map<number, number>();
      uses.set(name, of.set(index, (of.get(index) ?? 0) + 1));
    }
  }
  return { uses, sets };
}, 100);

/** A variable as a whole, where a name may stand. */
function referenceOf(name: string): string {
  const inner = String.raw`\.?(?:env\.|vars\.|inputs\.)?${name}`;
  return String.raw`(?:\$\{${name}\}|\$\(${name}\)|\$${name}(?!\w)|\$?\{\{-?\s*${inner}\s*-?\}\})`;
}
