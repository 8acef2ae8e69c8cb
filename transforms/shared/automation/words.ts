import type { AutomationFile, AutomationKind } from "../../../src/cluster/automation-files.ts";
import { UNKNOWN } from "../../../src/cluster/entering.ts";
import { isTerraformCode } from "../../../src/cluster/gotk/terraform-text.ts";
import { expandTerraform } from "../../../src/cluster/gotk/terraform-variables.ts";
import { getOrMake } from "../../../src/contract/group-by.ts";
import { dirname } from "../../../src/delivery/paths.ts";
import { matchTokens } from "../../../src/files/glob.ts";
import { remember } from "../../../src/files/remember.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { findGiven, readInline } from "./calls.ts";

const SEVERAL = new RegExp(`${UNKNOWN}{2,}`, "g");

/** A test for one segment of a path in which a word may leave parts open. */
export function segmentTest(segment: string): (name: string) => boolean {
  if (!segment.includes(UNKNOWN)) return (name) => name === segment;
  const tokens = [...segment].map((char) => (char === UNKNOWN ? "*" : (one: string) => one === char));
  return (name) => matchTokens(tokens, [...name]) !== undefined;
}

/** Whether a path is one that a pattern of names may mean. */
export function pathTest(pattern: string): (path: string) => boolean {
  const segments = pattern.split("/").filter((segment) => segment !== "" && segment !== ".");
  const tests = segments.map(segmentTest);
  return (path) => matchTokens(tests, path.split("/")) !== undefined;
}

/** Turns the variables of a word into their text as far as files define them. */
export type Expand = (word: string) => string;

/** Arguments of a script (`$1`, `${1:?cluster}`) are variables that nothing defines. */
const SHELL = String.raw`\$\{(\w+)[^}]*\}|\$(\d|[A-Za-z_]\w*)`;

/** `$(CLUSTER)` of Azure Pipelines; to the shell of another forge it is a command, whose output is as open. */
const AZURE = String.raw`\$\(([\w-]+)\)`;

const REFERENCE: Partial<Record<AutomationKind, RegExp>> = {
  task: new RegExp(`\\{\\{-?\\s*\\.?([\\w.]+)[^}]*\\}\\}|${SHELL}`, "g"),
  just: new RegExp(`\\{\\{\\s*([\\w-]+)(?:\\(\\))?[^}]*\\}\\}|${SHELL}`, "g"),
  make: new RegExp(`\\$[({]([\\w-]+)[)}]|\\$${SHELL}`, "g"),
  shell: new RegExp(SHELL, "g"),
  mise: new RegExp(`\\{\\{\\s*([\\w.]+)[^}]*\\}\\}|${SHELL}`, "g"),
  workflow: new RegExp(`\\$\\{\\{\\s*([\\w.]+)[^}]*\\}\\}|${AZURE}|${SHELL}`, "g"),
  other: new RegExp(`\\{\\{\\s*([\\w.]+)[^}]*\\}\\}|${AZURE}|${SHELL}`, "g"),
};

/** What a workflow knows of its run, such as the number of a pull request: no folder is called so. */
const RUN = /^github\.(?:event\.(?:number$|pull_request\.|issue\.)|run_|sha$)/;

const MAX_DEPTH = 20;
const MAX_VALUE = 1024;

/** Names that mean the folder their tool is started from, mostly the root of the repository. */
const ROOTS = "ROOT_DIR USER_WORKING_DIR justfile_directory justfile_dir config_root github.workspace CURDIR".split(
  " ",
);

/** What just calls the folder of the file itself, also in a module or an import; a variable may have the name. */
const OWN_FOLDER = ["source_directory", "source_dir"];

/**
 * Expands variables of one file, from what it and the other files of its kind define (a root Taskfile hands its `vars`
 * to what it includes). Errs towards unknown: a name with several values (`cluster: main` here, `cluster: edge` there
 * is an argument of a call), `sh:` values, pipelines and shell substitutions are not evaluated.
 * @param guesses takes a variable with a default for that, instead of for unknown
 */
