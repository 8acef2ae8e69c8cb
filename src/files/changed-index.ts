import { getOrMake } from "../contract/group-by.ts";
import { addPath, type PathIndex, splitPath } from "./path-index.ts";

/**
 * The folder structure of a tree less some files and with others. What stays is not gone through: a plan lays some thirty
 * overlays over a tree that may have 100,000 files.
 * @param gone files of `base`
 * @param created files that `base` does not have
 */
export function changeIndex(base: PathIndex, gone: ReadonlySet<string>, created: readonly string[]): PathIndex {
  const files = new Set(created);
  const added: Names = new Map();
  for (const path of created) addPath(added, path, (dir) => base.isDir(dir));
  const removed = listRemoved(base, gone, added);
  const known = new Map<string, readonly string[]>();
  let paths: readonly string[] | undefined;

  const listEntries = (dir: string): readonly string[] => {
    const [more, less] = [added.get(dir), removed.get(dir)];
    if (!more && !less) return base.entries(dir);
    const kept = base.entries(dir).filter((name) => !less?.has(name) && !more?.has(name));
    return more ? [...kept, ...more].sort() : kept;
  };
  const isRemoved = (path: string): boolean => {
    const [dir, name] = splitPath(path);
    return removed.get(dir)?.has(name) ?? false;
  };

  return {
    get paths() {
      paths ??= merge(gone.size === 0 ? base.paths : base.paths.filter((path) => !gone.has(path)), [...files].sort());
      return paths;
    },
    has: (path) => files.has(path) || (base.has(path) && !gone.has(path)),
    isDir: (path) => added.has(path) || (base.isDir(path) && (path === "" || !isRemoved(path))),
    entries: (dir) => getOrMake(known, dir, () => listEntries(dir)),
  };
}

/** Names by the folder that holds them. */
type Names = Map<string, Set<string>>;

function listRemoved(base: PathIndex, gone: ReadonlySet<string>, added: Names): Names {
  const removed: Names = new Map();
  for (const path of gone) {
    // Up to the first folder that holds something else.
    for (let child = path; ; ) {
      const [dir, name] = splitPath(child);
      const names = getOrMake(removed, dir, () => new Set<string>()).add(name);
      if (dir === "" || added.has(dir) || names.size < base.entries(dir).length) break;
      child = dir;
    }
  }
  return removed;
}

/** Two sorted lists as one. */
function merge(many: readonly string[], few: readonly string[]): readonly string[] {
  if (few.length === 0) return many;
  const all: string[] = [];
  let next = 0;
  for (const path of many) {
    while (next < few.length && few[next]! < path) all.push(few[next++]!);
    all.push(path);
  }
  for (; next < few.length; next++) all.push(few[next]!);
  return all;
}
