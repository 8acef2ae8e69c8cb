import { type AutomationFile, listAutomation } from "../../../src/cluster/automation-files.ts";
import type { Line as AnyLine } from "../../../src/cluster/entered-folders.ts";
import { readEntering, UNKNOWN } from "../../../src/cluster/entering.ts";
import { getOrMake } from "../../../src/contract/group-by.ts";
import { sh } from "../../../src/contract/shell.ts";
import { basename, dirname } from "../../../src/delivery/paths.ts";
import { remember } from "../../../src/files/remember.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { argumentOfApply } from "./calls.ts";
import { isDeclared, isPutThere } from "./declared.ts";
import { beginsRecipe, enterOwn, listRunFolders, resolveEntered } from "./entering.ts";
import { isGivenToApply } from "./functions.ts";
import { findIncludedDirs } from "./includes.ts";
import { matchOldLines } from "./line-numbers.ts";
import { argumentsAround, commandAround } from "./lines.ts";
import { appliesByModule, appliesByTask } from "./modules.ts";
import { isNamePlace, isNeededRecipe } from "./name-places.ts";
import { makePrinted } from "./printed.ts";
import { isRecursive, matchAbove } from "./recursive.ts";
import { matchSearched } from "./searched.ts";
import { type Match, matchHere, matchWord, type Target } from "./targets.ts";
import { type Expand, findWords, isComment, makeExpander, splitCommand, type Word } from "./words.ts";

/** A line of a file, with its place. */
export interface Line extends AnyLine {
  file: AutomationFile;
  /** Counted from 1. */
  number: number;
  /** The same in the tree that the lines are read for, where another cluster's edits moved them. */
  told: number;
  /** Offset of the line in the text. */
  start: number;
  /** The same with a variable that has a default taken for that. */
  guess: Expand;
  /** The folder that the file's tool is started from, which `ROOT_DIR` and its like mean. */
  home: string;
  /** A script prints it, as the words of its usage. */
  isPrinted: boolean;
  /** It changes into a folder, the first of `bases` that is one, and does nothing else. */
  onlyEnters: boolean;
}

/** A line, and a word of it that names a target. */
export interface Mention {
  line: Line;
  word: Word;
  match: Match;
}

/** A command line that applies a target. */
export interface Apply extends Mention {
  /** Set when the line is this one command and nothing else, so that it can be replaced as a whole. */
  command: Command | undefined;
}

interface Command {
  lead: string;
  tail: string;
  flags: string[];
  isItem: boolean;
}

/** Lines of a file; folders a script changes into count as bases from there on. Comments run nothing, they only name. */
export function readLines(tree: Tree, file: AutomationFile, all: readonly AutomationFile[]): Line[] {
  const expand = makeExpander(tree, file, all);
  const guess = makeExpander(tree, file, all, true);
  const homes = homesOf(tree, file);
  const home = homes[0] ?? "";
  let start: readonly string[] = [
    ...new Set([...findIncludedDirs(tree, file), "", dirname(file.path), ...homes, ...listRunFolders(file, expand)]),
  ];
  let bases = start;
  let before = "";
  const lines: Line[] = [];
  let offset = 0;
  const oldLine = matchOldLines(tree.read(file.path), file.text);
  const printed = makePrinted();
  for (const [index, raw] of file.text.split("\n").entries()) {
    const text = raw.replace(/\r$/, "");
    const inComment = isComment(text);
    const isPrinted = printed(text);
    if (beginsRecipe(file, text, before)) bases = start;
    const entering = inComment ? undefined : readEntering(text);
    if (entering) {
      const own = enterOwn(tree, file, text);
      const into =
        own === undefined ? resolveEntered(tree, file, expand(entering.folder), [bases[0]!, "", ...homes]) : [own];
      bases = enter(into, bases);
      if (/^set\s/.test(text)) start = bases;
    }
    const onlyEnters = entering?.isAll ?? false;
    const number = index + 1;
    const place = { number, told: oldLine(number), start: offset };
    lines.push({ file, ...place, text, expand, guess, bases, home, isComment: inComment, isPrinted, onlyEnters });
    offset += raw.length + 1;
    if (text.trim() !== "") before = text;
  }
  return lines;
}

