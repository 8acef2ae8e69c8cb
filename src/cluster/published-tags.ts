import { cutEnd } from "../contract/cut.ts";
import { groupBy } from "../contract/group-by.ts";
import { basename, dirname } from "../delivery/paths.ts";
import { wordPattern } from "../delivery/patterns.ts";
import { matchTokens } from "../files/glob.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { PUSH, WORD } from "./artifact-calls.ts";
import { listFitting } from "./artifact-root.ts";
import { isQuiet } from "./automation-files.ts";
import { VARIABLE } from "./call-runs.ts";
import { readRuns } from "./merge-runs.ts";
import { codeLines, isCommentLine } from "./readable-text.ts";
import type { Runs } from "./types.ts";

/** A tag of an artifact that a job or a task moves. */
export interface MovedTag {
  file: string;
  line: number;
  /** As it is written, what the file sets of the address filled in; variables stay. Any text where another tool moves tags. */
  tag: string;
  /** When its job runs. */
  runs: Runs;
}

/** Tools that move tags of a registry as well; what they are told is only searched for the name of the tag. */
const TOOLS = ["crane ", "oras ", "skopeo ", "regctl ", "imagetools "];
const TAG_FLAG = new RegExp(`--tag[= ]+["']?${WORD}`, "g");
/** What names a commit, a build or a time: never the same twice. */
const PASSING =
  /rev-parse (?!--abbrev)|\bsha\b|_sha\b|run_(?:number|id)|build_?(?:number|id)|pipeline_i?id|\bdate\b|timestamp|describe/i;
/** What names the branch or the tag of Git that a job runs for. */
const GIT_REF = /ref_?name|ref_slug|branch|abbrev-ref|github\.(?:head_|base_)?ref\b/i;
/** What stands before the value that `${TAG:-latest}` has where nothing sets it. */
const DEFAULT = /:?[-=](?=[\w.-]+\})/g;
const USUAL_BRANCHES = ["main", "master"];

/** The tags that jobs and tasks of a tree move, of the artifact at an address. */
export function listMovedTags(tree: Tree, url: string): MovedTag[] {
  const listOwn = (command: string) =>
    listFitting(tree, command, cutEnd(url.toLowerCase(), "/")).filter(
      ({ file, lead }) => !isQuiet(file) && !isCommentLine(lead),
    );
  const pushed = listOwn(PUSH).map((call) => ({ ...call, tags: [call.tag] }));
  const tagged = listOwn("tag artifact").map((call) => {
    return { ...call, tags: [...call.call.matchAll(TAG_FLAG)].map(([, tag]) => tag!) };
  });
  const moved = [...pushed, ...tagged].flatMap(({ file, line, tags }) => tags.map((tag) => ({ file, line, tag })));
  const others = remember(tree, "lines of tools", "", () => listToolLines(tree));
  return [...moved, ...others].map((one) => ({ ...one, runs: readRuns(tree, one) }));
}

/** What other tools are told, in whole lines. */
function listToolLines(tree: Tree): Pick<MovedTag, "file" | "line" | "tag">[] {
  return TOOLS.flatMap((tool) =>
    tree
      .grep(tool)
      .filter((file) => !isQuiet(file))
      .flatMap((file) =>
        codeLines(tree, file).flatMap((line, index) =>
          line.includes(tool) ? [{ file, line: index + 1, tag: line }] : [],
        ),
      ),
  );
}

/**
 * Whether a moved tag is one of a name.
 * @param isSure only where something says that name, or is most likely to be it
 */
export function mayBeTag(tree: Tree, { file, tag }: MovedTag, name: string, isSure: boolean): boolean {
  const word = wordPattern(name);
  const variables = tag.match(VARIABLE) ?? [];
  if (word.test(tag.replace(DEFAULT, " "))) return variables.length > 0 || tag === name || /\s/.test(tag);
  if (variables.length === 0 || !fits(tag, name)) return false;
  return variables.some((variable) => {
    const values = valuesOf(tree, file, variable);
    if (values.some((value) => word.test(value))) return true;
    // What calls it says that of an input.
    const isKnown = values.length > 0 && !/\binputs\./.test(variable);
    if (isKnown && values.every((value) => value.match(VARIABLE) === null)) return false;
    const all = [variable, ...values].join(" ");
    const isNamed = () => namesTag(tree, file, name);
    if (GIT_REF.test(all)) return !isSure || USUAL_BRANCHES.includes(name) || isNamed();
    return !PASSING.test(all) && isNamed();
  });
}

/** Whether a file names a tag, or one does that names the file: what calls a script or a workflow says what it is to push. */
function namesTag(tree: Tree, file: string, name: string): boolean {
  return remember(tree, "files that name a tag", JSON.stringify([file, name]), () => {
    const word = wordPattern(name);
    // An action is called by its folder.
    const called = /^action\.ya?ml$/.test(basename(file)) ? dirname(file) : basename(file);
    const callers = tree.grep(called).filter((one) => one !== file && !isQuiet(one));
    return [file, ...callers].some((one) => codeLines(tree, one).some((line) => word.test(line)));
  });
}

/** Whether a moved tag may be a version, as a range of them reads it; see `mayBeTag`. */
export function mayBeVersion({ tag }: MovedTag, isSure: boolean): boolean {
  if (/^v?\d/.test(tag)) return true;
  return isSure ? tag.search(VARIABLE) >= 0 && !PASSING.test(tag) : tag.search(VARIABLE) >= 0 || /\s/.test(tag);
}

/** Whether the letters of a tag allow the name. */
function fits(tag: string, name: string): boolean {
  const literally = (part: string) => [...part].map((char) => (one: string) => one === char);
  const tokens = tag
    .split(VARIABLE)
    .flatMap((part, index) => (index === 0 ? literally(part) : ["*" as const, ...literally(part)]));
  return matchTokens(tokens, [...name]) !== undefined;
}

/** What a file sets a variable to, wherever it does: `TAG: latest`, `TAG ?= latest`, the items of a matrix below `tag:`. */
function valuesOf(tree: Tree, file: string, variable: string): readonly string[] {
  const name =
    /^\$\{\{[\s\w.-]*?(\w+)\s*\}\}$/.exec(variable)?.[1] ??
    /^\$\(?\{?(\w+)(?:[:)}-]|$)/.exec(variable)?.[1] ??
    /^\{\{[\s.]*(\w+)\s*\}\}$/.exec(variable)?.[1];
  return name === undefined ? [] : (settingsOf(tree, file).get(name) ?? []);
}

/** A name and what it is set to: the rest of its line, where others may be set too, and the list below it. */
const SET = /(?<![\w.-])(\w+)["']?[ \t]*(?:[:?+]?=|:)(?=(.*(?:\n[ \t]*- [^:\n]*$)*))/gm;

function settingsOf(tree: Tree, file: string): ReadonlyMap<string, readonly string[]> {
  return remember(tree, "settings of a file", file, () => {
    const found = groupBy(codeLines(tree, file).join("\n").matchAll(SET), ([, name]) => name!);
    return new Map([...found].map(([name, all]) => [name, all.map(([, , value]) => value!)]));
  });
}
