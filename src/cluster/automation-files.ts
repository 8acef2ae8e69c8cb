import { compareText } from "../contract/compare-text.ts";
import { isKustomizationFile } from "../delivery/kustomize/index.ts";
import { remember } from "../files/remember.ts";
import type { FileStatus, Tree } from "../files/tree.ts";
import { isSopsEncrypted } from "../yaml/secret.ts";
import { joinArguments } from "./argument-lists.ts";
import { generatorLines } from "./generator-lines.ts";
import { markComments } from "./program-comments.ts";
import { readableText } from "./readable-text.ts";

/** What runs or reads a file outside Flux. Only the first five are edited, the others are listed. */
export type AutomationKind = "task" | "just" | "shell" | "make" | "mise" | "workflow" | "renovate" | "lint" | "other";

export interface AutomationFile {
  path: string;
  kind: AutomationKind;
  /** With lines blanked that are too long to be searched; offsets are those of the file. */
  text: string;
}

/**
 * The flux CLI with its flags, up to its command, also as `nix run nixpkgs#fluxcd --`, as the image of the CLI, and by a
 * variable that says so (`$FLUX`; `${flux}` and `${lib.getExe pkgs.fluxcd}` in Nix). No flag can be read in two ways, or a row
 * of them would take twice the time with each.
 */
export const FLUX = String.raw`(?:\bflux\}?|\$\{?FLUX(?:_(?:BIN|CLI|CMD))?\}?["']?|\bfluxcd(?:\s+"flux")?\}|#fluxcd\s+--|\bfluxcd\/flux-cli[:@]\S+)\s+(?:-[\w-]+(?:=\S+| (?!-)\S+)?\s+)*`;

/** What a file holds that has it install Flux: no flag stands between, as a rule. */
export const CLI_INSTALLS: readonly string[] = ["flux", "flux}", "fluxcd}", '"flux"}', '/flux"', "/flux'"].flatMap(
  (cli) => [`${cli} bootstrap`, `${cli} install`],
);

const EDITABLE: readonly AutomationKind[] = ["task", "just", "shell", "make", "mise"];

/** Whether a command line of such a file may be rewritten: it runs on a person's machine, where helmfile can be. */
export function isEditable(kind: AutomationKind): boolean {
  return EDITABLE.includes(kind);
}

const KINDS: readonly (readonly [AutomationKind, RegExp])[] = [
  ["renovate", /(^|\/)\.?renovate(rc)?(\.json5?)?$|(^|\/)\.?renovate\/.+\.json5?$/i],
  [
    "workflow",
    /(^|\/)\.(github|gitea|forgejo)\/(workflows|actions)\/.+\.ya?ml$|(^|\/)\.gitlab-ci\.ya?ml$|(^|\/)\.gitlab\/ci\/.+\.ya?ml$|(^|\/)(azure|bitbucket)-pipelines[^/]*\.ya?ml$|(^|\/)\.(azure-pipelines|azuredevops|builds|circleci|woodpecker)\/.+\.ya?ml$|(^|\/)\.(build|drone|woodpecker)\.ya?ml$|(^|\/)buildspec[^/]*\.ya?ml$/,
  ],
  [
    "lint",
    /(^|\/)\.(yamllint|yamlfmt|ansible-lint|checkov|gitleaks|kube-linter|pre-commit-config|gitattributes|\w+ignore)(\.(ya?ml|toml))?$|(^|\/)\.?lefthook\.(toml|ya?ml)$|(^|\/)CODEOWNERS$|(^|\/)\.github\/labeler\.ya?ml$/,
  ],
  ["task", /(^|\/)[tT]ask[fF]ile(\.dist)?\.ya?ml$|(^|\/)\.?task(s|files)\/.+\.ya?ml$/i],
  ["just", /(^|\/)\.?justfile$|\.just$/i],
  ["make", /(^|\/)(GNUm|M|m)akefile$|\.mk$/],
  ["mise", /(^|\/)\.?mise(\.local)?\.toml$|(^|\/)\.?mise\/(config\.toml|tasks\/.+)$/],
  ["shell", /\.(sh|bash|zsh)$/],
];

/** The kind of a file, by where it stands; `other` for what only a mention may make interesting. */
export function kindOf(path: string): AutomationKind {
  return KINDS.find(([, pattern]) => pattern.test(path))?.[0] ?? "other";
}

/** Folders whose content is kept for memory only. */
export function isArchived(path: string): boolean {
  return archiveOf(path) !== undefined;
}

/** The outermost such folder that a file lies in. */
export function archiveOf(path: string): string | undefined {
  return /^(?:.*?\/)?(?:[._]?archived?|[._]?deprecated|(?:[^/]*[._-])?bak|node_modules)(?=\/)/i.exec(path)?.[0];
}

/** Whether a file lies where something is shown, and applied to no cluster. */
export function isSample(path: string): boolean {
  return /(?:^|\/)(?:examples?|samples?|docs?|tests?|templates?)\//i.test(path);
}

export function isDocs(path: string): boolean {
  return /\.(md|mdc|mdx|markdown|rst|adoc|asciidoc|org)$/i.test(path) || /(^|\/)(README|docs?\/.+\.txt)$/i.test(path);
}

/** Of a language that manifests are generated from, into files of other names. */
export function isGenerator(path: string): boolean {
  return /\.(?:cue|dhall|jsonnet|k|libsonnet|ncl|pkl)$/.test(path);
}

