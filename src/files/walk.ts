import { type Dirent, readdirSync } from "node:fs";
import { RepoError } from "../contract/errors.ts";
import { readContent } from "./file-text.ts";
import { type Gitignore, readGitignore } from "./gitignore.ts";
import { diskName, textOfBytes } from "./raw-names.ts";

const MAX_FILES = 200_000;

/** A folder on the way, with what the `.gitignore` files above it and in it say, the nearest first. */
interface Folder {
  /** Names from the root. */
  names: readonly string[];
  ignores: readonly { depth: number; says: Gitignore }[];
}

/**
 * Lists a folder outside git the way git would: `.gitignore` files in it count, folders with a `.git` of their own and
 * symlinked folders are not entered. Paths are POSIX, relative to `root`, in no order.
 * @throws RepoError when the folder holds more than 200,000 files.
 */
export function walkFolder(root: string): string[] {
  const files: string[] = [];
  const open: Folder[] = [{ names: [], ignores: [] }];
  for (let folder = open.pop(); folder; folder = open.pop()) {
    const { names } = folder;
    const entries = list(diskName([root, ...names].join("/")));
    if (names.length > 0 && entries.some(({ name }) => name === ".git")) continue;
    const ignores = withOwn(folder, entries, root);
    for (const { name, isFolder } of entries) {
      const path = [...names, name];
      if (name === ".git" || isIgnored(ignores, path, isFolder)) continue;
      if (isFolder) open.push({ names: path, ignores });
      else if (files.push(path.join("/")) > MAX_FILES) throw tooMany(root);
    }
  }
  return files;
}

/** Files, links and folders; what cannot be listed holds nothing. */
function list(folder: string | Buffer): { name: string; isFolder: boolean }[] {
  let entries: Dirent<Buffer>[];
  try {
    entries = readdirSync(folder, { withFileTypes: true, encoding: "buffer" });
  } catch {
    return [];
  }
  // A symlink is listed, as git does, and neither followed nor taken for a file.
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink() || entry.isDirectory())
    .map((entry) => ({ name: textOfBytes(entry.name), isFolder: entry.isDirectory() }));
}

function withOwn({ names, ignores }: Folder, entries: readonly { name: string }[], root: string): Folder["ignores"] {
  if (!entries.some(({ name }) => name === ".gitignore")) return ignores;
  const { text } = readContent(diskName([root, ...names, ".gitignore"].join("/")));
  return text === undefined ? ignores : [{ depth: names.length, says: readGitignore(text) }, ...ignores];
}

function isIgnored(ignores: Folder["ignores"], names: readonly string[], isFolder: boolean): boolean {
  for (const { depth, says } of ignores) {
    const said = says(names.slice(depth), isFolder);
    if (said !== undefined) return said === "ignored";
  }
  return false;
}

function tooMany(root: string): RepoError {
  return new RepoError(
    "too-many-files",
    `${root} holds more than ${MAX_FILES} files and is no git repository`,
    "Name the folder of the GitOps repository, such as `fluxlift plan ~/home-ops`.",
  );
}
