import type { Loc } from "../contract/errors.ts";
import { itemsOf, type YamlData } from "../contract/objects.ts";
import { isWithin, normalizePath } from "../delivery/paths.ts";
import { escapeRegExp } from "../delivery/patterns.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { isMap } from "../yaml/is-map.ts";
import { makeFolderAt } from "./artifact-calls.ts";
import { kindOf } from "./automation-files.ts";
import { findJobLines, jobAt } from "./call-runs.ts";
import { readCommands } from "./command-lines.ts";
import { codeLines } from "./readable-text.ts";
import { findRecipes } from "./recipes.ts";

/** What copies to the folder that it names last, up to the end of the command. */
const COPIES = String.raw`\b(?:cp|mv|rsync|install)\s[^|;&<>]*?\s["']?`;
const END = String.raw`[\w./*$\{\}-]*["')]*(?:\s+-\S+)*\s*(?:$|[|;&<>\\])`;
/** What stands before the folder that something is written to: `> all.yaml`, `--output-dir apps`; others read it, as linters do. */
const WRITES = String.raw`(?:>|\btee\b(?:\s+-a)?|\s-(?:[oCm]|-out[\w-]*|-director\w*|-destination))[\s=]*["']?`;
/** What may stand for the checkout; a folder called so below another one is another one: `/tmp/apps`. */
const LEAD = String.raw`(?:(?:\.{1,2}|\$\{?\w+\}?|\$\{\{[^}]*\}\}|\$\([\w ]*\))/)*`;
/** What alters the files that it names, or takes them away. */
const ALTERS =
  /(?<![\w-])(?:(?:sed|perl)\s(?:[^|;&]*?\s)?-(?:\w*i|-in-place)|truncate(?=\s)|(?<!kubectl\s)patch(?=\s)|yq\s(?:[^|;&]*?\s)?-(?:\w*i|-inplace)|kustomize\s+edit)\b/;
