import { getOrMake } from "../contract/group-by.ts";
/** The folder structure that a list of file paths implies. */
export interface PathIndex {
  readonly paths: readonly string[];
  has(path: string): boolean;
  isDir(path: string): boolean;
  entries(dir: string): readonly string[];
}

/** Sorts paths in UTF-16 order, the one order used all over fluxlift; copies nothing when they are sorted already. */
function sortPaths(paths: readonly string[]): readonly string[] {
  for (let i = 1; i < paths.length; i++) {
    if ((paths[i - 1] as string) > (paths[i] as string)) return [...paths].sort();
  }
  return paths;
}

/** Indexes POSIX paths relative to a root; the folder tables are built on first use. */
export function indexPaths(unsorted: readonly string[]): PathIndex {
  const paths = sortPaths(unsorted);
  let files: Set<string> | undefined;
  let folders: Map<string, Set<string>> | undefined;
  const sorted = new Map<string, readonly string[]>();

  const getFolders = (): Map<string, Set<string>> => {
    if (folders) return folders;
    folders = new Map([["", new Set<string>()]]);
    for (const path of paths) addPath(folders, path);
    return folders;
  };

  return {
    paths,
    has(path) {
      files ??= new Set(paths);
      return files.has(path);
    },
    isDir: (path) => getFolders().has(path),
    entries: (dir) => getOrMake(sorted, dir, () => [...(getFolders().get(dir) ?? [])].sort()),
  };
}

/**
 * Puts a path into its folder, and each folder into the one above, up to the first that is there.
 * @param folders names by the folder that holds them
 * @param isThere of folders that are not among these; the root has to be in the one or the other
 */
export function addPath(folders: Map<string, Set<string>>, path: string, isThere = (_dir: string) => false): void {
  let child = path;
  for (;;) {
    const [dir, name] = splitPath(child);
    const names = folders.get(dir);
    if (names) {
      names.add(name);
      return;
    }
    folders.set(dir, new Set([name]));
    if (isThere(dir)) return;
    child = dir;
  }
}

/** The folder of a path, `''` for the root, and its name in there. */
export function splitPath(path: string): [dir: string, name: string] {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? ["", path] : [path.slice(0, slash), path.slice(slash + 1)];
}
