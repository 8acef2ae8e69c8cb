import { isDeepStrictEqual } from "node:util";
import type { Yaml } from "../../contract/media.ts";
import type { KubeObject, SourcePatch, YamlData } from "../../contract/objects.ts";
import { splitPointer } from "../../delivery/kustomize/index.ts";
import { normalisePatch } from "../../release/normalise.ts";
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
export function writtenInPatches({ kind, name }: KubeObject, patches: readonly SourcePatch[]): Written[] {
  const items = patches.flatMap((patch) => {
    const normalised = normalisePatch(patch);
    return normalised.ok ? normalised.items : [];
  });
  const written = items.flatMap((item): Written[] => {
    const { body: text, target } = item;
    if (item.type === "merge")
      return item.doc.kind === kind && (target || item.doc.metadata.name === name)
        ? [{ text, doc: 0, part: [], at: [], data: item.doc }]
        : [];
    if (target?.kind !== undefined && target.kind !== kind) return [];
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

function valueAt(data: YamlData, path: Path): YamlData {
  return path.reduce((part: YamlData, key) => part?.[key], data);
}
