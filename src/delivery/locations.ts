import type { Loc } from "../contract/errors.ts";
import type { KubeObject } from "../contract/objects.ts";
import type { Tree } from "../files/tree.ts";
import { locate, locateDocument } from "../yaml/locate.ts";
import { describe } from "./kinds.ts";

/** Where a field of an object stands; falls back to the closest parent that exists, and to the file's first line. */
export function locateField(
  tree: Tree,
  object: Pick<KubeObject, "file" | "doc">,
  path: readonly (string | number)[] = [],
): Loc {
  const text = tree.read(object.file);
  if (text !== undefined) {
    for (let length = path.length; length > 0; length--) {
      const found = locate(text, object.doc, path.slice(0, length), { key: true });
      if (found) return { file: object.file, line: found.line, col: found.col };
    }
    const start = locateDocument(text, object.doc);
    if (start) return { file: object.file, line: start.line, col: start.col };
  }
  return { file: object.file, line: 1, col: 1 };
}

/** An object as findings name it, and the place of it or of one of its fields. */
export function pointAt(tree: Tree, object: KubeObject, path: readonly (string | number)[] = []) {
  return { resource: describe(object), at: locateField(tree, object, path) };
}
