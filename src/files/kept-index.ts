import { getOrMake } from "../contract/group-by.ts";
import type { PathIndex } from "./path-index.ts";

/**
 * The folder structure of a tree without what is not kept, worked out where it is asked for: of the trees of hundreds of
 * sources, which each keep something else, most are asked for one folder.
 */
export function keepIndex(base: PathIndex, keeps: (path: string) => boolean): PathIndex {
  const files = new Map<string, boolean>();
  const folders = new Map<string, boolean>();
  const listed = new Map<string, readonly string[]>();
  let paths: readonly string[] | undefined;

  const has = (path: string): boolean => getOrMake(files, path, () => base.has(path) && keeps(path));
  /** A folder is there as long as a file below it is: looks no further than the first. */
  const isDir = (dir: string): boolean => {
    const known = folders.get(dir);
    if (known !== undefined || !base.isDir(dir)) return known ?? false;
    const seen = [dir];
    let isKept = dir === "";
    for (let at = 0; at < seen.length && !isKept; at++) {
      for (const name of base.entries(seen[at]!)) {
        const path = joined(seen[at]!, name);
        isKept ||= has(path) || folders.get(path) === true;
        if (isKept) break;
        if (!folders.has(path) && base.isDir(path)) seen.push(path);
      }
    }
    if (isKept) folders.set(dir, true);
    else for (const empty of seen) folders.set(empty, false);
    return isKept;
  };
  return {
    get paths() {
      paths ??= base.paths.filter(has);
      return paths;
    },
    has,
    isDir,
    entries: (dir) =>
      getOrMake(listed, dir, () =>
        base.entries(dir).filter((name) => has(joined(dir, name)) || isDir(joined(dir, name))),
      ),
  };
}

const joined = (dir: string, name: string) => (dir === "" ? name : `${dir}/${name}`);
