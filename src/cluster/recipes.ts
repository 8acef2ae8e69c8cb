import { join } from "../delivery/paths.ts";
import { remember } from "../files/remember.ts";
import type { Tree } from "../files/tree.ts";
import { codeLines } from "./readable-text.ts";

/** Lines of a file, the last one not among them. */
interface Lines {
  file: string;
  first: number;
  end: number;
}

/** What runs recipes, and the files that it looks for in its folder. */
const RUNNERS: Readonly<Record<string, readonly string[]>> = {
  make: ["GNUmakefile", "makefile", "Makefile"],
  task: ["Taskfile.yml", "Taskfile.yaml", "Taskfile.dist.yml", "Taskfile.dist.yaml"],
  just: ["justfile", ".justfile", "Justfile"],
};
const CALL = /(?:^|[\s;&|("'])(make|task|just)\s+((?:-C\s*(\S+)\s+)?[^|;&]*)/;
const HEADER = /^(\s*)["']?([\w.-]+)["']?(?:\s[^:=]*)?:(?!=)(.*)$/;
const NAME = /[\w.-]+/g;

/** The recipes that a command starts (`make render`), with those that these name, in the file of its folder. Errs towards more of them. */
export function findRecipes(tree: Tree, command: string, folder: string): Lines[] {
  const [, runner, said = "", place] = CALL.exec(command) ?? [];
  if (runner === undefined) return [];
  const file = RUNNERS[runner]!.map((name) => join(folder, place ?? "", name)).find((path) => tree.has(path));
  if (file === undefined) return [];
  const lines = codeLines(tree, file);
  const known = remember(tree, "recipes", file, () => listRecipes(file, lines));
  const names = new Set(said.match(NAME));
  const found: Lines[] = [];
  for (const name of names) {
    const recipe = known.get(name);
    if (!recipe) continue;
    found.push(recipe);
    for (const line of lines.slice(recipe.first, recipe.end))
      for (const other of line.match(NAME) ?? []) names.add(other);
  }
  return found;
}

/** Each recipe by its name: its line, and those below it that stand further in. */
function listRecipes(file: string, lines: readonly string[]): ReadonlyMap<string, Lines> {
  const recipes = new Map<string, Lines>();
  const open: { indent: number; recipe: Lines }[] = [];
  for (const [at, line] of lines.entries()) {
    if (line.trim() === "") continue;
    const indent = line.search(/\S/);
    while (open.length > 0 && open.at(-1)!.indent >= indent) open.pop()!.recipe.end = at;
    const name = HEADER.exec(line)?.[2];
    if (name === undefined) continue;
    const recipe = { file, first: at, end: lines.length };
    if (!recipes.has(name)) recipes.set(name, recipe);
    open.push({ indent, recipe });
  }
  return recipes;
}
