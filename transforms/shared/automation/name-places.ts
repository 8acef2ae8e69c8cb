import type { AutomationKind } from "../../../src/cluster/automation-files.ts";
import type { Word } from "./words.ts";

/** How far before a word is looked for what it is a value of; a line may hold thousands of words. */
const REACH = 200;

/** `-n flux-system`, `namespace: flux-system`, `"name" = "flux-system"`, `NS=flux-system`; not `filename=`. */
const VALUES =
  /(?:^|\s)(?:-n|--namespace)[=\s]\s*["']?$|(?:^|[^\w-])(?:[\w-]*namespace|(?:[\w-]*[_-])?ns|name)["']?\s*[:=]\s*["']?$/i;
/** `kubectl create namespace flux-system`, `for ns in apps flux-system`, `for tool in flux helm`. */
const LISTED = /\b(?:namespaces?|ns)\s+["']?$|\bfor\s+(?:ns|\w*namespaces?|tools?|cmds?|commands?|bins?)\s+in\s[^;]*$/i;
/** Values of a name alone that another place of the file, or nobody, has: `needs: flux`, `desc: Install flux`, `.PHONY: flux`. */
const LABELS =
  /(?:^|[\s{,])["']?(?:needs|task|deps|job|id|kind|type|role|tags?)["']?\s*[:=]\s*[["']*$|^\s*(?:-\s+)?(?:name|desc|description|summary|title|msg|message|prompt|\.PHONY)\s*[:=]\s/;
/** What calls objects and programs by their names, or prints. */
const NAMING =
  /(?:^|[\s"'@])(?:kubectl|oc|k|flux|helm|echo|printf|which|type|command\s+-v|brew|apt|apt-get|dnf|asdf|mise|choco)\s/;
/** What may stand before the name of a program that a line runs. */
const RUNS =
  /^\s*(?:-\s+)?(?:(?:run|cmd|command|sh|script)["']?\s*[:=]\s*)?["'@-]*\s*(?:(?:sudo|exec|time|env|\w+=\S*)\s+)*$/;
const PATHS = /(?:\s-\w*[fk]|--(?:filename|kustomize|path)|\bkustomize(?:\s+build)?(?:\s+-\S+)*)[=\s]\s*["']?$/;
/** What takes a folder, for code that is not read as commands: `path = "flux-system"`, `fileset("flux-system", …)`. */
const FOLDERS = /(?:path|dir|directory|folder|files?|fileset|src|source|location)["']?\s*[:=(]\s*["'`]?$/i;

/**
 * Whether a word stands where a name is asked for, so that it means no folder that happens to be called alike:
 * `kubectl apply -n flux-system -f key.yaml` beside a folder `flux-system`. Errs towards paths where a command is not known.
 * @param expanded the word with what is known of its variables
 */
export function isNamePlace(text: string, { start, end }: Word, expanded: string, inComment: boolean): boolean {
  const before = textBefore(text, start);
  if (VALUES.test(before) || LISTED.test(before)) return true;
  if (expanded.includes("/") || expanded.includes(".")) return false;
  if (inComment || LABELS.test(before)) return true;
  const command = before.slice(Math.max(...["|", ";", "&", "`", "("].map((mark) => before.lastIndexOf(mark))) + 1);
  if (NAMING.test(command)) return !PATHS.test(command);
  return /^["']?\s+[^\s#=:]/.test(text.slice(end, end + REACH)) && RUNS.test(command);
}

/** A recipe of just up to its colon: `apps:`, `up dir="a":`; an assignment is none. */
const RECIPE = /^@?[A-Za-z_][\w-]*(?:\s[^:]*)?:(?!=)/;

/** Whether a word is a recipe that another one of just needs, as `flux` in `apps: secrets flux`; paths are arguments, in quotes. */
export function isNeededRecipe(kind: AutomationKind, text: string, { start, text: word }: Word): boolean {
  const head = kind === "just" && /^[\w-]+$/.test(word) && RECIPE.exec(text);
  return head !== false && head !== null && start >= head[0].length && !/["']/.test(text[start - 1] ?? "");
}

/** Whether code takes a word for a folder: anything with a slash in it, and a mere name where a folder is asked for. */
export function isFolderPlace(text: string, { start, text: word }: Word): boolean {
  return word.includes("/") || FOLDERS.test(textBefore(text, start));
}

function textBefore(text: string, start: number): string {
  return text.slice(Math.max(0, start - REACH), start);
}
