import { globbySync } from "globby";
import { RepoError } from "../contract/errors.ts";
import { foldersOf, parentOf } from "./disk-tree.ts";

const MAX_FILES = 200_000;

/**
 * Lists a folder outside git the way git would: `.gitignore` files in it count, folders with a `.git` of their own and
 * symlinked folders are not entered. Paths are POSIX, relative to `root`, in no order.
 * @throws RepoError when the folder holds more than 200,000 files.
 */
export function walkFolder(root: string): string[] {
  const entries = globbySync("**", {
    cwd: root,
    dot: true,
    // A symlink is listed, as git does, and neither followed nor taken for a file.
    onlyFiles: false,
    followSymbolicLinks: false,
    objectMode: true,
    suppressErrors: true,
    expandDirectories: false,
    // Not `gitignore: true`, which asks the repository around a folder as well: that one may ignore all of it.
    ignoreFiles: "**/.gitignore",
    ignore: ["**/.git/*"],
  });
  const nested = entries.filter(({ name, path }) => name === ".git" && path !== ".git");
  const clones = new Set(nested.map(({ path }) => parentOf(path)));
  const files = entries
    .filter(({ name, dirent }) => name !== ".git" && (dirent.isFile() || dirent.isSymbolicLink()))
    .map(({ path }) => path)
    .filter((path) => clones.size === 0 || !foldersOf(path).some((folder) => clones.has(folder)));
  if (files.length <= MAX_FILES) return files;
  throw new RepoError(
    "too-many-files",
    `${root} holds more than ${MAX_FILES} files and is no git repository`,
    "Name the folder of the GitOps repository, such as `fluxlift plan ~/home-ops`.",
  );
}
