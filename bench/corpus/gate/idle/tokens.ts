import { expandPath } from "../kustomize-commands.ts";
import { dirOf } from "../reach.ts";
import { joinPath, type Snapshot } from "../snapshot.ts";

/** What may stand for a path in a script, a task or a page: variables and template expressions are part of it. */
const TOKEN = /(?:\$\{[^}]*\}|\{\{[^}]*\}\}|\$\([^)]*\)|[\w.@%+~*-]|\/|\$\w)+/g;

/** A tree with its paths by their last name, so that the end of a path is found without looking at all of them. */
export interface PathIndex {
  tree: Snapshot;
  byName: Map<string, string[]>;
  /** Variables that scripts and tasks define, with their values. */
  known: Map<string, string>;
}

/** Every file and folder of a tree by its last name. */
export function indexPaths(tree: Snapshot, known: Map<string, string>): PathIndex {
  const all = new Set<string>();
  for (const path of tree.paths) for (let at = path; at !== ""; at = dirOf(at)) all.add(at);
  const byName = new Map<string, string[]>();
  for (const path of all) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const list = byName.get(name);
    if (list) list.push(path);
    else byName.set(name, [path]);
  }
  return { tree, byName, known };
}

const matchesGlob = (glob: string, path: string): boolean =>
  new RegExp(`^${glob.replace(/[.+^${}()|[\]\\]/g, "\\$&").replace(/\*+/g, "[^/]*")}$`).test(path);

/** Files and folders that a word of a file may mean: beside it, from the top, or behind a variable. */
export function meant(token: string, file: string, { tree, byName, known }: PathIndex): string[] {
  const exists = (path: string): boolean => tree.has(path) || tree.isDir(path);
  const hasVariable = /[$]|\{\{/.test(token);
  const path = hasVariable ? expandPath(token, known) : token.replace(/[.,:;]+$/, "");
  if (path === "" || path === "." || path === "/") return [];
  if (path.includes("*")) {
    const globs = [joinPath(dirOf(file), path), joinPath(path)];
    return tree.paths.filter((one) => globs.some((glob) => matchesGlob(glob, one)));
  }
  const direct = [joinPath(dirOf(file), path), joinPath(path)].filter((one) => one !== "" && exists(one));
  if (direct.length > 0 || !hasVariable) return direct;
  const end = joinPath(path);
  const ends = byName.get(end.slice(end.lastIndexOf("/") + 1)) ?? [];
  // A bare name behind a variable says too little to mean every file of that name.
  return end.includes("/") || ends.length === 1 ? ends.filter((one) => one === end || one.endsWith(`/${end}`)) : [];
}

/** Everything that the text of a file names and that is there; lines of comments name nothing. */
export function namedIn(file: string, index: PathIndex): Set<string> {
  const out = new Set<string>();
  for (const line of index.tree.text(file).split("\n")) {
    if (line.length > 2000 || /^\s*(?:#(?!\s*-\s)|\/\/)/.test(line)) continue;
    for (const [token] of line.matchAll(TOKEN)) {
      if (!token.includes("/") && !token.includes(".")) continue;
      for (const path of meant(token, file, index)) out.add(path);
    }
  }
  return out;
}
