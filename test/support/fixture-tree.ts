import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { patchTree } from "./patch.ts";
import { FIXTURES_ROOT } from "./project.ts";
import { type Entry, readEntries, type Tree } from "./tree.ts";

export const BASES_ROOT = join(FIXTURES_ROOT, "bases");

/** Where a tree starts and what it leaves out of that; said by `base.json` and by `case.json`. */
export interface TreeSpec {
  /** One sentence: what is special about the tree. */
  shows: string;
  /** A folder of `bases/`, or `<transform>/<case>` for the tree of that case; without it `input/` is the whole tree. */
  base?: string;
  /** Files of the base that are not there, and folders, which end with a slash. */
  delete?: string[];
}

export const TREE_KEYS: readonly (keyof TreeSpec)[] = ["shows", "base", "delete"];

/** The bases read so far; `undefined` while one is being read. */
const bases = new Map<string, Tree | undefined>();

/**
 * The tree that a folder of `__fixtures__` describes: its base, less what it deletes, with the files of `input/`
 * added or replaced whole, then `input.patch`.
 * @throws Error for a change that changes nothing: its author thought of another base
 */
export function assembleTree(dir: string, spec: TreeSpec): Tree {
  const tree = new Map<string, Entry>(spec.base === undefined ? [] : readBase(spec.base));
  for (const gone of spec.delete ?? []) {
    const paths = gone.endsWith("/") ? [...tree.keys()].filter((path) => path.startsWith(gone)) : [gone];
    if (paths.length === 0 || !tree.has(paths[0]!))
      throw new Error(`${dir} deletes ${gone}, which its base does not have`);
    for (const path of paths) tree.delete(path);
  }
  const input = join(dir, "input");
  for (const [path, entry] of existsSync(input) ? readEntries(input) : []) {
    const old = tree.get(path);
    if (old?.mode === entry.mode && old.bytes.equals(entry.bytes))
      throw new Error(`${dir} repeats ${path} of its base`);
    tree.set(path, entry);
  }
  const patch = join(dir, "input.patch");
  return existsSync(patch) ? patchTree(tree, patch) : tree;
}

/** The tree that `"base"` names; read once, whoever asks. */
export function readBase(name: string): Tree {
  const known = bases.get(name);
  if (known) return known;
  if (bases.has(name)) throw new Error(`the base ${name} stands on itself`);
  bases.set(name, undefined);
  const isCase = name.includes("/");
  const dir = join(isCase ? FIXTURES_ROOT : BASES_ROOT, name);
  if (!isCase) rejectStrays(dir, ["base.json", "input", "input.patch"]);
  const spec = isCase ? readSpec(join(dir, "case.json")) : readSpec(join(dir, "base.json"), TREE_KEYS);
  const tree = assembleTree(dir, spec);
  bases.set(name, tree);
  return tree;
}

/** @throws Error for an entry that nothing reads: an expectation that nobody checks is a defect. */
export function rejectStrays(dir: string, entries: readonly string[]): void {
  const stray = readdirSync(dir).find((name) => !entries.includes(name));
  if (stray) throw new Error(`${dir}/${stray} is not read by anything; there may be ${entries.join(", ")}`);
}

/** A `base.json` or `case.json`. @throws Error for a field that is not among the keys, if any are given. */
export function readSpec(path: string, keys?: readonly string[]): TreeSpec {
  const spec = JSON.parse(readFileSync(path, "utf8")) as TreeSpec;
  const unknown = keys && Object.keys(spec).find((key) => !keys.includes(key));
  if (unknown) throw new Error(`${path}: unknown field ${unknown}`);
  if (!/^[A-Z].*\.$/.test(spec.shows)) throw new Error(`${path}: "shows" says in a sentence what the tree is about`);
  return spec;
}
