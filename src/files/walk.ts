import { type Dirent, readdirSync } from "node:fs";
import { relative, sep } from "node:path";
import { globbySync } from "globby";
import { RepoError } from "../contract/errors.ts";
import { readContent } from "./file-text.ts";
import { type Gitignore, readGitignore } from "./gitignore.ts";
import { diskName, textOfBytes } from "./raw-names.ts";

const MAX_FILES = 200_000;

/** What the `.gitignore` files in a folder and above it say, the nearest first. */
type Ignores = readonly { depth: number; says: Gitignore }[];

/**
 * Lists a folder outside git the way git would: `.gitignore` files in it count, folders with a `.git` of their own and
 * symlinked folders are not entered. Paths are POSIX, relative to `root`, in no order.
 * @throws RepoError when the folder holds more than 200,000 files.
 */
export function walkFolder(root: string): string[] {
  const files: string[] = [];
  const ignoresOf = new Map<string, Ignores>();
  const readFolder = (folder: string): Dirent[] => {
    const names = relative(root, folder).split(sep).filter(Boolean);
    const entries = list(diskName(folder));
    if (names.length > 0 && entries.some(({ name }) => name === ".git")) return [];
    const ignores = withOwn(ignoresOf.get(names.slice(0, -1).join("/")) ?? [], names, entries, root);
    ignoresOf.set(names.join("/"), ignores);
    const seen = entries.filter(
      (entry) => entry.name !== ".git" && !isIgnored(ignores, [...names, entry.name], entry.isDirectory()),
    );
    for (const entry of seen) if (!entry.isDirectory()) files.push([...names, entry.name].join("/"));
    return files.length > MAX_FILES ? [] : seen;
  };
  // It only walks. Its own patterns become regular expressions, of which a line of a `.gitignore` can make one without an
  // end, and which a name with a line break does not fit.
  globbySync("**", {
    cwd: root,
    dot: true,
    followSymbolicLinks: false,
    suppressErrors: true,
    expandDirectories: false,
    fs: { readdirSync: readFolder as unknown as typeof readdirSync },
  });
  if (files.length <= MAX_FILES) return files;
  throw new RepoError(
    "too-many-files",
    `${root} holds more than ${MAX_FILES} files and is no git repository`,
    "Name the folder of the GitOps repository, such as `fluxlift plan ~/home-ops`.",
  );
}

/** Files, links and folders; what cannot be listed holds nothing. */
function list(folder: string | Buffer): Dirent[] {
  let entries: Dirent<Buffer>[];
  try {
    entries = readdirSync(folder, { withFileTypes: true, encoding: "buffer" });
  } catch {
    return [];
  }
  // A symlink is listed, as git does, and neither followed nor taken for a file.
  return entries
    .filter((entry) => entry.isFile() || entry.isSymbolicLink() || entry.isDirectory())
    .map((entry) => Object.assign(entry as unknown as Dirent, { name: textOfBytes(entry.name) }));
}

function withOwn(above: Ignores, names: readonly string[], entries: readonly Dirent[], root: string): Ignores {
  if (!entries.some(({ name }) => name === ".gitignore")) return above;
  const { text } = readContent(diskName([root, ...names, ".gitignore"].join("/")));
  return text === undefined ? above : [{ depth: names.length, says: readGitignore(text) }, ...above];
}

function isIgnored(ignores: Ignores, names: readonly string[], isFolder: boolean): boolean {
  for (const { depth, says } of ignores) {
    const said = says(names.slice(depth), isFolder);
    if (said !== undefined) return said === "ignored";
  }
  return false;
}
