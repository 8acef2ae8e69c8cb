import { lineOf } from "../../contract/errors.ts";
import type { Tree } from "../../files/tree.ts";
import type { ParsedFile } from "../../yaml/types.ts";
import { type Data, isEmpty, isMap, mapAt, scalarText } from "./data.ts";
import { BuildError } from "./failures.ts";
import { type Item, makeItem } from "./item.ts";
import { findTypedKey, readDocs, rememberFile } from "./read.ts";

/** Objects of a resource file, lists expanded. Throws `BuildError`. Cached by path and text. */
export const readResources = rememberFile((tree: Tree, path: string): readonly Item[] => {
  // Errs to refusing: kustomize would build if a patch or an annotation dropped the object that has the key.
  const key = findTypedKey(tree.read(path) ?? "");
  if (key !== undefined)
    throw new BuildError(lineOf(path), `the map key ${key} is no string: kustomize cannot print the object`);
  const objects = parseObjects(readDocs(tree, path), path);
  return objects.map(({ body, doc, quoted }) => makeItem(body, path, doc, quoted));
});

interface ParsedObject {
  body: Data;
  doc: number;
  /** See `Item`. */
  quoted: boolean;
}

/**
 * Objects of a parsed file as kustomize takes them: empty documents are skipped, `List` kinds with `items` expanded, and
 * an object without kind or name refuses the file. Throws `BuildError`.
 */
export function parseObjects(read: ParsedFile, file: string): ParsedObject[] {
  if (!read.ok) throw new BuildError({ file, line: read.line, col: read.col }, `malformed YAML: ${read.reason}`);
  const queue = read.docs
    .filter(({ data }) => !isEmpty(data))
    .map(({ data, index }) => ({ body: data, doc: index, quoted: false }));
  const result: ParsedObject[] = [];
  for (const { body: data, doc, quoted } of queue) {
    const body = validate(data, file, doc);
    if (!scalarText(body.kind).endsWith("List") || !("items" in body)) {
      result.push({ body, doc, quoted });
      continue;
    }
    if (body.items === null) continue;
    const isPlainList = read.docs.length === 1 && (body.kind === "List" || body.kind === "ResourceList");
    if (!Array.isArray(body.items)) throw problem(file, doc, `expected a list in ${body.kind}/items`);
    for (const item of body.items) if (!isEmpty(item)) queue.push({ body: item, doc, quoted: !isPlainList });
  }
  return result;
}

function validate(data: unknown, file: string, doc: number): Data {
  if (!isMap(data)) throw problem(file, doc, "is no Kubernetes object");
  const kind = scalarText(data.kind);
  if (kind === "") throw problem(file, doc, "missing kind in object");
  if (!kind.endsWith("List") && scalarText(mapAt(data, "metadata").name) === "") {
    throw problem(file, doc, `missing metadata.name in ${kind}`);
  }
  for (const field of ["labels", "annotations"]) {
    const value = mapAt(data, "metadata")[field];
    if (value !== undefined && value !== null && !isMap(value)) throw problem(file, doc, `metadata.${field} is no map`);
  }
  return data;
}

function problem(file: string, doc: number, reason: string): BuildError {
  return new BuildError(lineOf(file), doc === 0 ? reason : `document ${doc + 1}: ${reason}`);
}
