import type { AutomationFile } from "../../../src/cluster/automation-files.ts";
import { dirname, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { UNKNOWN } from "./words.ts";

/** A line that says where what follows runs. */
export interface Entering {
  /** As it is written. */
  folder: string;
  /** It does nothing else. */
  isAll: boolean;
}

const CHANGE = /(?:^|\s|&&\s*)(?:cd|pushd)\s+["']?((?:\{\{[^{}]*\}\}|\$\([^()]*\)|[^\s"';&|])+)/;
const ONLY_CHANGES = /^\s*(?:cd|pushd)\s+["']?[^\s"';&|<>#]+["']?(?:\s*>\s*\/dev\/null)?\s*$/;

const FIELD = String.raw`^\s+(?:- )?(?:dir|working-directory|chdir):`;
/** The setting of a Taskfile, a workflow or a playbook, which holds for what stands beside it. */
export const SETTING = new RegExp(FIELD);

/** The same with its folder, and the settings of mise and of just. */
const SETTINGS = [
  new RegExp(String.raw`${FIELD}\s*["']?([^"'#]+)`),
  /^\s*dir\s*=\s*["']([^"']+)["']/,
  /^\s*\[[^\]]*\bworking-directory:\s*["']([^"']+)["']/,
  /^set\s+working-directory\s*:=\s*["']([^"']+)["']/,
];

/** What folder a line enters, and whether that is all it does. */
export function readEntering(text: string): Entering | undefined {
  const changed = CHANGE.exec(text)?.[1];
  if (changed !== undefined)
    return { folder: changed, isAll: ONLY_CHANGES.test(text.replaceAll(/\{\{[^{}]*\}\}|\$\([^()]*\)/g, "x")) };
  for (const setting of SETTINGS) {
    const folder = setting.exec(text)?.[1]?.trim();
    if (folder) return { folder, isAll: true };
  }
  return undefined;
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

/** Whether a recipe of just begins, which runs where the file is and not where the one before went. */
export function beginsRecipe({ kind }: AutomationFile, text: string, before: string): boolean {
  return kind === "just" && /^[^\s#]/.test(text) && /^\s/.test(before);
}
