import type { AutomationFile } from "../../src/cluster/automation-files.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { Apply } from "../shared/automation/applies.ts";
import { type Bootstrap, helmfileIn } from "./rewrite.ts";

/** What direnv and mise set for a folder is there for whatever runs in it. */
const SHARED =
  /^(\.env(rc)?|\.?mise(\.local)?\.toml|\.?mise\/config\.toml|\.config\/mise\.toml|\.config\/mise\/config\.toml)$/;

const ROOT_TASKS = /^[Tt]askfile(\.dist)?\.ya?ml$/;

/**
 * Variables without which helmfile refuses its file, whatever release is asked for (`requiredEnv "ROOT_DIR"`), and that no
 * file gives to a line. Errs towards missing, but for scripts, which may name what their caller sets.
 */
export function missingEnvironment(apply: Apply, bootstrap: Bootstrap, tree: Tree): string[] {
  const text = tree.read(helmfileIn(bootstrap) ?? "") ?? "";
  const names = new Set([...text.matchAll(/\brequiredEnv\s+"(\w+)"/g)].map(([, name = ""]) => name));
  return [...names].filter((name) => !isGiven(name, apply.line, tree));
}

function isGiven(name: string, { file, number }: { file: AutomationFile; number: number }, tree: Tree): boolean {
  const sets = new RegExp(`^[ \\t]*(?:export[ \\t]+)?${name}[ \\t]*=`, "m");
  if (tree.paths.some((path) => SHARED.test(path) && sets.test(tree.read(path) ?? ""))) return true;
  if (file.kind !== "task") return new RegExp(`\\b${name}\\b`).test(file.text);
  const top = tree.paths.filter((path) => ROOT_TASKS.test(path)).map((path) => tree.read(path) ?? "");
  return isInEnv(file.text, name, number) || top.some((text) => isInEnv(text, name, 0));
}

/** Whether an `env` of a Taskfile, of the whole file or of the task that a line is of, has a name. */
function isInEnv(text: string, name: string, number: number): boolean {
  const above: { depth: number; index: number; isEnv: boolean }[] = [];
  const given = new Set<number>();
  let parents: number[] = [];
  const ofBlock = new RegExp(`^\\s+${name}:`);
  const inline = new RegExp(`^\\s*env:.*[{,]\\s*${name}:`);
  for (const [index, line] of text.split("\n").entries()) {
    const depth = line.search(/\S/);
    if (depth < 0) continue;
    while ((above.at(-1)?.depth ?? -1) >= depth) above.pop();
    const isListed = above.at(-1)?.isEnv && ofBlock.test(line);
    // The whole file is no line.
    if (isListed || inline.test(line)) given.add(above.at(isListed ? -2 : -1)?.index ?? -1);
    above.push({ depth, index, isEnv: /^\s*env:/.test(line) });
    if (index + 1 === number) parents = above.map((one) => one.index);
  }
  return given.has(-1) || parents.some((index) => given.has(index));
}