export function isJinja(path: string): boolean {
  return /\.(j2|jinja2?)$/.test(path);
}

/** Whether what a file says is done to no cluster here by itself: an archive, an example, a page, a template, settings of Renovate. */
export function isAside(path: string): boolean {
  return isArchived(path) || isSample(path) || isDocs(path) || isJinja(path) || /renovate/i.test(path);
}

/** Whatever such a file says, it runs nothing: `release.yaml.disabled` is switched off by its name. */
export function isQuiet(path: string): boolean {
  return isArchived(path) || isDocs(path) || isJinja(path) || /\.(disabled|bak|orig)$/.test(path);
}

/** Steps of Ansible (`roles/flux/tasks/main.yml`), which other machines run, each by a module of its own; a Taskfile is no list. */
function isSteps(text: string): boolean {
  return /^(?:(?:#[^\n]*|---[^\n]*|[^\S\n]*)\n)*-\s/.test(text);
}

export function isProgram(path: string): boolean {
  return /\.(py|go|[cm]?[jt]sx?|rb|rs|kts?|java|cs|php|lua)$/.test(path);
}

/**
 * A file with the commands in one piece that it hands over in a list; of a program also the paths that it puts together from
 * literals, `"flux" / "config.yaml"` or `join("flux", "config.yaml")`. Every line stays where it is.
 */
export function joinedText(tree: Tree, path: string): string {
  return remember(tree, "joined text", path, () => {
    const text = joinArguments(readableText(tree, path) ?? "");
    if (!isProgram(path)) return text;
    return markComments(path, text)
      .replace(/["'][^\S\n]*\/[^\S\n]*["']/g, "/")
      .replace(/\b(?:[jJ]oin|joinpath|resolve)\([^()\n]*\)/g, (call) => call.replace(/["'`]\s*,\s*["'`]/g, "/"));
  });
}

/** Every file that automates something, by name alone, with its text; archives, docs and templates are left out. */
export function listAutomation(tree: Tree): AutomationFile[] {
  return remember(tree, "automation", "", () =>
    tree.paths.flatMap((path) => {
      const named = isQuiet(path) ? "other" : kindOf(path);
      const text = named === "other" ? undefined : readableText(tree, path);
      if (text === undefined) return [];
      // Of an encrypted file no byte changes: what it names is listed.
      if (isSopsEncrypted(text)) return [{ path, kind: "other", text }];
      // What lies in `tasks/` may be a playbook, whose lists of arguments are commands.
      const isPlay = named === "task" && isSteps(text);
      return [isPlay ? { path, kind: "other", text: joinedText(tree, path) } : { path, kind: named, text }];
    }),
  );
}

/** Scripts of Windows, which are often written in another encoding, or with two bytes a character. */
const OF_WINDOWS = /\.(?:ps1|psm1|bat|cmd)$/i;

/** Automation and pages, by name alone, of which nothing is read: no UTF-8, encrypted, closed or too large. */
export function listUnread(tree: Tree): string[] {
  return remember(tree, "unread automation", "", () =>
    tree.paths.filter((path) => {
      const isSearched = isDocs(path) ? !isArchived(path) : !isQuiet(path) && isCommanding(path);
      return isSearched && !READ.includes(tree.status(path));
    }),
  );
}

/** A link is read where it leads to. */
const READ: readonly (FileStatus | undefined)[] = ["text", "symlink", undefined];

const SHELL = /^#![^\r\n]*\b(?:ba|da|z|k|fi)?sh\b/;

/** Scripts that no name tells, by their first line, and those of Windows: nothing of them is edited. */
export function listScripts(tree: Tree, needles: readonly string[], skip: (path: string) => boolean): AutomationFile[] {
  return grepOthers(tree, needles, skip).filter(({ path, text }) => OF_WINDOWS.test(path) || SHELL.test(text));
}

function isCommanding(path: string): boolean {
  return kindOf(path) !== "other" || OF_WINDOWS.test(path);
}

/**
 * Files of no known kind that contain one of the needles and that no FluxKustomization reads: playbooks, programs, machine
 * configs, manifests an addon folder applies. Helmfiles have a transform of their own.
 */
export function grepOthers(tree: Tree, needles: readonly string[], skip: (path: string) => boolean): AutomationFile[] {
  const found = new Map<string, AutomationFile>();
  const add = (path: string, wanted?: string) => {
    if (found.has(path) || skip(path) || kindOf(path) !== "other" || isQuiet(path)) return;
    const all = joinedText(tree, path);
    // What a kustomization builds is read as such, but for charts, which Flux builds none of, and for what it takes as text.
    const text = isKustomizationFile(path) && !/^helmCharts:/m.test(all) ? generatorLines(all) : all;
    if (text !== undefined && (wanted === undefined || text.includes(wanted)))
      found.set(path, { path, kind: "other", text });
  };
  const hasPrograms = tree.paths.some(isProgram);
  for (const needle of needles) {
    for (const path of tree.grep(needle)) add(path);
    // A program may put a path together.
    const [name = "", ...dirs] = needle.split("/").reverse();
    if (!hasPrograms || name === "" || dirs.length === 0) continue;
    for (const path of tree.grep(name)) if (isProgram(path)) add(path, needle);
  }
  return [...found.values()].sort((a, b) => compareText(a.path, b.path));
}
