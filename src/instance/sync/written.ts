import { isDeepStrictEqual } from "node:util";
import type { Yaml } from "../../contract/media.ts";
import { type KubeObject, type SourcePatch, valueAt, type YamlData } from "../../contract/objects.ts";
import { splitPointer } from "../../delivery/kustomize/index.ts";
import { patchItems } from "../../release/normalise.ts";
import type { PatchItem } from "../../release/types.ts";
import { isProse, readComments, readCommentsOf } from "../../yaml/comments.ts";
import { extractItem } from "../../yaml/extract.ts";
import { readYaml } from "../../yaml/read.ts";

type Path = readonly (string | number)[];

/** Text in which an object or a part of it stands. */
export interface Written {
  text: string;
  doc: number;
  /** Which part of the object it is, and where it stands in the document. */
  part: Path;
  at: Path;
  data: YamlData;
}

/** What a file says of an object that it holds. */
export function writtenInFile(text: string, doc: number): Written[] {
  const read = readYaml(text);
  return read.ok ? [{ text, doc, part: [], at: [], data: read.docs[doc]?.data }] : [];
}

/** What patches say of an object, the last word first. */
export function writtenInPatches(object: KubeObject, patches: readonly SourcePatch[]): Written[] {
  const written = patchesOf(object, patches).flatMap((item): Written[] => {
    const { body: text } = item;
    if (item.type === "merge") return [{ text, doc: 0, part: [], at: [], data: item.doc }];
    return item.ops.map(({ path, value }, index) => ({
      text,
      doc: 0,
      part: splitPointer(path),
      at: [index, "value"],
      data: value,
    }));
  });
  return written.reverse();
}

/**
 * What the owner wrote in and above the patches of an object for people to read. The patches that take their place have it
 * where they copy the text; what they have not belongs above them.
 */
export function commentsOfPatches(
  object: KubeObject,
  patches: readonly SourcePatch[],
  readText: (path: string) => string | undefined,
): string[] {
  const lines = patchesOf(object, patches).flatMap(({ source, body }) => {
    const text = source.path.length > 1 ? readText(source.file) : undefined;
    const around = text === undefined ? { above: [], within: [] } : readComments(text, source.doc, source.path);
    const inside = readCommentsOf(body);
    return [...around.above, ...around.within, ...inside.above, ...inside.within];
  });
  return lines.filter(isProse);
}

function patchesOf({ kind, name }: KubeObject, patches: readonly SourcePatch[]): PatchItem[] {
  return patchItems(patches).filter((item) => {
    if (item.type === "merge") return item.doc.kind === kind && (item.target || item.doc.metadata.name === name);
    return item.target?.kind === undefined || item.target.kind === kind;
  });
}

/** The text of the first that says exactly this of a part of the object, comments included. */
export function copyWritten(written: readonly Written[], path: Path, value: YamlData): Yaml | undefined {
  for (const { text, doc, part, at, data } of written) {
    if (!part.every((key, index) => path[index] === key)) continue;
    const inner = path.slice(part.length);
    if (!isDeepStrictEqual(valueAt(data, inner), value)) continue;
    const copy = extractItem(text, doc, [...at, ...inner]);
    const read = copy === undefined ? undefined : readYaml(copy);
    if (read?.ok && isDeepStrictEqual(read.docs[0]?.data, value)) return copy;
  }
  return undefined;
}
