import { indexPaths } from "../../src/files/path-index.ts";
import type { FileStatus, Tree } from "../../src/files/tree.ts";

export interface MemoryOptions {
  /** Files that are not text; they need no entry in `files`. */
  statuses?: Record<string, Exclude<FileStatus, "text">>;
  /** Paths of files whose executable bit is set. */
  executables?: readonly string[];
}

/** A tree held in memory: path -> text. For tests and for generated trees. */
export function memoryTree(files: Record<string, string>, options: MemoryOptions = {}): Tree {
  const texts = new Map(Object.entries(files));
  const statuses = new Map<string, FileStatus>(Object.entries(options.statuses ?? {}));
  const index = indexPaths([...new Set([...texts.keys(), ...statuses.keys()])].sort());
  const read = (path: string) => (statuses.has(path) ? undefined : texts.get(path));
  return {
    ...index,
    status: (path) => statuses.get(path) ?? (texts.has(path) ? "text" : undefined),
    executable: (path) => options.executables?.includes(path) ?? false,
    read,
    grep: (needle) => index.paths.filter((path) => read(path)?.includes(needle)),
  };
}
