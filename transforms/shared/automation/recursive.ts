import { UNKNOWN } from "../../../src/cluster/entering.ts";
import { isWithin, join } from "../../../src/delivery/paths.ts";
import type { Tree } from "../../../src/files/tree.ts";
import { type Match, ROLES, type Target } from "./targets.ts";

const RECURSIVE = /\b(?:kubectl|oc|k)\s.*\s(?:--recursive\b|-f?R)/;

/** Whether a command line goes through folders as they lie, whatever kustomizations are in them. */
export function isRecursive(line: string): boolean {
  return RECURSIVE.test(line);
}

/** The folder above targets that such a command applies whole; `$GITHUB_WORKSPACE/clusters` is taken from the top. */
export function matchAbove(
  text: string,
  bases: readonly string[],
  targets: readonly Target[],
  tree: Tree,
): Match | undefined {
  const isOpen = text.startsWith(`${UNKNOWN}/`);
  const named = isOpen ? text.slice(UNKNOWN.length + 1) : text;
  for (const base of isOpen ? [""] : bases) {
    const path = join(base, named);
    if (path === "" || !tree.isDir(path)) continue;
    const below = targets.filter((target) => target.vanishes && isWithin(target.path, path));
    const roles = ROLES.filter((role) => below.some((target) => target.roles.includes(role)));
    const target = { path, isFile: false, roles, stays: true, vanishes: false };
    if (roles.length > 0) return { target, certain: false, base, others: [] };
  }
  return undefined;
}
