import type { Yaml } from "../../src/contract/media.ts";
import { hasHidden } from "../../src/contract/visible.ts";
import { printPreferred } from "../../src/yaml/scalars.ts";

/**
 * Branches and folders end up in patterns of five forges, each of which gives other characters a meaning, and some have no
 * way to take it from them. So only names that mean themselves in all of them are written there.
 */
export function isPlainPattern(text: string): boolean {
  return /^[\p{L}\p{N}_.][\p{L}\p{N}_./@=%+~# -]*$/u.test(text) && !/ #|[ /]$/.test(text);
}

/** Text that can stand in a script of a pipeline: on one line, and no command to the runner that shows it. */
export function isPlainLine(text: string): boolean {
  return !hasHidden(text) && !/^\s*::|##(?:vso)?\[/.test(text);
}

/** A branch in the patterns of GitHub, Forgejo and Gitea, where `+` repeats what stands before it. */
export function actionsPattern(name: string): string {
  return name.replaceAll("+", "\\+");
}

/** A branch in a regular expression of GitLab. */
export function gitlabPattern(name: string): string {
  return name.replace(/[.+/]/g, "\\$&");
}

/** A text as YAML takes it for that text. */
export function scalar(text: string): Yaml {
  return printPreferred(text, "single");
}
