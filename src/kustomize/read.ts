import type { Tree } from "../workspace/tree.ts";
import { type ParsedFile, readYamlCached } from "../yaml/index.ts";

/** Reads a YAML file of the tree as plain documents; shared between callers, so it must not be changed. */
export function readDocs(tree: Tree, path: string): ParsedFile {
  const text = tree.read(path);
  if (text === undefined)
    return { ok: false, reason: `not a readable text file (${tree.status(path)})`, line: 1, col: 1 };
  return readYamlCached(text);
}
