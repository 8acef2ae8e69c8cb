import { foldersOf } from "./disk-tree.ts";

/**
 * New paths that a disk which knows no upper and lower case, as on Windows and macOS, takes for one that is there.
 * @returns for each of them a path that is there; a folder counts as well: `Apps/x.yaml` beside `apps/`
 */
export function findAlike(paths: readonly string[], created: readonly string[]): Map<string, string> {
  const parts = new Set(created.flatMap((path) => [path, ...foldersOf(path)]));
  const folded = new Set([...parts].map((part) => part.toLowerCase()));
  const longest = Math.max(...created.map((path) => path.length));
  const there = new Set<string>();
  const others = new Map<string, string>();
  const note = (part: string, path: string) => {
    if (!folded.has(part.toLowerCase())) return;
    if (parts.has(part)) there.add(part);
    else others.set(part.toLowerCase(), path);
  };
  let last = "/";
  for (const path of paths) {
    const end = path.lastIndexOf("/");
    // Paths of one folder follow one another.
    if (end >= 0 && !(path.startsWith(last) && end === last.length - 1)) {
      last = path.slice(0, end + 1);
      for (let slash = path.indexOf("/"); slash >= 0 && slash <= longest; slash = path.indexOf("/", slash + 1))
        note(path.slice(0, slash), path);
    }
    note(path, path);
  }
  return new Map(
    created.flatMap((path): [string, string][] => {
      // What is there under this very name is no news, whatever else lies beside it.
      const part = [path, ...foldersOf(path)].find((one) => !there.has(one) && others.has(one.toLowerCase()));
      return part === undefined ? [] : [[path, others.get(part.toLowerCase())!]];
    }),
  );
}
