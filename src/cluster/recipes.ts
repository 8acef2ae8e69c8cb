import { groupBy } from "../contract/group-by.ts";
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

/**
 * The recipes that commands start (`make render`), each once, with those that these name, in the file of the folder where the command
 * runs. Errs towards more of them.
 */
export function findRecipes(tree: Tree, commands: readonly { text: string; entered: string | undefined }[]): Lines[] {
  const called = commands.flatMap(({ text, entered }) => {
    const [, runner, said = "", place = ""] = CALL.exec(text) ?? [];
    const names = runner === undefined ? [] : RUNNERS[runner]!;
    const file = names.map((name) => join(entered ?? "", place, name)).find((path) => tree.has(path));
    return file === undefined ? [] : { file, names: said.match(NAME) ?? [] };
  });
  return [...groupBy(called, ({ file }) => file)].flatMap(([file, calls]) => {
    const lines = codeLines(tree, file);
    const known = remember(tree, "recipes", file, () => listRecipes(file, lines));
    const names = new Set(calls.flatMap((one) => one.names));
    const found: Lines[] = [];
    for (const name of names) {
      const recipe = known.get(name);
      if (!recipe) continue;
      found.push(recipe);
      for (const line of lines.slice(recipe.first, recipe.end))
        for (const other of line.match(NAME) ?? []) names.add(other);
    }
    return found;
  });
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
