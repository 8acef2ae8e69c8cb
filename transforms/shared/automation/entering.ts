import type { AutomationFile } from "../../../src/cluster/automation-files.ts";
import { UNKNOWN } from "../../../src/cluster/entering.ts";
import { isTerraformCode } from "../../../src/cluster/gotk/terraform-text.ts";
import { groupBy } from "../../../src/contract/group-by.ts";
import { dirname, join, normalizePath } from "../../../src/delivery/paths.ts";
import { remember } from "../../../src/files/remember.ts";
import type { Tree } from "../../../src/files/tree.ts";
import type { Expand } from "./words.ts";

const SCRIPT = String.raw`["']?(?:\$0|\$\{0\}|\$\{?BASH_SOURCE(?:\[0\])?\}?)["']?`;
const FOLDER_OF = String.raw`(?:\$\(dirname\s+(?:--\s+)?(?:${SCRIPT}|["']?\$\((?:readlink\s+-f|realpath)\s+(?:--\s+)?${SCRIPT}\)["']?)\)|\$\{(?:0|BASH_SOURCE(?:\[0\])?)%\/\*\})`;
/** A variable that a script keeps its own folder in. */
const KEEPS = new RegExp(
  String.raw`^[ \t]*(?:(?:readonly|export|local|declare(?:[ \t]+-\w+)?)[ \t]+)?(\w+)=["']?(?:${FOLDER_OF}|\$\((?:cd|pushd)\s+(?:-P\s+)?(?:--\s+)?["']?${FOLDER_OF}["']?\s*(?:>\s*\/dev\/null(?:\s+2>&1)?\s*)?(?:&&|;)\s*pwd(?:\s+-P)?\s*\))["']?[ \t]*(?:;|#.*)?$`,
  "gm",
);
const ENTERS_OWN = new RegExp(
  String.raw`(?:^|\s|[(;&])(?:cd|pushd)\s+(?:-P\s+)?(?:--\s+)?["']?(?:(${FOLDER_OF})|\$\{?(\w+)\}?)["']?((?:/[\w.-]+)*)/?["']?(?=[\s;&|)]|$)`,
);

/** The folder that a script enters by its own place, `cd "$(dirname "$0")/.."`, however it is written. */
export function enterOwn(tree: Tree, file: AutomationFile, text: string): string | undefined {
  const [found, own, name = "", below = ""] = ENTERS_OWN.exec(text) ?? [];
  if (found === undefined) return undefined;
  const kept = () => remember(tree, "own folders of scripts", file, () => listKept(file.text));
  return own || kept().has(name) ? normalizePath(`${dirname(file.path)}${below}`) : undefined;
}

/** Names that are set once, and to that. */
function listKept(text: string): ReadonlySet<string> {
  const kept = [...text.matchAll(KEEPS)].map(([, name = ""]) => name);
  const times = groupBy([...text.matchAll(/(?:^|[\s;&|(])(\w+)=(?!=)/g)], ([, name = ""]) => name);
  return new Set(kept.filter((name) => times.get(name)?.length === 1));
}

/** The folders that such a line may mean, its variables filled in. */
export function resolveEntered(tree: Tree, file: AutomationFile, said: string, from: readonly string[]): string[] {
  const folder = said.replaceAll(/\$\([^()]*\)/g, UNKNOWN);
  // `$(git rev-parse --show-toplevel)/kubernetes`: what stands in front is somewhere above.
  const [first, ...rest] = folder.split("/");
  const below = rest.join("/");
  if (first === UNKNOWN && below !== "" && !below.includes(UNKNOWN) && tree.isDir(below)) return [below];
  if (/^[/~-]/.test(folder) || folder.includes(UNKNOWN) || folder.includes("..")) return [];
  // just runs where the file is that holds the recipe.
  const bases = file.kind === "just" ? [dirname(file.path), ...from] : from;
  return [...new Set(bases.map((base) => join(base, folder)))];
}

/** Where commands of Terraform run that say so (`working_dir` of a `local-exec`), above their command or below it. */
export function listRunFolders({ path, text }: AutomationFile, expand: Expand): string[] {
  if (!isTerraformCode(path)) return [];
  const said = [...text.matchAll(/^[ \t]*working_dir[ \t]*=[ \t]*"([^"\n]+)"/gm)].map(([, folder]) => expand(folder!));
  const plain = said.filter((folder) => !folder.includes(UNKNOWN) && !/^[/~$]/.test(folder));
  // Without `path.module` it is meant from where Terraform runs, most often the folder of the file.
  return plain.flatMap((folder) => [folder, `${dirname(path)}/${folder}`].flatMap((one) => normalizePath(one) ?? []));
}

/** Whether a recipe of just begins, which runs where the file is and not where the one before went. */
export function beginsRecipe({ kind }: AutomationFile, text: string, before: string): boolean {
  return kind === "just" && /^[^\s#]/.test(text) && /^\s/.test(before);
}