/**
 * Folders above a file, the uppermost first, that hold what its tool looks for there, such as `platform/Taskfile.yaml` above
 * `platform/.taskfiles/flux/Taskfile.yaml`. A script may be started from any folder above it.
 */
function homesOf(tree: Tree, { kind, path }: AutomationFile): string[] {
  const known = remember(tree, "tool homes", kind, () => {
    const peers = listAutomation(tree).filter((other) => other.kind === kind && isStart(other.path));
    return new Set(peers.map((other) => dirname(other.path)));
  });
  const parts = dirname(path).split("/");
  const above = parts.map((_, index) => parts.slice(0, index).join("/"));
  return kind === "shell" ? above.slice(0, MAX_HOMES) : [...above, dirname(path)].filter((dir) => known.has(dir));
}

const MAX_HOMES = 8;

/** Whether a tool that is started in the folder of a file reads it; what lies in `.taskfiles/flux` is included from elsewhere. */
function isStart(path: string): boolean {
  const isIncluded = /(^|\/)\.?(tasks?|taskfiles?|just|justfiles?)\//i.test(path);
  return (
    !isIncluded &&
    /^(taskfile(\.dist)?\.ya?ml|\.?justfile|(gnu)?makefile|\.?mise(\.local)?\.toml)$/i.test(basename(path))
  );
}

/** Folders a script may be in; of a script that changes into very many, the last ones. */
const MAX_BASES = 20;
const MAX_PATH = 1024;

function enter(into: readonly string[], bases: readonly string[]): readonly string[] {
  const short = into.filter((path) => path.length <= MAX_PATH);
  if (short.length === 0) return bases;
  const all = [...new Set([...short, ...bases])];
  // The root and the folder of the file stay.
  return all.length > MAX_BASES ? [...all.slice(0, MAX_BASES - 2), ...all.slice(-2)] : all;
}

/** The first target that a line names for certain, else the first that it may name, of those that go before others. */
export function matchLine(line: Line, targets: readonly Target[], tree: Tree): Mention | undefined {
  const inFolders = isRecursive(line.text);
  const text = pathText(line);
  const found = findWords(text).flatMap((word): Mention[] => {
    const open = isHere(line, word)
      ? matchHere(word.text, line.bases, targets, tree)
      : (matchWord(word.text, line.expand, line.bases, targets, tree) ??
        (inFolders ? matchAbove(line.expand(word.text), line.bases, targets, tree) : undefined) ??
        matchSearched(line.file, text, word, targets, tree));
    const isSettled = open !== undefined && (open.certain || open.others.length > 0);
    const guessed = isSettled ? undefined : matchGuess(line, word, targets, tree);
    const match = guessed?.match ?? open;
    if (!match || isNeededRecipe(line.file.kind, text, word)) return [];
    if (isNamePlace(text, word, line.expand(word.text), line.isComment)) return [];
    const isCertain = match.certain && !word.isArgument && !isLooped(line, word.text);
    if (match.byName && !/\b(?:kubectl|kustomize|oc|k)\s/.test(line.text)) return [];
    return [{ line: guessed?.line ?? line, word, match: { ...match, certain: isCertain } }];
  });
  // `for d in clusters/*/flux-system; do cat $d/gotk-sync.yaml`: the folder may stay.
  return found.find(({ match }) => match.certain) ?? found.find(({ match }) => match.target.vanishes) ?? found[0];
}

/**
 * What a word with a default in it means where nothing else is said; asked where it is not known to mean any, nor to mean several. `DIR ?= …` of a
 * Makefile is as good as set.
 */
