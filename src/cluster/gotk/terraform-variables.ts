import { getOrMake } from "../../contract/group-by.ts";
import { basename } from "../../delivery/paths.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { endOfBlock } from "./terraform-states.ts";
import { isTerraformCode, readTerraform } from "./terraform-text.ts";

const USE = /\$\{((?:var|local)\.[\w-]+)\}/g;
/** Locals that lead to locals go no deeper than that, and paths are no longer. */
const DEEPEST = 8;
const LONGEST = 4096;

/**
 * A text of Terraform with its variables and locals (`${var.target}`, `${local.path}`) as the files of its folder say them. What
 * they do not say, or say in several ways, stays as it is written.
 */
export function expandTerraform(tree: Tree, dir: string, text: string): string {
  let now = text;
  for (let depth = 0; depth < DEEPEST && USE.test(now); depth++) {
    const next = now.replace(USE, (all, name: string) => readValue(tree, dir, name) ?? all);
    if (next === now || next.length > LONGEST) break;
    now = next;
  }
  return now;
}

function readValue(tree: Tree, dir: string, name: string): string | undefined {
  const { given, defaults } = readValues(tree, dir);
  const all = new Set(given.get(name) ?? defaults.get(name));
  return all.size === 1 ? [...all][0] : undefined;
}

const GIVEN = /^[ \t]*([\w-]+)[ \t]*=[ \t]*"([^"$\n]*)"/gm;
const DEFAULT = /variable[ \t]+"([\w-]+)"[ \t]*\{[^}]{0,2000}?default[ \t]*=[ \t]*"([^"$\n]*)"/g;
const LOCAL = /^[ \t]*(?:locals[ \t]*\{[ \t]*)?([\w-]+)[ \t]*=[ \t]*"([^"\n]*)"/gm;

/** What the files of a folder set its variables to, and what they declare as their defaults and locals: in each file the first counts. */
function readValues(tree: Tree, dir: string) {
  return remember(tree, "variables of Terraform", dir, () => {
    const own = tree.entries(dir).map((entry) => (dir === "" ? entry : `${dir}/${entry}`));
    const given = own.filter((path) => path.endsWith(".tfvars") && basename(path) !== "example.tfvars");
    const code = own.filter(isTerraformCode);
    const values = () => new Map<string, string[]>();
    const read = (
      into: Map<string, string[]>,
      kind: string,
      files: readonly string[],
      pattern: RegExp,
      part = whole,
    ) => {
      for (const text of files.map((path) => part(readTerraform(tree, path)))) {
        const said = [...text.matchAll(pattern)].map(([, name, value]) => [`${kind}.${name}`, value!] as const);
        for (const [name, value] of new Map(said.reverse())) getOrMake(into, name, () => []).push(value);
      }
      return into;
    };
    const defaults = read(values(), "var", code, DEFAULT);
    return { given: read(values(), "var", given, GIVEN), defaults: read(defaults, "local", code, LOCAL, localsIn) };
  });
}

const whole = (text: string): string => text;

/** The lines of the blocks `locals`. */
function localsIn(text: string): string {
  if (!text.includes("locals")) return "";
  const lines = text.split("\n");
  let end = -1;
  return lines
    .filter((line, index) => {
      if (index > end && /^[ \t]*locals[ \t]*\{/.test(line)) end = endOfBlock(lines, index);
      return index <= end;
    })
    .join("\n");
}