export function makeExpander(
  tree: Tree,
  file: AutomationFile,
  all: readonly AutomationFile[],
  guesses = false,
): Expand {
  const reference = REFERENCE[file.kind];
  if (!reference) return (word) => word;
  const kind = `definitions${guesses ? ", defaults too" : ""}`;
  const definitionsOf = (of: AutomationFile) => remember(tree, kind, of, () => readDefinitions(of, guesses));
  const own = definitionsOf(file);
  const given = remember(tree, "given", file, () => findGiven(file));
  const loops = remember(tree, "loops", file, () => readLoops(file));
  const peers = remember(tree, `${kind}, of ${file.kind} files`, all, () =>
    joinDefinitions(all.filter((other) => other.kind === file.kind).map(definitionsOf)),
  );
  // A name that is being resolved is unknown to itself: `cluster: '{{ .cluster | default "main" }}'`. What leads on and on, or
  // grows with every step (`a=$b$b`, `b=$c$c`), is no path.
  let depth = 0;
  const known = new Map(ROOTS.map((name) => [name, "."]));
  const dir = dirname(file.path);
  const here = `./${dir}`;
  known.set("TASKFILE_DIR", here);
  if (file.kind === "just") for (const name of OWN_FOLDER) if (!own.has(name)) known.set(name, here);
  const isTerraform = isTerraformCode(file.path);
  const resolve = (name: string): string => {
    const cached = known.get(name);
    if (cached !== undefined) return cached;
    known.set(name, UNKNOWN);
    if (depth >= MAX_DEPTH) return UNKNOWN;
    depth++;
    const loop = loops.get(name);
    const here = [...(loop ?? []), ...(own.get(name) ?? [])];
    const isConstant = loop !== undefined || (here.length === 1 && /^[A-Z][A-Z0-9_]*$/.test(name) && !given.has(name));
    const values = isConstant ? here : [...here, ...(peers.get(name) ?? [])];
    const [only, ...others] = new Set(values.map((value) => expand(value).replace(/^(\.\/)+/, "")));
    const value = only === undefined || others.length > 0 || only.length > MAX_VALUE ? UNKNOWN : only;
    depth--;
    known.set(name, value);
    return value;
  };
  const expand = (word: string): string =>
    word.replace(reference, (whole, ...groups: unknown[]) => {
      const name = groups.find((group): group is string => typeof group === "string") ?? "";
      if (isTerraform && whole === "${path.module}") return here;
      if (RUN.test(name)) return whole;
      return whole.includes("|") ? UNKNOWN : resolve(name);
    });
  const expandAll = (word: string) => expand(isTerraform ? expandTerraform(tree, dir, word, guesses) : word);
  return (word) => (/[{$]/.test(word) ? expandAll(word).replace(SEVERAL, UNKNOWN) : word);
}

/** Values of one name that are looked at; more of them agree on nothing. */
const MOST_VALUES = 50;

/** What all files of a kind define together, made once: each of them asks for names of the others. */
function joinDefinitions(
  all: readonly ReadonlyMap<string, readonly string[]>[],
): ReadonlyMap<string, ReadonlySet<string>> {
  const joined = new Map<string, Set<string>>();
  for (const [name, values] of all.flatMap((one) => [...one])) {
    const known = getOrMake(joined, name, () => new Set());
    for (const value of values) known.add(known.size < MOST_VALUES ? value : UNKNOWN);
  }
  return joined;
}

/** `NAME: value`, `NAME=value` and `name := value` of a file. */
function readDefinitions(file: AutomationFile, guesses: boolean): Map<string, string[]> {
  const found = new Map<string, string[]>();
  const add = (name: string, text: string) => addValue(found, name, text);
  for (const [whole, name = "", written = ""] of file.text.matchAll(definitionPattern(file.kind))) {
    const chosen = guesses ? written.replace(DEFAULTS, (_, value, other) => value ?? other) : written;
    const value = !guesses && file.kind === "make" && /^[^=]*\?=/.test(whole) ? UNKNOWN : chosen;
    const plain = file.kind === "just" ? joinJust(value) : unquote(value);
    // Prose (`cluster: Cluster to run against (required)` in a summary) and shell substitutions are no values.
    const variables = file.kind === "make" ? /\{\{.*?\}\}|\$\([\w-]+\)/g : /\{\{.*?\}\}/g;
    // What is empty here waits for an argument: `MODE=""` above the loop that reads them.
    add(name, plain === "" || /[\s`]|\$\(/.test(plain.replace(variables, "")) ? UNKNOWN : plain);
  }
  for (const [name, text] of readInline(file))
    add(name, /[\s`]|\$\(/.test(text.replace(/\{\{.*?\}\}/g, "")) ? UNKNOWN : text);
  if (file.kind === "shell" && !guesses) for (const [, name = ""] of file.text.matchAll(SET_WITHIN)) add(name, UNKNOWN);
  return found;
}

/** What sets a variable within a line: `--prod) MODE=prod ;;`, `[ -z "$C" ] && C=one`. */
const SET_WITHIN = /(?:[;)&|{]|\b(?:then|else|do)[ \t])[ \t]*(?:export[ \t]+|local[ \t]+)?([A-Za-z_]\w*)=(?!=)/g;

/** `{{.DIR | default "a/b"}}` and `${1:-a/b}`, whatever the variable is called. */
const DEFAULTS = /\{\{-?\s*\.\w+\s*\|\s*default\s+["']([^"'{}]*)["']\s*-?\}\}|\$\{\w+:?-([^${}]*)\}/g;

/** Items of a loop beyond these tell nothing more. */
const MAX_ITEMS = 50;

/** What all values of a loop have in common, `for c in prod/ staging/`: here what may be any folder, and a slash. */
function readLoops({ kind, text }: AutomationFile): Map<string, string[]> {
  const found = kind === "workflow" ? readMatrices(text) : new Map<string, string[]>();
  if (kind === "renovate" || kind === "lint" || !/\bfor[ \t]/.test(text)) return found;
  for (const [, name = "", list = ""] of text.matchAll(/\bfor[ \t]+(\w+)[ \t]+in[ \t]+([^;\n]{1,2000})/g)) {
    const open = list.replace(/"\$\{?\w+\}?"|\$\{\w+\}|\$\w+/g, UNKNOWN);
    const items = open.trim().split(/\s+/);
    const isRead = items.length <= MAX_ITEMS && !/[$`(){}|<>]/.test(open);
    const value = isRead ? commonOf(items.map((item) => unquote(item).replaceAll("*", UNKNOWN))) : UNKNOWN;
    addValue(found, name, value);
  }
  return found;
}

/** The values of a matrix, which a workflow calls `matrix.cluster`: those written out, where nothing adds to them. */
function readMatrices(text: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  if (!/^[ \t]+matrix:[ \t\r]*$/m.test(text) || /^[ \t]+include:/m.test(text)) return found;
  let depth: number | undefined;
  for (const line of text.split("\n")) {
    const [, indent = "", key = "", list] = /^([ \t]+)([\w-]+):[ \t]*(?:\[([^\]\n]*)\])?/.exec(line) ?? [];
    if (depth !== undefined && key !== "" && indent.length <= depth) depth = undefined;
    if (key === "matrix") depth = indent.length;
    else if (depth !== undefined && key !== "") {
      const items = (list ?? "$").split(",").map((item) => unquote(item.trim()));
      const isRead = items.length <= MAX_ITEMS && items.every((item) => /^[\w./-]+$/.test(item));
      addValue(found, `matrix.${key}`, isRead ? commonOf(items) : UNKNOWN);
    }
  }
  return found;
}

/** A third value tells no more than a second: the name has several. */
function addValue(found: Map<string, string[]>, name: string, value: string): void {
  const known = getOrMake(found, name, () => []);
  if (known.length < 2 && !known.includes(value)) known.push(value);
}

/** Folders with which all texts begin and end; what stands between is open where they differ. */
function commonOf(texts: readonly string[]): string {
  const [first = "", ...rest] = texts;
  if (rest.every((text) => text === first)) return first;
  let start = 0;
  while (start < first.length && rest.every((text) => text[start] === first[start])) start++;
  let end = 0;
  while (end < first.length - start && rest.every((text) => text.at(-1 - end) === first.at(-1 - end))) end++;
  const head = first.slice(0, first.slice(0, start).lastIndexOf("/") + 1);
  const tail = first.slice(first.length - end);
  return `${head}${UNKNOWN}${tail.includes("/") ? tail.slice(tail.indexOf("/")) : ""}`;
}

function definitionPattern(kind: AutomationKind): RegExp {
  if (kind === "task" || kind === "workflow" || kind === "other") return /^[ \t]+([A-Za-z_]\w*):[ \t]+(\S.*)$/gm;
  if (kind === "just") return /^(?:export[ \t]+)?([A-Za-z_][\w-]*)[ \t]*:=[ \t]*(\S.*)$/gm;
  return /^[ \t]*(?:export[ \t]+|local[ \t]+|readonly[ \t]+)?([A-Za-z_]\w*)[ \t]*[:?]?=[ \t]*(\S.*)$/gm;
}

function unquote(value: string): string {
  const match = /^(["'])(.*?)\1/.exec(value);
  return match ? match[2]! : value.replace(/(?<!\s)\s+#.*$/s, "").trim();
}

/** `justfile_dir() + '/kubernetes'` and `root / "kubernetes"` as `{{ … }}` text that the expander reads. */
function joinJust(value: string): string {
  return splitAtSigns(value.replace(/(?<!\s)\s+#.*$/s, ""))
    .map((part) => {
      const text = part.trim();
      if (text === "+" || text === "/") return text === "/" ? "/" : "";
      const quoted = /^(["'])(.*)\1$/.exec(text);
      return quoted ? quoted[2]! : `{{ ${text.replace(/\(\)$/, "")} }}`;
    })
    .join("");
}

/** What stands between the signs of an expression, and the signs; those in quotes are text, and what does not end is one part. */
function splitAtSigns(expression: string): string[] {
  const parts = [""];
  for (const [token] of expression.matchAll(/"[^"]*"|'[^']*'|["']|[+/]|[^"'+/]+/g)) {
    if (token === '"' || token === "'") return [expression];
    if (token === "+" || token === "/") parts.push(token, "");
    else parts[parts.length - 1] += token;
  }
  return parts;
}

/** A word of a command line and where it stands in the line. */
export interface Word {
  /** As written, without surrounding quotes. */
  text: string;
  start: number;
  end: number;
  /** Set for what a template expression quotes: `{{ lookup('kustomize', dir='a/b') }}`. It may be a default or an argument. */
  isArgument?: boolean;
}

/** `clusters/"$name"/flux-system`: a variable that is quoted by itself ends no word. */
const QUOTED_ALONE = /(?<=\/)"(\$(?:\w+|\{\w+\}))"(?=\/)/g;

const WORD =
  /(?:\{\{.*?\}\}|\$\{\{.*?\}\}|\$\{[^}]*\}|\$\([\w-]+\)|(?<=\/)"\$(?:\w+|\{\w+\})"(?=\/)|(?<=[\w./-])\{[\w.-]+(?:,[\w.-]+)+\}|[^\s"'`|&;<>(){}=,[\]\\])+/g;

const EXPRESSION = /\{\{.*?\}\}/g;
const QUOTED_PATH = /(["'])([^"'\s]+\/[^"'\s]+)\1/g;

/**
 * Words of a line that may be paths; quotes, separators and `flag=` end a word, template expressions do not. The paths that
 * those quote come last.
 */
export function findWords(line: string): Word[] {
  const words = [...line.matchAll(WORD)].map(({ 0: written, index }) => ({
    text: written.replace(QUOTED_ALONE, "$1"),
    start: index,
    end: index + written.length,
  }));
  const inside = [...line.matchAll(EXPRESSION)].flatMap((expression) =>
    [...expression[0].matchAll(QUOTED_PATH)].map(({ 2: text = "", index }): Word => {
      const start = expression.index + index + 1;
      return { text, start, end: start + text.length, isArgument: true };
    }),
  );
  return [...words, ...inside];
}

/** Splits a simple command at spaces, keeping template expressions together; the words come without their quotes. */
export function splitCommand(command: string): string[] {
  const words = command.match(/(?:\{\{.*?\}\}|"[^"]*"|'[^']*'|\S)+/g) ?? [];
  return words.map((word) => word.replace(/^(["'])(.*)\1$/, "$2"));
}

/** Whether the line is a comment in every language met here. */
export function isComment(line: string): boolean {
  return /^\s*(#(?!!)|\/\/)/.test(line);
}

/** A line without the comment at its end; a `#` inside quotes starts none. */
export function withoutComment(line: string): string {
  for (const { index } of line.matchAll(/\s#(?=\s)/g)) {
    const before = line.slice(0, index);
    const isOpen = (quote: string) => before.split(quote).length % 2 === 0;
    if (!isOpen('"') && !isOpen("'")) return before;
  }
  return line;
}

/**
 * Flags between the kind and the name: `flux reconcile ks --with-source -n flux-system NAME`. No flag can be read in two ways:
 * a row of them would be tried in all, which doubles with every flag.
 */
export const FLAGS = String.raw`(?:(?:-n|--(?:namespace|context|kube-context|timeout))(?:=|\s+)\S+\s+|--(?!(?:namespace|context|kube-context|timeout)[=\s])[\w-]+(?:=\S+)?\s+)*`;
