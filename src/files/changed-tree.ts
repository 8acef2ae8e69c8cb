import { changeIndex } from "./changed-index.ts";
import type { FileContent } from "./file-text.ts";
import type { Tree } from "./tree.ts";

/** What a path holds after a change, whatever that is; undefined where it goes. */
export type ChangedFile = (FileContent & { executable: boolean }) | undefined;

/**
 * A tree as another commit has it. Unlike an overlay of edits it knows what is no text. What does not change comes from
 * `base` untouched, as the same string.
 */
export function changeTree(base: Tree, changes: ReadonlyMap<string, ChangedFile>): Tree {
  if (changes.size === 0) return base;
  const created = [...changes].filter(([path, file]) => file && !base.has(path)).map(([path]) => path);
  const gone = [...changes].filter(([path, file]) => !file && base.has(path)).map(([path]) => path);
  const index = created.length + gone.length === 0 ? base : changeIndex(base, new Set(gone), created);
  return {
    get paths() {
      return index.paths;
    },
    has: (path) => index.has(path),
    isDir: (path) => index.isDir(path),
    entries: (dir) => index.entries(dir),
    status: (path) => (changes.has(path) ? changes.get(path)?.status : base.status(path)),
    executable: (path) => (changes.has(path) ? (changes.get(path)?.executable ?? false) : base.executable(path)),
    read: (path) => (changes.has(path) ? changes.get(path)?.text : base.read(path)),
    grep(needle) {
      const found = base.grep(needle).filter((path) => !changes.has(path));
      for (const [path, file] of changes) if (file?.text?.includes(needle)) found.push(path);
      return found.sort();
    },
  };
}
