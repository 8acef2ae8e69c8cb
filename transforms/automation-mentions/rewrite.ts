import { type AutomationFile, type AutomationKind, isEditable } from "../../src/cluster/automation-files.ts";
import type { TextRange } from "../../src/contract/edit.ts";
import { matchTokens } from "../../src/delivery/glob.ts";
import { dirname, isWithin, normalizePath, relative } from "../../src/delivery/paths.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { TransformContext } from "../contract.ts";
import type { Apply, Mention } from "../shared/automation/applies.ts";
import { type FluxApp, findApps } from "../shared/automation/apps.ts";
import { chooseHelmfileDir, findHelmfile } from "../shared/automation/helmfile-find.ts";
import { listTargets, type Role } from "../shared/automation/targets.ts";
import { isComment, segmentTest, UNKNOWN } from "../shared/automation/words.ts";

/** How the new install is run from a command line. */
export interface Bootstrap {
  /** The helmfile with both releases. */
  path: string;
  /** A helmfile of ours that only extracts CRDs and that nothing runs yet. */
  crds?: string;
  operator: string;
  instance: string;
  namespace: string;
}

/** The helmfile that installs both releases, as it is in the tree; undefined when it lacks one of them. */
export function findBootstrap(context: TransformContext): Bootstrap | undefined {
  const { helmfile } = findHelmfile(context);
  const { operator, instance } = findApps(context);
  if (!helmfile || !operator || !instance) return undefined;
  const lists = ({ release }: FluxApp) =>
    new RegExp(`name:[ \\t]*["']?${escapeRegExp(release)}["']?\\s`).test(helmfile.text);
  if (!lists(operator) || !lists(instance)) return undefined;
  const { crds } = helmfile;
  const isOurs = crds !== undefined && context.tree.read(crds)?.includes("# Only rendered, never installed");
  return {
    path: helmfile.path,
    ...(isOurs ? { crds } : {}),
    operator: operator.release,
    instance: instance.release,
    namespace: instance.namespace,
  };
}

/** What source and root are kinds of; the operator installs all of a release together. */
const CRDS = ["gitrepositories.source.toolkit.fluxcd.io", "kustomizations.kustomize.toolkit.fluxcd.io"];

/**
 * The commands that do what an apply did, or that go before it when its line stays; `roles` says which parts of the
 * install it stands for.
 */
export function makeReplacement(apply: Apply, bootstrap: Bootstrap, roles: readonly Role[]): string[] | undefined {
  const path = quote(apply, expressPath(apply, bootstrap.path));
  const crds = bootstrap.crds && quote(apply, expressPath(apply, bootstrap.crds));
  if (path === undefined || (bootstrap.crds !== undefined && crds === undefined)) return undefined;
  const flags = apply.command?.flags.map((flag) => ` ${flag}`).join("") ?? "";
  const selectors = roles.map((role) => ` --selector name=${bootstrap[role]}`).join("");
  const kubectl = `kubectl${flags.replace("--kube-context", "--context")}`;
  const extract = `helmfile${flags} --file ${crds} template --include-crds --quiet`;
  // Not until the instance is Ready: the root it syncs may wait for what this very line applies.
  const established = `${kubectl} wait ${CRDS.map((name) => `crd/${name}`).join(" ")} --for=condition=Established`;
  return [
    ...(crds && roles.includes("operator") ? [`${extract} | ${kubectl} apply --server-side --filename -`] : []),
    `helmfile${flags} --file ${path}${selectors} sync`,
    ...(apply.match.target.stays && roles.includes("instance") ? [`until ${established}; do sleep 5; done`] : []),
  ];
}

/** A variable of a shell may hold a path with spaces. */
function quote({ line }: Mention, path: string | undefined): string | undefined {
  return line.file.kind === "shell" && path?.includes("$") ? `"${path}"` : path;
}

/**
 * A repository path written the way the old one was: with the same variables, from the same folder. Undefined where
 * the file's language gives no way to say it, or a shell would not read it as one word.
 */