/** What takes away those that it names; of files by their ending (`-name '*.md'`) Flux may read none. */
const TAKES =
  /(?<![\w-])(?:rm|mv|unlink)\s[^|;&]*|\bfind\s(?![^|;&]*-i?name\s+["']?\*\.(?!ya?ml|json)\w)[^|;&]*(?:\s-delete\b|\s-exec(?:dir)?\s+(?:rm|mv|unlink)\b|\|\s*xargs\s[^|;&]*\brm\b)/g;
/** As what it says of them: other versions take nothing away. */
const VERSIONS = /image|tag|version|digest|(?:\b|_)sha(?:\b|_)/i;
const WORD = /[\w.-]+(?:\/[\w.-]+)*/g;
/** What only tells of a command. */
const SAYS = /\becho\s[^|;&>]*/g;
/** Lines above a command that may be part of its job. */
const REACH = 200;
/** Of a longer line no word is read. */
const LONGEST = 1000;
/** What brings along files that another job of the workflow has made. */
const FETCHES = /\bdownload-artifact\b|\bcache\b/;

/**
 * What a job or script here makes the folder of that it publishes: what it puts into that, such as `common` for `cp -r common/* apps/`, or
 * `overlays/prod` for `kustomize build overlays/prod > dist/all.yaml`, and what it alters in there, or takes away (`rm -r apps/dev`).
 * What sets nothing but versions, or goes over all of the folder, as what fills in a word everywhere, is let be.
 * @param at the call that publishes it
 */
export function listIngredients(tree: Tree, at: Loc, folder: string): readonly string[] {
  return remember(tree, "ingredients", `${at.file}:${at.line} ${folder}`, () => listIngredientsOf(tree, at, folder));
}

function listIngredientsOf(tree: Tree, at: Loc, folder: string): string[] {
  const own = `${LEAD}${escapeRegExp(folder)}(?![\\w.-])`;
  const into = folder === "" ? undefined : new RegExp(`${COPIES}${own}${END}|${WRITES}${own}`);
  const found = listCommands(tree, at).flatMap(({ text: line, entered }) => {
    if (line.length > LONGEST) return [];
    const text = line.replace(SAYS, "");
    const isInto = into?.test(text);
    const taken = text.match(TAKES) ?? [];
    if (!isInto && taken.length === 0 && !ALTERS.test(text)) return [];
    const pathsIn = (one: string) => {
      const said = (one.match(WORD) ?? []).flatMap((word) => [word, ...(entered ? [`${entered}/${word}`] : [])]);
      // It names no file: that of the folder it runs in is meant.
      if (entered && /\bkustomize\s+edit\b/.test(one)) said.push(`${entered}/kustomization.yaml`);
      const words = said.map((word) => normalizePath(word) ?? "");
      return words.filter((path) => path !== "" && (tree.isDir(path) || tree.has(path)));
    };
    const hasOwn = (all: readonly string[]) => all.some((path) => isWithin(path, folder));
    const paths = pathsIn(text);
    const rest = paths.reduce((left, path) => left.replaceAll(path, ""), text);
    const counts = isInto || hasOwn(pathsIn(taken.join(" "))) || (hasOwn(paths) && !VERSIONS.test(rest));
    return counts ? paths.filter((path) => !isWithin(folder, path)) : [];
  });
  return [...new Set(found)];
}

/** What says of a checkout what it is without that: what started the job, and its top. */
const USUAL = /^(?:\.?\/?|\$\{\{\s*github\.(?:repository|ref|ref_name|sha)\s*\}\})$/;

/** What decides which files a job of a workflow finds in a folder, by the settings of a checkout; nothing where that is all of it. */
function readChoice(said: YamlData, folder: string): unknown[] {
  const [repository, ref, path] = [said.repository, said.ref, said.path].map((one) =>
    USUAL.test(String(one ?? "")) ? "" : one,
  );
  const place = normalizePath(String(path)) ?? "";
  // Somebody else's files beside the folder are none of it.
  if (repository !== "" && !isWithin(folder, place) && !isWithin(place, folder)) return [];
  const parts = String(said["sparse-checkout"] ?? "").match(/\S+/g) ?? [];
  const isCone = String(said["sparse-checkout-cone-mode"] ?? true) === "true";
  const isWhole = parts.length === 0 || (isCone && parts.some((part) => isWithin(folder, normalizePath(part) ?? part)));
  const choice = [repository, ref, path, ...(isWhole ? [] : [isCone, ...parts])];
  return choice.every((one) => one === "") ? [] : choice;
}

/** What a job checks out of a folder before it publishes that, where it says so: another branch or repository, or a part. */
export function readCheckout(tree: Tree, { file, line }: Loc, folder: string): string {
  const job = jobAt({ text: tree.read(file) ?? "", lines: codeLines(tree, file), index: line - 1 });
  const steps: YamlData[] = isMap(job) ? itemsOf(job.steps) : [];
  const said = steps
    .filter((step) => isMap(step) && isMap(step.with) && /(?:^|\/)checkout(?:@|$)/.test(String(step.uses)))
    .map((step) => readChoice(step.with, folder));
  return JSON.stringify(said.filter((choice) => choice.length > 0));
}

/** What runs before a call: the commands of its job above it, of jobs whose files that fetches, and of the scripts that these start. */
function listCommands(tree: Tree, { file, line }: Loc): { text: string; entered: string | undefined }[] {
  const lines = codeLines(tree, file);
  const [first, end] = findJobLines(lines, line - 1) ?? [0, lines.length];
  const read = (path: string, from: number, to: number) => {
    const text = codeLines(tree, path);
    const folderAt = remember(tree, "folders of commands", path, () => makeFolderAt(path, text));
    return readCommands(text.slice(from, to).join("\n")).map((command) => {
      return { text: command.line, entered: folderAt(from + command.number - 1, command.line) };
    });
  };
  const own = read(file, Math.max(first, line - 1 - REACH), line - 1);
  const isFetching = own.some(({ text }) => FETCHES.test(text));
  const all = isFetching ? [...own, ...read(file, 0, first), ...read(file, end, lines.length)] : own;
  const words = all.flatMap(({ text }) => (text.length > LONGEST ? [] : (text.match(WORD) ?? [])));
  const scripts = new Set(words.map((word) => normalizePath(word) ?? ""));
  const isScript = (path: string) => path !== file && kindOf(path) === "shell" && tree.has(path);
  const started = findRecipes(tree, all);
  return [
    ...all,
    ...[...scripts].filter(isScript).flatMap((path) => read(path, 0, Number.POSITIVE_INFINITY)),
    ...started.filter((one) => one.file !== file).flatMap((one) => read(one.file, one.first, one.end)),
  ];
}
