import { readFileSync } from "node:fs";
import { applyPatch, parsePatch, type StructuredPatch } from "diff";
import type { Entry, Tree } from "./tree.ts";

/**
 * The tree after a file with a patch in git's format: renames, copies, modes, links and every byte.
 * @throws Error when the patch does not fit exactly
 */
export function patchTree(tree: Tree, path: string): Map<string, Entry> {
  const result = new Map(tree);
  const files = parsePatch(readFileSync(path, "latin1"));
  for (const { isRename, isDelete, oldFileName } of files) if (isRename || isDelete) result.delete(nameOf(oldFileName));
  for (const file of files) {
    // Of the tree as it was: a copy may be of a file that the same patch changes or renames.
    const entry = patchEntry(path, file, file.isCreate ? undefined : tree.get(nameOf(file.oldFileName)));
    if (!file.isDelete) result.set(nameOf(file.newFileName), entry);
    else if (entry.bytes.length > 0) throw new Error(`${path} deletes ${file.oldFileName}, which has more lines`);
  }
  return result;
}

function patchEntry(path: string, file: StructuredPatch, old: Entry | undefined): Entry {
  if (file.isBinary) throw new Error(`${path} says nothing about the bytes of ${file.newFileName}`);
  if (!old && !file.isCreate) throw new Error(`${path}: ${file.oldFileName} is not there`);
  // A byte is a character, so that any text comes through.
  const text = applyPatch(old?.bytes.toString("latin1") ?? "", file, { autoConvertLineEndings: false });
  if (text === false) throw new Error(`${path} does not fit ${file.oldFileName}`);
  return { mode: (file.newMode as Entry["mode"] | undefined) ?? old!.mode, bytes: Buffer.from(text, "latin1") };
}

const nameOf = (name = "") => name.replace(/^[ab]\//, "");
