import { basename, dirname, normalizePath } from "../../delivery/paths.ts";
import type { Tree } from "../../files/tree.ts";
import { readableText } from "../readable-text.ts";

/** A folder that Terragrunt is run in, with a state of its own, and the module that it makes there. */
export interface TerragruntUnit {
  dir: string;
  /** The folder of the module. */
  target: string;
  /** Literals that it says for the variables of the module. */
  inputs: ReadonlyMap<string, string>;
}

const UNIT = "terragrunt.hcl";
const BLOCK = /^[ \t]*terraform[ \t]*\{/;
const SOURCE = /^(?:[ \t]*terraform[ \t]*\{)?[ \t]*source[ \t]*=[ \t]*"([^"]+)"/;
const INPUT = /^[ \t]*([\w-]+)[ \t]*=[ \t]*("[^"$\n]*")[ \t\r]*$/gm;

/**
 * Units of Terragrunt whose module is a folder of this repository, also by a file that they include. A source in another
 * repository is none, and an expression in front of a path stands for the unit's own folder or one above it.
 */
export function findUnits(tree: Tree): TerragruntUnit[] {
  const files = tree.grep("source").filter((file) => file.endsWith(".hcl") && !basename(file).startsWith("."));
  return files.flatMap((file) => {
    const source = readSource(readableText(tree, file) ?? "");
    if (source === undefined) return [];
    return unitsOf(tree, file).flatMap((unit): TerragruntUnit[] => {
      const dir = dirname(unit);
      const target = folderOf(tree, dirname(file), dir, source);
      return target === undefined ? [] : [{ dir, target, inputs: readInputs(tree, unit, file) }];
    });
  });
}

function readSource(text: string): string | undefined {
  let isOpen = false;
  for (const line of text.split("\n")) {
    isOpen ||= BLOCK.test(line);
    const source = isOpen ? SOURCE.exec(line)?.[1] : undefined;
    if (source !== undefined) return source;
    isOpen &&= !line.includes("}");
  }
  return undefined;
}

/** A file of another name is a part that units take in. */
function unitsOf(tree: Tree, file: string): string[] {
  if (basename(file) === UNIT) return [file];
  return tree.grep(basename(file)).filter((path) => basename(path) === UNIT);
}

function folderOf(tree: Tree, from: string, unit: string, source: string): string | undefined {
  const path = source.replace(/\?.*$/s, "").replace(/\/{2,}/g, "/");
  const [, rest] = /^\$\{[^}]*\}\/?(.*)$/.exec(path) ?? [];
  if (rest === undefined) return /^\.\.?\//.test(path) ? normalizePath(`./${from}/${path}`) : undefined;
  const above = unit.split("/").map((_, depth, parts) => parts.slice(0, parts.length - depth).join("/"));
  const folders = [...above, ""].map((dir) => normalizePath(`./${dir}/${rest}`));
  return folders.find((dir) => dir !== undefined && dir !== "" && tree.isDir(dir));
}

function readInputs(tree: Tree, ...files: string[]): Map<string, string> {
  const texts = files.map((file) => (readableText(tree, file) ?? "").split(/^[ \t]*inputs[ \t]*=/m)[1] ?? "");
  return new Map(
    texts.reverse().flatMap((text) => [...text.matchAll(INPUT)].map(([, name, value]) => [name!, value!])),
  );
}
