/**
 * What a path holds, as far as fluxlift may use it. Only `text` is ever read as YAML or edited.
 * `binary` includes bytes that are not valid UTF-8; `encrypted` is git-crypt, whose bytes must not change.
 */
export type FileStatus = "text" | "binary" | "huge" | "symlink" | "encrypted" | "unreadable";

/**
 * An immutable view of a repository tree: the checked-out files, a git commit, or either with pending edits.
 * Paths are POSIX, relative to the root, without a leading `./`; the root itself is `''`.
 */
export interface Tree {
  /** Every file (symlinks included, `.git` and ignored files excluded), sorted. */
  readonly paths: readonly string[];
  has(path: string): boolean;
  isDir(path: string): boolean;
  /** Names of files and folders directly inside `dir`, sorted; empty when `dir` is no folder. */
  entries(dir: string): readonly string[];
  status(path: string): FileStatus | undefined;
  /** Whether the owner may execute the file; false for what is no regular file of the tree. */
  executable(path: string): boolean;
  /** The text of a file with its BOM and line endings as they are; undefined unless its status is `text`. */
  read(path: string): string | undefined;
  /** Paths of text files that contain the literal `needle`, in sorted order. Cheap: git does the search where it can. */
  grep(needle: string): readonly string[];
}