function expressPath(mention: Mention, path: string): string | undefined {
  const said = sayPath(mention, path);
  if (said === undefined || said.startsWith("-")) return undefined;
  const kept = [mention.word.text, ...Object.values(ROOTS)].map((known) => countShared(said, known));
  return /^[\p{L}\p{N}_@%+=:,./-]*$/u.test(said.slice(Math.max(...kept))) ? said : undefined;
}

/** Characters with which both texts begin. */
function countShared(a: string, b: string): number {
  let count = 0;
  while (count < a.length && a[count] === b[count]) count++;
  return count;
}

function sayPath({ line, match, word: { text: word } }: Mention, path: string): string | undefined {
  const parts = word.replace(/\/+$/, "").split(/\/(?![^{]*\}\})/);
  for (let count = parts.length - 1; count > 0; count--) {
    const prefix = parts.slice(0, count).join("/");
    const folder = prefixFolder(line.expand(prefix), match.target.path, parts.length - count);
    if (folder !== undefined && folder !== "" && isWithin(path, folder)) return `${prefix}/${relative(folder, path)}`;
  }
  const variable = parts[0] ?? "";
  const beside = prefixFolder(line.expand(variable), match.target.path, parts.length - 1);
  // A script that finds its own folder: from there the way leads through the folders above.
  if (line.file.kind === "shell" && parts.length > 1 && /^\$(\w+|\{\w+\})$/.test(variable) && beside) {
    return `${variable}/${relative(beside, path)}`;
  }
  const expanded = line.expand(word);
  const isRelative = !expanded.includes(UNKNOWN) && !/^[/~]/.test(expanded);
  if (isRelative && (expanded === word || line.file.kind === "make" || line.file.kind === "shell")) {
    const from = relative(match.base, path);
    return word.startsWith("./") && !from.startsWith("..") ? `./${from}` : from;
  }
  const root = ROOTS[line.file.kind];
  return root && `${root}/${path}`;
}

/** The root of the repository, where a language has a word for it. */
const ROOTS: Partial<Record<AutomationKind, string>> = {
  task: "{{.ROOT_DIR}}",
  just: "{{ justfile_directory() }}",
  mise: "{{ config_root }}",
};

/** The folder a prefix of the old word means: its own text when known, else counted back from the path it matched. */
function prefixFolder(expanded: string, target: string, dropped: number): string | undefined {
  let folder = target;
  for (let index = 0; index < dropped; index++) folder = dirname(folder);
  if (expanded.includes(UNKNOWN)) return folder;
  return normalizePath(expanded) === folder ? folder : undefined;
}

