import { lineOf } from "../../contract/errors.ts";
import { isLfsPointer } from "../../files/file-text.ts";
import type { Tree } from "../../files/tree.ts";
import { type Data, isEmpty, isMap, mapAt, scalarText } from "./data.ts";
import { BuildError, sayPointer, sayTypedKey } from "./failures.ts";
import { type Item, makeItem } from "./item.ts";
import { findTypedKey, readText, rememberFile } from "./read.ts";
import {
  mayHoldTimes,
  type Written,
  withAnnotationTexts,
  withNameText,
  withTimes,
  writtenBy,
  writtenIn,
} from "./source-text.ts";

/** Objects of a resource file, lists expanded. Throws `BuildError`. Cached by path and text. */
export const readResources = rememberFile((tree: Tree, path: string): readonly Item[] => {
  const text = tree.read(path) ?? "";
  if (isLfsPointer(text)) throw new BuildError(lineOf(path), sayPointer("the objects"));
  // Errs to refusing: kustomize would build if a patch or an annotation dropped the object that has the key.
  const key = findTypedKey(text);
  if (key !== undefined) throw new BuildError(lineOf(path), sayTypedKey(key));
  return parseObjects(text, path).map(({ body, doc, written, isMarked }) => ({
    ...makeItem(body, path, doc),
    written: [written],
    isMarked,
  }));
});

export interface ParsedObject {
  body: Data;
  doc: number;
  written: Written;
  /** See `Item`. */
  isMarked: boolean;
}

/**
 * Objects of a text as kustomize takes them: empty documents are skipped, `List` kinds with `items` expanded, and
 * an object without kind or name refuses the file. Throws `BuildError`.
 */
export function parseObjects(text: string, file: string): ParsedObject[] {
  const read = readText(text);
  if (!read.ok) throw new BuildError({ file, line: read.line, col: read.col }, `malformed YAML: ${read.reason}`);
  const writtenAt = writtenIn(text);
  const isTimed = mayHoldTimes(text);
  const queue = read.docs
    .filter(({ data }) => !isNothing(data))
    .map(({ data, index }) => ({ data, doc: index, written: writtenAt(index) }));
  const result: ParsedObject[] = [];
  for (const { data, doc, written } of queue) {
    const body = validate(data, file, doc);
    if (!scalarText(body.kind).endsWith("List") || !("items" in body)) {
      const texts = withNameText(withAnnotationTexts(body, written), written);
      const marked = isTimed ? withTimes(texts, written) : texts;
      result.push({ body: marked, doc, written, isMarked: marked !== body });
      continue;
    }
    if (isEmpty(body.items)) continue;
    // kustomize reads the items of other lists as JSON.
    const isPlainList = read.docs.length === 1 && (body.kind === "List" || body.kind === "ResourceList");
    if (!Array.isArray(body.items)) throw problem(file, doc, `expected a list in ${body.kind}/items`);
    for (const [index, item] of body.items.entries())
      if (!isNothing(item))
        queue.push({
          data: item,
          doc,
          written: isPlainList ? writtenAt(doc, index) : writtenBy(item, () => true),
        });
  }
  return result;
}

/** What kustomize passes over where it expects an object. */
function isNothing(data: unknown): boolean {
  return isEmpty(data) || (Array.isArray(data) && data.length === 0);
}

function validate(data: unknown, file: string, doc: number): Data {
  if (!isMap(data)) throw problem(file, doc, "not a Kubernetes object");
  const kind = scalarText(data.kind);
  if (kind === "") throw problem(file, doc, "missing kind in object");
  if (!kind.endsWith("List") && scalarText(mapAt(data, "metadata").name) === "") {
    const isOwn = scalarText(data.apiVersion).startsWith("kustomize.config.k8s.io/");
    const where = isOwn ? ", which kustomize takes for its own only from a file called kustomization.yaml" : "";
    throw problem(file, doc, `missing metadata.name in ${kind}${where}`);
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
