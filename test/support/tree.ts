import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { git, gitBytes } from "./git.ts";

export interface Entry {
  /** As git writes it; of a link the bytes are its target. */
  mode: "100644" | "100755" | "120000";
  bytes: Buffer;
}

/** Files and links by path. */
export type Tree = ReadonlyMap<string, Entry>;

/** Every file and link below a folder, `.git` excluded. */
export function readEntries(root: string): Map<string, Entry> {
  const tree = new Map<string, Entry>();
  const open = [""];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const name of readdirSync(join(root, folder))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (path === ".git") continue;
      const at = join(root, path);
      const stat = lstatSync(at);
      if (stat.isDirectory()) open.push(path);
      else if (stat.isSymbolicLink()) tree.set(path, { mode: "120000", bytes: readlinkSync(at, "buffer") });
      else tree.set(path, { mode: (stat.mode & 0o100) === 0 ? "100644" : "100755", bytes: readFileSync(at) });
    }
  }
  return tree;
}

export function writeEntries(root: string, tree: Tree): void {
  for (const [path, { mode, bytes }] of tree) {
    const at = join(root, path);
    mkdirSync(dirname(at), { recursive: true });
    if (mode === "120000") symlinkSync(bytes, at);
    else writeFileSync(at, bytes);
    if (mode === "100755") chmodSync(at, 0o755);
  }
}

/** What changes one tree into another; made by git and not by fluxlift's own diff, which the result shall test. */
export function diffTrees(before: Tree, after: Tree, ...settings: string[]): string {
  const root = mkdtempSync(join(tmpdir(), "fluxlift-tree-"));
  try {
    git(root, "init", "--quiet");
    git(root, "config", "core.autocrlf", "false");
    writeEntries(root, before);
    git(root, "add", "--all", "--force");
    const start = git(root, "write-tree").trim();
    for (const path of before.keys()) rmSync(join(root, path));
    writeEntries(root, after);
    git(root, "add", "--all", "--force");
    const config = ["-c", "core.quotePath=true", "-c", "diff.renames=true"];
    const args = ["diff", "--cached", "--no-color", "--binary", ...settings, start];
    return gitBytes(root, ...config, ...args).toString("latin1");
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

/** A tree as a plain object that assertions print well; a mode or a link shows where it is not that of a plain file. */
export function flatten(tree: Tree): Record<string, string> {
  const text = ({ mode, bytes }: Entry) => (mode === "100644" ? "" : `mode ${mode}\n`) + bytes.toString("latin1");
  const paths = [...tree.keys()].sort();
  return Object.fromEntries(paths.map((path) => [path, text(tree.get(path)!)]));
}
