import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { indexPaths } from "../../src/files/path-index.ts";
import type { Tree } from "../../src/files/tree.ts";

/**
 * A folder as a tree that follows symlinks which stay inside it, as kustomize does on a disk. `.git` is left out.
 * Throws when the folder cannot be read.
 */
export function folderTree(root: string): Tree {
  const base = realpathSync(root);
  const files = new Map<string, string>();
  walk(base, base, "", files, []);
  const index = indexPaths([...files.keys()]);
  const texts = new Map<string, string | undefined>();
  const read = (path: string): string | undefined => {
    if (!texts.has(path)) texts.set(path, readText(files.get(path)));
    return texts.get(path);
  };
  return {
    ...index,
    status: (path) => (files.has(path) ? (read(path) === undefined ? "binary" : "text") : undefined),
    executable: () => false,
    read,
    grep: (needle) => index.paths.filter((path) => read(path)?.includes(needle)),
  };
}

function walk(base: string, dir: string, prefix: string, files: Map<string, string>, open: readonly string[]): void {
  for (const name of readdirSync(dir)) {
    if (prefix === "" && name === ".git") continue;
    const full = resolveInside(base, join(dir, name));
    if (full === undefined || open.includes(full)) continue;
    if (statSync(full).isDirectory()) walk(base, full, `${prefix}${name}/`, files, [...open, full]);
    else files.set(prefix + name, full);
  }
}

function resolveInside(base: string, path: string): string | undefined {
  try {
    const real = realpathSync(path);
    return relative(base, real).split(sep)[0] === ".." ? undefined : real;
  } catch {
    return undefined;
  }
}

function readText(file: string | undefined): string | undefined {
  if (file === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(readFileSync(file));
  } catch {
    return undefined;
  }
}
