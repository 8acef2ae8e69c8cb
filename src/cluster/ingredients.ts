import type { Loc } from "../contract/errors.ts";
import { isWithin, normalizePath } from "../delivery/paths.ts";
import { escapeRegExp } from "../delivery/patterns.ts";
import type { Tree } from "../files/tree.ts";
import { codeLines } from "./readable-text.ts";

/** What copies to the folder that it names last, up to the end of the command. */
const COPIES = String.raw`\b(?:cp|mv|rsync|install|yq\s+-i)\s[^|;&<>]*?\s["']?`;
const END = String.raw`[\w./*$\{\}-]*["')]*(?:\s+-\S+)*\s*(?:$|[|;&<>\\])`;
/** What stands before the folder that something is written to: `> all.yaml`, `--output-dir apps`; others read it, as linters do. */
const WRITES = String.raw`(?:>|\btee\b(?:\s+-a)?|\s-(?:[oCm]|-out[\w-]*|-director\w*|-destination))[\s=]*["']?`;
/** What may stand for the checkout; a folder called so below another one is another one: `/tmp/apps`. */
const LEAD = String.raw`(?:(?:\.{1,2}|\$\{?\w+\}?|\$\{\{[^}]*\}\}|\$\([\w ]*\))/)*`;
/** Lines above a command that may be part of its job. */
const REACH = 200;
/** Of a longer line no word is read. */
const LONGEST = 1000;

/**
 * What a job or script here puts into a folder before it publishes that, or makes it of: `common` for `cp -r common/* apps/`, and
 * `overlays/prod` for `kustomize build overlays/prod > dist/all.yaml`.
 * @param at the call that publishes it
 */
export function listIngredients(tree: Tree, { file, line }: Loc, folder: string): string[] {
  if (folder === "") return [];
  const own = `${LEAD}${escapeRegExp(folder)}(?![\\w.-])`;
  const into = new RegExp(`${COPIES}${own}${END}|${WRITES}${own}`);
  const lines = codeLines(tree, file).slice(Math.max(0, line - 1 - REACH), line - 1);
  const found = lines
    .filter((text) => text.length <= LONGEST && into.test(text))
    .flatMap((text) => text.match(/[\w.-]+(?:\/[\w.-]+)*/g) ?? [])
    .map((word) => normalizePath(word) ?? "");
  const isElsewhere = (path: string) => path !== "" && !isWithin(path, folder) && !isWithin(folder, path);
  return [...new Set(found)].filter((path) => isElsewhere(path) && (tree.isDir(path) || tree.has(path)));
}
