import { baseOf } from "./overlay.ts";
import { remember } from "./remember.ts";
import type { Tree } from "./tree.ts";

/** One thing that was asked of a tree, and what it said. */
interface Asked {
  again: (tree: Tree) => unknown;
  said: unknown;
}

interface Made<T> {
  answer: T;
  asked: readonly Asked[];
}

/**
 * The answer to a question about few files of a tree, worked out once for all overlays of one tree that say the same of all
 * that was asked: a plan of many clusters lays an overlay for each, and of most folders they say the same.
 * @param key all that the answer depends on besides
 * @param make asks nothing but the tree it is given
 */
export function rememberAsked<T>(tree: Tree, question: string, key: string, make: (tree: Tree) => T): T {
  return remember(tree, question, key, () => {
    const base = baseOf(tree);
    if (base === tree) return make(tree);
    const latest = remember(base, `${question} in overlays`, "", () => new Map<string, Made<T>>());
    const known = latest.get(key);
    if (known?.asked.every(({ again, said }) => isSame(again(tree), said))) return known.answer;
    const { seen, asked } = watch(tree);
    const made = { answer: make(seen), asked };
    latest.set(key, made);
    return made.answer;
  });
}

/** Lists are made anew by each overlay. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, index) => one === b[index]);
}

/** The same tree, which notes what it is asked. */
function watch(tree: Tree): { seen: Tree; asked: readonly Asked[] } {
  const asked: Asked[] = [];
  const known = new Set<string>();
  const note = <T>(name: string, again: (tree: Tree) => T): T => {
    const said = again(tree);
    if (!known.has(name)) asked.push({ again, said });
    known.add(name);
    return said;
  };
  const seen: Tree = {
    get paths() {
      return note("paths", (one) => one.paths);
    },
    has: (path) => note(`has ${path}`, (one) => one.has(path)),
    isDir: (path) => note(`isDir ${path}`, (one) => one.isDir(path)),
    entries: (path) => note(`entries ${path}`, (one) => one.entries(path)),
    status: (path) => note(`status ${path}`, (one) => one.status(path)),
    executable: (path) => note(`executable ${path}`, (one) => one.executable(path)),
    read: (path) => note(`read ${path}`, (one) => one.read(path)),
    grep: (needle) => note(`grep ${needle}`, (one) => one.grep(needle)),
  };
  return { seen, asked };
}