/** The range that puts a replacement in; undefined when the line may not be rewritten. */
export function toRange({ line, command, match }: Apply, lines: readonly string[]): TextRange | undefined {
  const keeps = match.target.stays;
  if (!command || !isEditable(line.file.kind)) return undefined;
  const isSeveral = lines.length > 1 || keeps;
  if (isSeveral && (!command.isItem || /\[|run\s*=/.test(command.lead))) return undefined;
  const eol = line.file.text.includes("\r\n") ? "\r\n" : "\n";
  const written = lines.map((text) => command.lead + text + command.tail);
  const text = keeps ? written.map((item) => item + eol).join("") : written.join(eol);
  if (lines.length === 0) return command.isItem ? { ...wholeLine(line), text: "" } : undefined;
  return { start: line.start, end: keeps ? line.start : line.start + line.text.length, text };
}

function wholeLine({ file, start, text }: Apply["line"]) {
  const end = file.text.indexOf("\n", start + text.length);
  return { start, end: end < 0 ? start + text.length : end + 1 };
}

/**
 * Whether the lines around one, as far as they are indented like it or deeper (a recipe, a function, a list of commands),
 * run a release of the helmfile by its name.
 */
export function isRunNear({ line }: Apply, release: string): boolean {
  const lines = linesOf(line.file);
  const depth = (text: string) => text.length - text.trimStart().length;
  const own = depth(line.text);
  const belongs = (text: string | undefined) => text !== undefined && (text.trim() === "" || depth(text) >= own);
  let first = line.number - 1;
  let last = first;
  while (line.number - first <= FURTHEST && belongs(lines[first - 1])) first--;
  while (last - line.number <= FURTHEST && belongs(lines[last + 1])) last++;
  const selector = new RegExp(`\\bhelmfile\\b.*--selector name=${escapeRegExp(release)}(?![\\w-])`);
  return lines.slice(first, last + 1).some((text) => !isComment(text) && selector.test(text));
}

/** Lines to each side that count as near; a task has ten at most. */
const FURTHEST = 50;

const split = new WeakMap<AutomationFile, readonly string[]>();

function linesOf(file: AutomationFile): readonly string[] {
  const lines = split.get(file) ?? file.text.split("\n");
  split.set(file, lines);
  return lines;
}

/** Whether the instance is already installed just before a line that stays: a second run adds nothing. */
export function isDone({ line }: Apply, bootstrap: Bootstrap): boolean {
  let from = line.start;
  for (let lines = 0; lines < 5 && from > 0; lines++) from = line.file.text.lastIndexOf("\n", from - 1);
  return line.file.text.slice(Math.max(0, from), line.start).includes(`--selector name=${bootstrap.instance}`);
}

/** A check that a removed file is there, and nothing else, now looks for the helmfile that takes its place. */
export function toCheckRange(mention: Mention, bootstrap: Bootstrap): TextRange | undefined {
  const { line, word, match } = mention;
  const isCheck = /^\s*(?:-\s+)?(?:\{?\s*msg:[^,]*,\s*)?(?:sh:\s*)?["']?test -[fe] [^|&;]+$/.test(line.text);
  if (!isCheck || !match.certain || !match.target.isFile || !isEditable(line.file.kind)) return undefined;
  const text = expressPath(mention, bootstrap.path);
  return text === undefined ? undefined : { start: line.start + word.start, end: line.start + word.end, text };
}

/**
 * Whether one line that serves several clusters (`kubernetes/{{.cluster}}/bootstrap/flux`) may be rewritten for all of
 * them at once: each is migrated by this run, loses the same thing, and has its helmfile at the place the new text
 * means. Otherwise the rewritten line would break the rebuild of a cluster that still has its old bootstrap.
 */
export function isServedForAll(context: TransformContext, apply: Apply, bootstrap: Bootstrap | undefined): boolean {
  const { others, target } = apply.match;
  const path = bootstrap && bootstrap.crds === undefined ? expressPath(apply, bootstrap.path) : undefined;
  if (others.length === 0 || path === undefined) return false;
  const fits = toTest(apply.line.expand(path));
  if (!fits(bootstrap!.path)) return false;
  const rivals = context.model.clusters.filter(
    (cluster) => cluster !== context.cluster && context.agreed.takesPart(cluster) && cluster.instances.length > 0,
  );
  return others.every((other) =>
    rivals.some((cluster) => {
      const its = { ...context, cluster };
      const same = listTargets(its).find(({ path }) => path === other);
      const isAlike = same !== undefined && same.stays === target.stays && String(same.roles) === String(target.roles);
      return isAlike && fits(helmfileOf(its) ?? "");
    }),
  );
}

/** The helmfile a cluster has, or gets in this run. */
function helmfileOf(context: TransformContext): string | undefined {
  const found = findHelmfile(context).helmfile?.path;
  const dir = found === undefined ? chooseHelmfileDir(context) : undefined;
  return found ?? (dir && `${dir}/01-apps.yaml`);
}

function toTest(pattern: string): (path: string) => boolean {
  const segments = pattern.split("/").filter((segment) => segment !== "" && segment !== ".");
  return (path) => matchTokens(segments.map(segmentTest), path.split("/")) !== undefined;
}
