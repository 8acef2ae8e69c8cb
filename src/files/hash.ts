import { createHash } from "node:crypto";
import { compareText } from "../contract/compare-text.ts";
import type { Tree } from "./tree.ts";

/** SHA-256 in hex of a text's UTF-8 bytes, or of bytes as they are. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

/** SHA-256 of files by path, sorted; paths without text in `tree` are left out. */
export function hashBase(tree: Tree, paths: Iterable<string>): Record<string, string> {
  const base: Record<string, string> = {};
  for (const path of [...new Set(paths)].sort(compareText)) {
    const text = tree.read(path);
    if (text !== undefined) base[path] = sha256(text);
  }
  return base;
}
