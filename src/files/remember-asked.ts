import { baseOf, touchedBy } from "./overlay.ts";
import { remember } from "./remember.ts";
import type { Tree } from "./tree.ts";

/** One thing that was asked of a tree, and what it said. */
interface Asked {
  /** The same function for all of a kind: a walk asks of thousands of paths, and others ask of the same ones again. */
  again: (tree: Tree, about: string) => unknown;
  about: string;
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
    if (known?.latest.asked.every(({ again, about, said }) => isSame(again(tree, about), said)))
      return known.latest.answer;
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
  const touched = touchedBy(tree);
  // A late cluster of many lies on an overlay that touches a thousand paths, and most questions ask of three.
  const [few, many] = paths.size < touched.size ? [paths, touched] : [touched, paths];
  for (const path of few) if (many.has(path)) return false;
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
  const paths = new Set<string>();
  let isWhole = false;
  const asking = <T>(again: (tree: Tree, about: string) => T, note: (about: string) => void) => {
    const known = new Set<string>();
    return (about: string): T => {
      const said = again(tree, about);
      note(about);
      if (!known.has(about)) asked.push({ again, about, said });
      known.add(about);
      return said;
    };
  };
  const whole = <T>(again: (tree: Tree, about: string) => T) =>
    asking(again, () => {
      isWhole = true;
    });
  const of = <T>(again: (tree: Tree, path: string) => T) => asking(again, (path) => paths.add(path));
  const listAll = whole((one) => one.paths);
  const seen: Tree = {
    get paths() {
      return listAll("");
    },
    has: of((one, path) => one.has(path)),
    isDir: of((one, path) => one.isDir(path)),
    entries: of((one, path) => one.entries(path)),
    status: of((one, path) => one.status(path)),
    executable: of((one, path) => one.executable(path)),
    read: of((one, path) => one.read(path)),
    grep: whole((one, needle) => one.grep(needle)),
  };
  return { seen, asked, paths: () => (isWhole ? undefined : paths) };
}
