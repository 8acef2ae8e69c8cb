import { remember } from "../../src/files/remember.ts";
import type { Tree } from "../../src/files/tree.ts";
import type { Apply } from "../shared/automation/applies.ts";
import { type Bootstrap, helmfileIn } from "./rewrite.ts";

/** What direnv and mise set for a folder is there for whatever runs in it. */
const SHARED =
  /^(\.env(rc)?|\.?mise(\.local)?\.toml|\.?mise\/config\.toml|\.config\/mise\.toml|\.config\/mise\/config\.toml)$/;

const ROOT_TASKS = /^[Tt]askfile(\.dist)?\.ya?ml$/;

/** More stand before no command; a helmfile wants a few. */
const MOST_NAMED = 20;

/**
 * Variables without which helmfile refuses its file, whatever release is asked for (`requiredEnv "ROOT_DIR"`), and that no
 * file gives to a line. Errs towards missing, but for scripts, which may name what their caller sets.
 */
export function missingEnvironment(apply: Apply, bootstrap: Bootstrap, tree: Tree): readonly string[] {
  const names = requiredNames(tree, helmfileIn(bootstrap) ?? "");
  if (names.length === 0) return names;
  const { file, number } = apply.line;
  if (file.kind !== "task") {
    const said = remember(tree, "words of a file", file, () => new Set(file.text.match(/\w+/g)));
    return names.filter((name) => !said.has(name)).slice(0, MOST_NAMED);
  }
  const top = remember(tree, "variables for every task", "", () =>
    tree.paths.filter((path) => ROOT_TASKS.test(path)).map((path) => readEnvironment(tree.read(path) ?? "")),
  );
  const own = remember(tree, "variables of a task", file, () => readEnvironment(file.text));
  const given = [...top.map(({ whole }) => whole), own.whole, ...own.around(number)];
  return names.filter((name) => !given.some((some) => some.has(name))).slice(0, MOST_NAMED);
}

/** What the helmfile asks for, less what is set for whatever runs in the repository. */
function requiredNames(tree: Tree, helmfile: string): readonly string[] {
  return remember(tree, "required variables", helmfile, () => {
    const text = tree.read(helmfile) ?? "";
    const names = new Set([...text.matchAll(/\brequiredEnv\s+"(\w+)"/g)].map(([, name = ""]) => name));
    if (names.size === 0) return [];
    const shared = tree.paths.filter((path) => SHARED.test(path)).map((path) => tree.read(path) ?? "");
    const sets = shared.flatMap((one) => [...one.matchAll(/^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=/gm)]);
    const set = new Set(sets.map(([, name = ""]) => name));
    return [...names].filter((name) => !set.has(name));
  });
}

interface Environment {
  /** What the whole file sets. */
  whole: ReadonlySet<string>;
  /** What is set for a line, by the task that it is of and by what stands around that. */
  around(number: number): ReadonlySet<string>[];
}

interface Node {
  depth: number;
  isEnv: boolean;
  above: Node | undefined;
  sets: Set<string>;
}

/** What each `env` of a Taskfile sets. */
function readEnvironment(text: string): Environment {
  const whole = new Set<string>();
  const lines = text.split("\n");
  let last: Node | undefined;
  const nodes = lines.map((line): Node | undefined => {
    const depth = line.search(/\S/);
    if (depth < 0) return undefined;
    while (last && last.depth >= depth) last = last.above;
    const above = last;
    const isEnv = /^\s*env:/.test(line);
    const [, key] = above?.isEnv ? (/^\s+(\w+):/.exec(line) ?? []) : [];
    const inline = isEnv ? [...line.matchAll(/[{,]\s*(\w+):/g)].map(([, name = ""]) => name) : [];
    if (key !== undefined) (above?.above?.sets ?? whole).add(key);
    for (const name of inline) (above?.sets ?? whole).add(name);
    last = { depth, isEnv, above, sets: new Set() };
    return last;
  });
  const around = (number: number) => {
    const found: ReadonlySet<string>[] = [];
    for (let node = nodes[number - 1]; node; node = node.above) if (node.sets.size > 0) found.push(node.sets);
    return found;
  };
  return { whole, around };
}
