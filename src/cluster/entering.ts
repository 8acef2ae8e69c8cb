/** Stands for text that only a run knows; matches one path segment, or any number of leading ones. */
export const UNKNOWN = "\u0001";

/** A line that says where what follows runs. */
export interface Entering {
  /** As it is written. */
  folder: string;
  /** It does nothing else. */
  isAll: boolean;
}

const CHANGE = /(?:^|\s|(?<!\$)\(|&&\s*)(?:cd|pushd)\s+["']?((?:\{\{[^{}]*\}\}|\$\([^()]*\)|[^\s"';&|])+)/;
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

/** What stands open in the folder that a line enters: a pattern, or all that is. */
export function sayOpen(folder: string): string {
  const text = folder.replaceAll(/\$\([^()]*\)/g, UNKNOWN);
  return /^[/~-]/.test(text) || text.includes("..") ? UNKNOWN : text;
}