function matchGuess(line: Line, { text }: Word, targets: readonly Target[], tree: Tree) {
  if (!/[{$]/.test(text) || line.guess(text) === line.expand(text)) return undefined;
  const match = matchWord(text, line.guess, line.bases, targets, tree);
  if (!match) return undefined;
  const isSet = line.file.kind === "make" && match.certain;
  const guessed: Match = isSet ? match : { ...match, certain: false, byDefault: true };
  return { line: { ...line, expand: line.guess }, match: guessed };
}

/** What finds its files by a backslash: `clusters\home`. */
const WINDOWS = /\.(?:ps1|psm1|cmd|bat)$/i;

/** A line with the paths in it as the rest of the repository writes them; each stands where it stood. */
function pathText({ text, file }: Line): string {
  return WINDOWS.test(file.path) ? text.replaceAll("\\", "/") : text;
}

/** Whether a word says nothing but where a command stands: `kubectl apply -k .` in a folder that builds. */
function isHere({ text }: Line, { text: word, start }: Word): boolean {
  const before = /^\.[./]*$/.test(word) && text.slice(0, start);
  return before !== false && /(?:\s-[fk]|--kustomize|--filename|\bkustomize\s+build)[=\s]\s*["']?$/.test(before);
}

/** Whether a word takes several values in one run: `for: [flux, cilium]` with `{{.ITEM}}`, `for dir in …` with `$dir`. */
function isLooped({ file }: Line, word: string): boolean {
  const names = [...word.matchAll(/\{\{-?\s*\.(\w+)|\$\{?(\w+)/g)].map((match) => match[1] ?? match[2]!);
  return names.some((name) => (file.kind === "task" && ["ITEM", "KEY"].includes(name)) || loopNamesOf(file).has(name));
}

const loopNames = new WeakMap<AutomationFile, ReadonlySet<string>>();

/** What a file lets run over several values, read once: a file may hold thousands of words. */
function loopNamesOf(file: AutomationFile): ReadonlySet<string> {
  return getOrMake(loopNames, file, () => {
    const found = file.text.matchAll(/\bfor[ \t]+(\w+)\s+in\b|^[ \t]+as:[ \t]*(\w+)/gm);
    return new Set([...found].map((match) => match[1] ?? match[2]!));
  });
}

/** `Tiltfile`, `Tiltfile.ci`, `flux.tilt`: Tilt applies what `k8s_yaml` is given. */
const TILT = /(?:^|\/)Tiltfile(?:\.[\w-]+)?$|\.tilt$/i;

/** What kubectl is told to do, and not a folder that is called so: `grep path: apply/apps/sync.yaml`. */
const VERB = /(?<!\/)\b(?:apply|create|replace)\b(?!\/)/;

/** Reads a line as a command that applies a target; undefined when it does something else with it. */
export function readApply(mention: Mention): Apply | undefined {
  const { file, start, number } = mention.line;
  if (file.kind === "other" && appliesByModule(file.text, start)) return { ...mention, command: undefined };
  if (TILT.test(file.path) && /\bk8s_yaml\(/.test(mention.line.text)) return { ...mention, command: undefined };
  if (appliesByTask(file.text, start) || appliesUnsaid(mention)) return { ...mention, command: undefined };
  const lines = commandAround(file, number - 1);
  const own = argumentsAround(file, number - 1);
  const broken = own.length > 0 ? own : lines.filter((line) => !isComment(line));
  const text = own.length === 0 && lines.length === 1 ? mention.line.text : broken.join("\n");
  const applies = /\b(kubectl|kustomize|oc|k|KUBECTL)\b/.test(text) && VERB.test(text);
  // A dry run checks what is there, or prints what another command may apply; either way it starts no cluster.
  const isDry =
    /\s--dry-run(?!=["']?none)\b/.test(text) &&
    !/\|\s*["'$({]{0,4}(?:kubectl|oc|k|KUBECTL)\b[^|]*\b(?:apply|create|replace)\b/.test(text);
  if (!applies || isDry || /\bdelete\b/.test(text)) return undefined;
  return { ...mention, command: lines.length === 1 ? readCommand(mention.line) : undefined };
}

/** Whether a line has applied what it names, without the command for it: a call, a path in the file of a program, a copy. */
function appliesUnsaid({ line, word }: Mention): boolean {
  const { file, text, number } = line;
  const argument = argumentOfApply(file, number - 1, word.start);
  // Where it is the only value of the argument, the task itself is what is dealt with.
  if (argument !== undefined && line.expand(`{{.${argument}}}`).includes(UNKNOWN)) return true;
  return isGivenToApply(file, text, word) || isDeclared(file, text, word) || isPutThere(text);
}

const CLUSTER =
  /(?:^|\s)(?:--(kubeconfig|context)(?:=|\s+)|KUBECONFIG=)((?:\{\{[^{}]*\}\}|"[^"]*"|'[^']*'|[^\s"'|&;])+)/g;
/** A name, a path, variables, also `${var.name}` of Terraform, and templates that name no more than one, in quotes or not. */
const PLAIN_VALUE = /^(["']?)(?:[\w.,:@~/-]|\$(?=\w)|\$\{[\w.]+\}|\{\{[\w .$-]*\}\})+\1$/;
/** The same with any template: what fills it in does so between other quotes as well. */
const TEMPLATED_VALUE = /^(["']?)((?:[\w.,:@~/-]|\{\{[^{}]*\}\})+)\1$/;
/** What a shell takes as it stands between quotes, such as a name with a space: `"my prod"`. */
const QUOTED_VALUE = /^(?:"([^"$`\\!]*)"|'([^']*)')$/;

/** Advice is copied into a shell: a value that runs something stays a text there, and the command fails. */
function toWord(value: string): string {
  if (PLAIN_VALUE.test(value)) return value;
  const [, double, single] = QUOTED_VALUE.exec(value) ?? [];
  return sh`${TEMPLATED_VALUE.exec(value)?.[2] ?? double ?? single ?? value}`.line;
}

/**
 * The flags of an apply that choose its cluster, as helm calls them. Of a command that does more than apply they are
 * looked for in its text: what is advised in its place must not start another cluster.
 */
export function clusterFlags({ command, line, match }: Apply): readonly string[] {
  if (command) return command.flags;
  const text = commandAround(line.file, line.number - 1)
    .filter((part) => !isComment(part))
    .map((part) => part.replace(/\\\r?$/, ""))
    .join(" ");
  // The two ways of a Makefile to write a variable; the other one looks like a shell's own command.
  const parts = splitList(line.file.kind === "make" ? text.replace(/\$\((\w+)\)/g, "${$1}") : text);
  const applies = parts.filter((part) => /\b(?:kubectl|k|oc|KUBECTL)\b/.test(part) && VERB.test(part));
  const own = applies.find((part) => part.includes(basename(match.target.path))) ?? applies[0];
  if (own === undefined) return [];
  const exported = parts.slice(0, parts.indexOf(own)).filter((part) => /^\s*export\s+KUBECONFIG=/.test(part));
  const byName = new Map<string, string>();
  for (const [, flag, value = ""] of [...exported, own].join(" ").matchAll(CLUSTER)) {
    byName.set(flag === "context" ? "--kube-context" : "--kubeconfig", toWord(value));
  }
  return [...byName].flat();
}

/** The same flags as words of a shell: in the line itself a template may hold what only the shell of somebody else would run. */
export function copiedFlags(apply: Apply): readonly string[] {
  const { command, line } = apply;
  const isVariable = (value: string) => line.file.kind === "make" && /^\$\([\w-]+\)$/.test(value);
  return command ? command.flags.map((word) => (isVariable(word) ? word : toWord(word))) : clusterFlags(apply);
}

/** The commands of a line, cut where a shell ends one, and not within quotes or templates. */
function splitList(text: string): string[] {
  const parts = text.matchAll(/(?:[^&|;()"'\\{]+|\{\{[^{}]*\}\}|"(?:[^"\\]|\\.)*"|'[^']*'|\\.|["'\\{])+/gs);
  return [...parts].map(([part]) => part);
}

const LEADS = {
  task: /^(\s*(?:-\s+)?(?:cmd:\s+)?(["']?))((?:kubectl|kustomize|k|oc)\s.*?)(\2\s*(?:\s#.*)?)$/,
  just: /^(\s+(?:(?:@-?|-)\s*)?())((?:kubectl|kustomize|k|oc)\s.*?)(\s*)$/,
  make: /^(\t@?-?()\s*)((?:kubectl|kustomize|k|oc)\s.*?)(\s*)$/,
  shell: /^(\s*())((?:kubectl|kustomize|k|oc)\s.*?)(\s*)$/,
  mise: /^(\s*(?:run\s*=\s*)?\[?\s*(["']))((?:kubectl|kustomize|k|oc)\s.*?)(\2\s*\]?,?\s*)$/,
} as const;

const PATHS = ["-k", "--kustomize", "-f", "--filename"];
const WITH_VALUE = [...PATHS, "--kubeconfig", "--context", "-n", "--namespace", "--field-manager"];
const ALONE = "apply create --server-side --server-side=true --force-conflicts --wait --recursive -R".split(" ");

/** `kustomize build FOLDER`, and the same of kubectl: what it prints is all that the folder holds. */
const BUILDS =
  /^(?:kustomize\s+build|(?:kubectl|k|oc)\s+kustomize)\s+(?:--load-restrictor[=\s]\s*\w+\s+)?([^\s|-][^\s|]*)\s*$/;

/** A command line as what stands before its first pipe, with the names in templates masked, and what stands behind it. */
function readPiped(text: string): { build: string; body: string } {
  const masked = text.replace(/\{\{.*?\}\}/g, (template) => "_".repeat(template.length));
  const at = masked.indexOf("|");
  return at < 0 ? { build: "", body: text } : { build: masked.slice(0, at), body: text.slice(at + 1).trim() };
}

/** A command without its templates and the variables of a Makefile. */
function withoutNames(text: string): string {
  return text.replace(/\{\{.*?\}\}/g, "").replace(/\$\([\w-]+\)/g, "");
}

/**
 * The parts of a plain `kubectl apply` line, or of `kustomize build FOLDER | kubectl apply -f -`; undefined for other pipes,
 * conditions, continuations and flags not known here.
 */
function readCommand(line: Line): Command | undefined {
  const lead = LEADS[line.file.kind as keyof typeof LEADS];
  // Patterns take long over a line that they do not see the end of.
  const match = /[\u2028\u2029]|\r./.test(line.text) ? null : lead?.exec(line.text);
  if (!match) return undefined;
  const { build, body } = readPiped(match[3]!);
  if (build !== "" && !(BUILDS.test(build) && /^(?:kubectl|k|oc)\s/.test(body))) return undefined;
  if (/[|&;<>\\`]|\$\(/.test(withoutNames(build + body))) return undefined;
  const words = splitCommand(build === "" ? body : body.replace(/(\s-f)-(?=\s|$)/, "$1 -")).slice(1);
  const flags: string[] = [];
  let paths = 0;
  for (let index = 0; index < words.length; index++) {
    const word = words[index]!;
    if (ALONE.includes(word)) continue;
    const [, name = word, inline] = /^(--[^=]+)=(.*)$/.exec(word) ?? [];
    const value = inline ?? words[++index];
    if (!WITH_VALUE.includes(name) || value === undefined) return undefined;
    const flag = { "--kubeconfig": "--kubeconfig", "--context": "--kube-context" }[name];
    if (flag && /[\s"']/.test(value.replace(/\{\{.*?\}\}/g, ""))) return undefined;
    // A variable in quotes keeps them: without, a shell would split what it holds.
    if (flag) flags.push(flag, value.includes("$") && body.includes(`"${value}"`) ? `"${value}"` : value);
    if (PATHS.includes(name)) paths++;
    // Without a build before it, what is applied comes from elsewhere.
    if (PATHS.includes(name) && (value === "-") !== (build !== "")) return undefined;
  }
  if (paths !== 1) return undefined;
  const isItem = line.file.kind !== "task" || /^\s*-\s+(?!cmd:)/.test(match[1]!) || !/cmd:|-\s/.test(match[1]!);
  return { lead: match[1]!, tail: match[4]!, flags, isItem };
}
