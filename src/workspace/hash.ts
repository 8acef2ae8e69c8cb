import { createHash } from "node:crypto";
import type { Tree } from "./tree.ts";

/** SHA-256 in hex of a text's UTF-8 bytes, or of bytes as they are. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** The hashes a saved plan rests on, sorted by path; paths without text in `tree` are left out. */
export function hashBase(tree: Tree, paths: Iterable<string>): Record<string, string> {
  const base: Record<string, string> = {};
  for (const path of [...new Set(paths)].sort()) {
    const text = tree.read(path);
    if (text !== undefined) base[path] = sha256(text);
  }
  return base;
}

/** Paths of a plan's base whose text in `tree` is another one, or gone; sorted. */
export function findMovedBase(tree: Tree, base: Record<string, string>): string[] {
  return Object.keys(base)
    .filter((path) => {
      const text = tree.read(path);
      return text === undefined || sha256(text) !== base[path];
    })
    .sort();
}
