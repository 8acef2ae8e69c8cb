import { getOrMake } from "../../contract/group-by.ts";
import { basename, join, LONGEST_PATH } from "../../delivery/paths.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { depthChange } from "./terraform-states.ts";
import { isTerraformCode, readTerraform } from "./terraform-text.ts";

const USE = /\$\{((var|local)\.[\w-]+)\}/g;
/** Locals that lead to locals go no deeper than that. */
const DEEPEST = 8;

/**
 * A text of Terraform with its locals (`${local.path}`) and variables as the files of its folder say them. What they do not say,
 * or say in several ways, stays as it is written, and so does all that would be longer than a path.
 * @param guesses also takes variables (`${var.target}`) for what is said here, though a run or a call of the module may say something else
 */
export function expandTerraform(tree: Tree, dir: string, text: string, guesses: boolean): string {
  let now = text;
  for (let depth = 0; depth < DEEPEST && now.length <= LONGEST_PATH; depth++) {
    const next = now.replace(USE, (all, name: string, kind: string) =>
      guesses || kind === "local" ? (readValue(tree, dir, name) ?? all) : all,
    );
    if (next === now) break;
    now = next;
  }
  return now.length <= LONGEST_PATH ? now : text;
}

function readValue(tree: Tree, dir: string, name: string): string | undefined {
  const { given, defaults } = readValues(tree, dir);
  const all = new Set(given.get(name) ?? defaults.get(name));
  return all.size === 1 ? [...all][0] : undefined;
}

const GIVEN = /^[ \t]*([\w-]+)[ \t]*=[ \t]*"([^"$\n]*)"/gm;
const DEFAULT = /variable[ \t]+"([\w-]+)"[ \t]*\{[^}]{0,2000}?default[ \t]*=[ \t]*"([^"$\n]*)"/g;
/** A text and no more: behind the first one of `"${var.env}" == "prod" ? "a" : "b"` follows the rest of an expression. */
const LOCAL = /^[ \t]*(?:locals[ \t]*\{[ \t]*)?([\w-]+)[ \t]*=[ \t]*"([^"\n]*)"(?=[ \t]*(?:$|\}|#|\/\/))/gm;

/** What the files of a folder set its variables to, and what they declare as their defaults and locals: in each file the first counts. */
function readValues(tree: Tree, dir: string) {
  return remember(tree, "variables of Terraform", dir, () => {
    const own = tree.entries(dir).map((name) => join(dir, name));
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
        const said = [...text.matchAll(pattern)].flatMap(([, name, value = ""]) =>
          value.length <= LONGEST_PATH ? [[`${kind}.${name}`, value] as const] : [],
        );
        for (const [name, value] of new Map(said.reverse())) getOrMake(into, name, () => []).push(value);
      }
      return into;
    };
    const defaults = read(values(), "var", code, DEFAULT);
    return { given: read(values(), "var", given, GIVEN), defaults: read(defaults, "local", code, LOCAL, localsIn) };
  });
}

const whole = (text: string): string => text;

/** The lines of the blocks `locals`, without those of maps in them. */
function localsIn(text: string): string {
  if (!text.includes("locals")) return "";
  let depth = 0;
  let isLocals = false;
  return text
    .split("\n")
    .filter((line) => {
      if (depth === 0) isLocals = /^[ \t]*locals[ \t]*\{/.test(line);
      const isOwn = isLocals && depth <= 1;
      depth = Math.max(0, depth + depthChange(line));
      return isOwn;
    })
    .join("\n");
}
