import { type AutomationKind, isEditable } from "../../src/cluster/automation-files.ts";
import { UNKNOWN } from "../../src/cluster/entering.ts";
import { cutEnd } from "../../src/contract/cut.ts";
import type { TextRange } from "../../src/contract/edit.ts";
import { dirname, isWithin, normalizePath, relative } from "../../src/delivery/paths.ts";
import { escapeRegExp } from "../../src/delivery/patterns.ts";
import type { TransformContext } from "../contract.ts";
import { type Apply, clusterFlags, type Line, type Mention } from "../shared/automation/applies.ts";
import { type FluxApp, findApps } from "../shared/automation/apps.ts";
import { type ByHand, dollarIn, onOneLine, planByHand, type Wording } from "../shared/automation/by-hand.ts";
import { findHelmfile } from "../shared/automation/helmfile-find.ts";
import { lineEndOf } from "../shared/automation/lines.ts";
import type { Match, Role } from "../shared/automation/targets.ts";
import { type Awaited, getRoot, kubectlWith, sayFlags, until } from "./awaited.ts";

/** How the new install is run from a command line: by a helmfile with both releases, or by a command each. */
export type Bootstrap = ByHelmfile | Record<Role, ByHand>;

interface ByHelmfile {
  path: string;
  /** A helmfile of ours that only extracts CRDs and that nothing runs yet. */
  crds?: string;
  operator: string;
  instance: string;
}

/**
 * The helmfile that installs both releases, as it is in the tree; undefined when it lacks one of them. Commands of helm
 * where no helmfile is used, nor wanted.
 */
export function findBootstrap(context: TransformContext): Bootstrap | undefined {
  const { helmfile, ambiguous } = findHelmfile(context);
  if (!helmfile) {
    const { operator, instance } = planByHand(context);
    const isPlain = ambiguous.length === 0 && context.options.rebuild === undefined;
    return isPlain && operator && instance ? { operator, instance } : undefined;
  }
  const { operator, instance } = findApps(context);
  if (!operator || !instance) return undefined;
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
  };
}

/** The helmfile of a bootstrap; undefined where there are commands instead. */
export function helmfileIn(bootstrap: Bootstrap | undefined): string | undefined {
  return bootstrap && "path" in bootstrap ? bootstrap.path : undefined;
}

/** What source and root are kinds of; the operator installs all of a release together. */
const CRDS = ["gitrepositories.source.toolkit.fluxcd.io", "kustomizations.kustomize.toolkit.fluxcd.io"];

/**
 * The commands that do what an apply did, or that go before it when its line stays; `roles` says which parts of the
 * install it stands for.
 */
export function makeReplacement(
  apply: Apply,
  bootstrap: Bootstrap,
  roles: readonly Role[],
  { crds, root }: Awaited,
): string[] | undefined {
  const flags = sayFlags(clusterFlags(apply));
  const kubectl = kubectlWith(flags);
  const commands =
    "path" in bootstrap
      ? runHelmfile(apply, bootstrap, roles, flags, kubectl)
      : runByHand(apply, bootstrap, roles, flags);
  // Not until the instance is Ready: the root it syncs may wait for what this very line applies.
  const established = `${kubectl} wait ${CRDS.map((name) => `crd/${name}`).join(" ")} --for=condition=Established`;
  // Until cleanup the lines behind it go on applying source and root, which want those kinds at once.
  const isAlone = crds && !apply.match.target.roles.includes("instance");
  const waits = (root || apply.match.target.stays || isAlone) && roles.includes("instance");
  return commands && [...commands, ...(waits ? [until(root ? getRoot(root, kubectl) : established)] : [])];
}

function runHelmfile(
  apply: Apply,
  bootstrap: ByHelmfile,
  roles: readonly Role[],
  flags: string,
  kubectl: string,
): string[] | undefined {
  const path = quote(apply, expressPath(apply, bootstrap.path));
  const crds = bootstrap.crds && quote(apply, expressPath(apply, bootstrap.crds));
  if (path === undefined || (bootstrap.crds !== undefined && crds === undefined)) return undefined;
  const selectors = roles.map((role) => ` --selector name=${bootstrap[role]}`).join("");
  const extract = `helmfile${flags} --file ${crds} template --include-crds --quiet`;
  return [
    ...(crds && roles.includes("operator") ? [`${extract} | ${kubectl} apply --server-side --filename -`] : []),
    `helmfile${flags} --file ${path}${selectors} sync`,
  ];
}

function runByHand(
  apply: Apply,
  bootstrap: Record<Role, ByHand>,
  roles: readonly Role[],
  flags: string,
): string[] | undefined {
  const { kind } = apply.line.file;
  const wording: Wording = {
    say: (path) => quote(apply, expressPath(apply, path)),
    word: (text) => (/^[\w@%+:,./][\w@%+:,./-]*$/.test(text) ? text : undefined),
    dollar: dollarIn(kind),
    flags,
  };
  const commands = roles.map((role) => bootstrap[role].print(wording));
  return commands.includes(undefined) ? undefined : (commands as string[]);
}

/** A variable of a shell may hold a path with spaces. */
function quote({ line }: Mention, path: string | undefined): string | undefined {
  return line.file.kind === "shell" && path?.includes("$") ? `"${path}"` : path;
}

