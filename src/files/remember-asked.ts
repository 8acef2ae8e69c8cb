import { baseOf, touchedBy } from "./overlay.ts";
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
  /** The paths that were asked of; undefined where something was asked of the whole tree. */
  paths: ReadonlySet<string> | undefined;
}

interface Kept<T> {
  /** Made on an overlay that leaves all that was asked as it is below: looking at what another one changes is enough. */
  clean?: Made<T>;
  latest: Made<T>;
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
    const kept = remember(base, `${question} in overlays`, "", () => new Map<string, Kept<T>>());
    const known = kept.get(key);
    if (known?.clean && isLeft(known.clean, tree)) return known.clean.answer;
    if (known?.latest.asked.every(({ again, said }) => isSame(again(tree), said))) return known.latest.answer;
    const { seen, asked, paths } = watch(tree);
    const latest: Made<T> = { answer: make(seen), asked, paths: paths() };
    const clean = isLeft(latest, tree) ? latest : known?.clean;
    kept.set(key, clean ? { clean, latest } : { latest });
    return latest.answer;
  });
}

/** Whether an overlay leaves all that was asked as it is in the tree below. */
function isLeft<T>({ paths }: Made<T>, tree: Tree): boolean {
  if (paths === undefined) return false;
  for (const path of touchedBy(tree)) if (paths.has(path)) return false;
  return true;
}

/** Lists are made anew by each overlay. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, index) => one === b[index]);
}

/** The same tree, which notes what it is asked. */
function watch(tree: Tree): { seen: Tree; asked: readonly Asked[]; paths: () => ReadonlySet<string> | undefined } {
  const asked: Asked[] = [];
  const known = new Set<string>();
  const paths = new Set<string>();
  let isWhole = false;
  const note = <T>(name: string, again: (tree: Tree) => T): T => {
    const said = again(tree);
    if (!known.has(name)) asked.push({ again, said });
    known.add(name);
    return said;
  };
  const whole = <T>(name: string, again: (tree: Tree) => T): T => {
    isWhole = true;
    return note(name, again);
  };
  const of = <T>(question: string, path: string, again: (tree: Tree) => T): T => {
    paths.add(path);
    return note(`${question} ${path}`, again);
  };
  const seen: Tree = {
    get paths() {
      return whole("paths", (one) => one.paths);
    },
    has: (path) => of("has", path, (one) => one.has(path)),
    isDir: (path) => of("isDir", path, (one) => one.isDir(path)),
    entries: (path) => of("entries", path, (one) => one.entries(path)),
    status: (path) => of("status", path, (one) => one.status(path)),
    executable: (path) => of("executable", path, (one) => one.executable(path)),
    read: (path) => of("read", path, (one) => one.read(path)),
    grep: (needle) => whole(`grep ${needle}`, (one) => one.grep(needle)),
  };
  return { seen, asked, paths: () => (isWhole ? undefined : paths) };
}