/**
 * A repository path written the way the old one was: with the same variables, from the same folder. Undefined where
 * the file's language gives no way to say it, or a shell would not read it as one word.
 */
export function expressPath(mention: Mention, path: string): string | undefined {
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
  // What stands in front of the slash is no part of the word: `$(git rev-parse --show-toplevel)/clusters/$cluster`.
  // So it is with `"$ROOT"/clusters/home`, of which nothing is left in front.
  const isCut = (said: string) => said.includes(UNKNOWN) || cutEnd(said, "/") === `/${match.target.path}`;
  if (word.startsWith("/") && isCut(line.expand(word))) return undefined;
  const parts = cutEnd(word, "/").split(/\/(?![^{]*\}\})/);
  // A variable that holds the whole folder may be given another one: `make up DIR=clusters/edge/flux-system`.
  for (let count = match.target.isFile ? parts.length - 1 : parts.length; count > 0; count--) {
    const prefix = parts.slice(0, count).join("/");
    const dropped = parts.length - count;
    const folder = prefixFolder(line, prefix, match, dropped);
    // Counted back too far, everything is the root.
    const isCounted = folder !== "" || dropped === match.target.path.split("/").length;
    if (folder !== undefined && isCounted && isWithin(path, folder)) return `${prefix}/${relative(folder, path)}`;
  }
  const variable = parts[0] ?? "";
  const beside = prefixFolder(line, variable, match, parts.length - 1);
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
  return root && `${root}/${relative(line.home, path)}`;
}

/** The folder that a tool is started from, mostly the root of the repository, where a language has a word for it. */
const ROOTS: Partial<Record<AutomationKind, string>> = {
  task: "{{.ROOT_DIR}}",
  just: "{{ justfile_directory() }}",
  mise: "{{ config_root }}",
};

/** The folder a prefix of the old word means: its own text when known, else counted back from the path it matched. */
function prefixFolder({ expand }: Line, prefix: string, match: Match, dropped: number): string | undefined {
  let folder = match.target.path;
  for (let index = 0; index < dropped; index++) folder = dirname(folder);
  const expanded = expand(prefix);
  if (expanded.includes(UNKNOWN)) return folder;
  // Words without variables are said from the folder of the command, further down.
  const from = expanded === prefix || match.base === "" ? "" : `${match.base}/`;
  return normalizePath(from + expanded) === folder ? folder : undefined;
}

/**
 * The range that puts a replacement in; undefined when the line may not be rewritten. `isAgain`: a line that stays creates
 * what the instance has made by then.
 */
export function toRange(
  { line, command, match }: Apply,
  lines: readonly string[],
  isAgain: boolean,
): TextRange | undefined {
  const keeps = match.target.stays;
  if (!command || !isEditable(line.file.kind)) return undefined;
  const isSeveral = lines.length > 1 || keeps;
  // A comment behind the command stays behind one on the same line.
  if (command.tail.includes("#") && (isSeveral || lines.some((text) => text.includes("\n")))) return undefined;
  if (isSeveral && (!command.isItem || /\[|run\s*=/.test(command.lead))) return undefined;
  const eol = lineEndOf(line.file);
  const said = lines.map((text) => fitIn(text, command.lead, line.file.kind, eol));
  if (said.includes(undefined)) return undefined;
  const written = said.map((text) => command.lead + text + command.tail);
  const text = keeps ? written.map((item) => item + eol).join("") : written.join(eol);
  const end = line.start + line.text.length;
  if (isAgain) return { start: line.start, end, text: text + line.text.replace(CREATE, "apply") };
  if (lines.length === 0) return command.isItem ? { ...wholeLine(line), text: "" } : undefined;
  return { start: line.start, end: keeps ? line.start : end, text };
}

const CREATE = /(?<=\s)create(?=\s)/;

/** Whether a line that stays would fail on source and root, which the instance installed before it makes too. */
export function isAgain({ line, match: { target } }: Apply): boolean {
  return target.stays && target.roles.includes("instance") && CREATE.test(line.text);
}

/**
 * A command as its place can hold it, broken over lines where the place has a way to, inside the quotes it begins with.
 * Undefined where those cannot hold it.
 */
function fitIn(command: string, lead: string, kind: AutomationKind, eol: string): string | undefined {
  const text = onOneLine(command);
  if (lead.endsWith('"')) return text.replace(/["\\]/g, "\\$&");
  if (lead.endsWith("'")) return !text.includes("'") ? text : kind === "task" ? text.replaceAll("'", "''") : undefined;
  const item = kind === "task" ? /^\s*- (?=(?:cmd: )?$)/.exec(lead) : undefined;
  const column = `${/^\s*/.exec(lead)![0]}${lead.includes("cmd:") ? "    " : "  "}`;
  if (kind !== "task") return command.replaceAll("\n", ` \\${eol}${column}`);
  return item && command !== text ? `>-${eol}${column}${command.replaceAll("\n", eol + column)}` : text;
}

/** The line with its end, to be taken out. */
export function wholeLine({ file, start, text }: Apply["line"]) {
  const end = file.text.indexOf("\n", start + text.length);
  return { start, end: end < 0 ? start + text.length : end + 1 };
}
