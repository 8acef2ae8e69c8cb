import { isDeepStrictEqual } from "node:util";
import { Document, isMap, isNode, isScalar, parseDocument, Scalar } from "yaml";
import type { Yaml } from "../../contract/media.ts";
import type { PatchTarget, SourcePatch, YamlData } from "../../contract/objects.ts";
import { targetOfBody } from "../../release/simulate.ts";
import type { PatchItem } from "../../release/types.ts";
import { editYaml } from "../../yaml/edit.ts";
import { extractItem } from "../../yaml/extract.ts";
import { readYaml } from "../../yaml/read.ts";
import { asWritten } from "../../yaml/text.ts";
import type { PortedPatch, PortInput } from "../types.ts";
import { carryText } from "./escape.ts";

const PRINT = { lineWidth: 0, indentSeq: false, compat: "yaml-1.1" } as const;

const TARGET_KEYS = ["group", "version", "kind", "name", "namespace", "labelSelector", "annotationSelector"] as const;

/** Writes a ported item as text and data, copying the owner's text where it still says the same. */
export function writePatch(
  item: PatchItem,
  input: Pick<PortInput, "readText" | "substituted" | "oldSubstituted">,
): PortedPatch {
  const { source, body } = item;
  const target = tidyTarget(item.target ?? targetOfBody(item.type === "merge" ? item.doc : {}));
  const text = source.form === "patches" ? input.readText(source.file) : undefined;
  const expected = { patch: source.body, target: source.target };
  const copy = text === undefined ? undefined : copyItem(text, source.doc, source.path, expected);
  let raw: Yaml;
  const isSameTarget = JSON.stringify(tidyTarget(source.target ?? {})) === JSON.stringify(target);
  if (copy === undefined) {
    const inlined = text === undefined ? undefined : inlineFile(text, source, body);
    raw =
      inlined === undefined ? printItem({ patch: body, target }) : editItem(inlined, isSameTarget ? {} : { target });
  } else {
    const change = {
      ...(item.verbatim ? {} : { patch: body }),
      ...(isSameTarget ? {} : { target }),
    };
    raw = Object.keys(change).length === 0 ? copy : editItem(copy, change);
  }
  const patch = item.verbatim && copy !== undefined ? source.body : tidyBody(body);
  const carried = Object.fromEntries(Object.entries(target).map(([key, value]) => [key, carryText(value, input)]));
  return {
    data: { patch: carryText(patch, input), target: carried },
    raw: asWritten(carryText(raw, input)),
    from: source.at,
  };
}

/** Known keys only, in a fixed order, without empty ones: an empty selector selects like one that is not there. */
export function tidyTarget(target: PatchTarget): PatchTarget {
  const tidy: PatchTarget = {};
  for (const key of TARGET_KEYS) if (target[key]) tidy[key] = target[key];
  return tidy;
}

/**
 * The text of a list item as a map at indent 0, with the owner's comments.
 * @returns undefined when it cannot be taken out of its file, or would not read back as `body` and `target`.
 */
function copyItem(
  text: string,
  doc: number,
  path: readonly (string | number)[],
  expected: { patch: string; target: PatchTarget | undefined },
): Yaml | undefined {
  const copy = extractItem(text, doc, path);
  const read = copy === undefined ? undefined : readYaml(copy);
  if (copy === undefined || !read?.ok || read.docs.length !== 1) return undefined;
  const { patch, target, ...others } = (read.docs[0]!.data ?? {}) as YamlData;
  const isSame = patch === expected.patch && isDeepStrictEqual(target ?? undefined, expected.target);
  return isSame && Object.keys(others).length === 0 ? asWritten(`${withoutAnchors(copy).trimEnd()}\n`) : undefined;
}

/** Without anchors of its body and target that nothing in the item refers to: what did so has the text of its own there. */
function withoutAnchors(item: string): string {
  return item.replace(/^(patch|target):[ \t]+&(\S+)/gm, (all, key, name) =>
    item.includes(`*${name}`) ? all : `${key}:`,
  );
}

/** The item of a list that names a file (`path:`) with the text of the patch in its place, and the comments of the item. */
function inlineFile(text: string, { doc, path, target }: SourcePatch, body: string): Yaml | undefined {
  const copy = extractItem(text, doc, path);
  const document = copy === undefined ? undefined : parseDocument(copy);
  const item: unknown = document?.contents;
  if (!document || document.errors.length > 0 || !isMap(item)) return undefined;
  const pair = item.items.find(({ key }) => isScalar(key) && key.value === "path");
  const key = pair?.key;
  const data = document.toJS();
  const isOther = Object.keys(data).some((key) => key !== "path" && key !== "target");
  if (!pair || !isScalar(key) || isOther || !isDeepStrictEqual(data.target ?? undefined, target)) return undefined;
  const { comment } = isScalar(pair.value) ? pair.value : {};
  const value = block(body);
  if (comment) value.comment = comment;
  key.value = "patch";
  pair.value = value;
  item.flow = false;
  const written = document.toString(PRINT);
  const read = readYaml(written);
  const isSame =
    read.ok && isDeepStrictEqual(read.docs[0]?.data, { patch: tidyBody(body), ...(target ? { target } : {}) });
  return isSame ? asWritten(written) : undefined;
}

/** The item with another target or body; what is not changed keeps its comments. */
function editItem(raw: Yaml, change: { target?: PatchTarget; patch?: string }): Yaml {
  const document = parseDocument(raw);
  if (change.patch !== undefined) document.set("patch", block(change.patch));
  if (change.target) {
    const old = document.get("target");
    if (isMap(old)) {
      const next = change.target as Record<string, string>;
      for (const pair of [...old.items]) {
        const key = String(isNode(pair.key) ? pair.key.toJSON() : pair.key);
        if (next[key] === undefined) old.delete(key);
      }
      for (const [key, value] of Object.entries(next)) if (old.get(key) !== value) old.set(key, value);
    } else document.set("target", document.createNode(change.target));
  }
  return asWritten(document.toString(PRINT));
}

/** A new item, printed as `patch: |` and `target`. */
export function printItem(item: { patch: string; target?: PatchTarget }): Yaml {
  const document = new Document({} as YamlData);
  document.set("patch", block(item.patch));
  if (item.target) document.set("target", document.createNode(item.target));
  return asWritten(document.toString(PRINT));
}

/** Body text as the owner formatted it, without the indentation and blank lines around it. */
function tidyBody(body: string): string {
  return `${body
    .replaceAll("\r\n", "\n")
    .replace(/^\ufeff/, "")
    .replace(/^(?:---[^\n]*\n|[ \t]*\n)+/, "")
    .trimEnd()}\n`;
}

/** Removes operations from a JSON6902 body and replaces others, keeping the rest with its comments. */
export function editOps(body: string, change: { drop: readonly number[]; paths: ReadonlyMap<number, string> }): string {
  const drops = [...change.drop].sort((a, b) => b - a);
  const edited = editYaml(body, [
    ...[...change.paths].map(([index, value]) => ({ op: "set", doc: 0, path: [index, "path"], value }) as const),
    ...drops.map((index) => ({ op: "delete", doc: 0, path: [index] }) as const),
  ]);
  // What stands above the first one speaks of that, as often as not, and goes where that goes.
  const lead = drops.includes(0) ? (/^(?:[ \t]*(?:#[^\n]*)?\n)+/.exec(body)?.[0] ?? "") : "";
  if (edited.ok) return edited.text.startsWith(lead) ? edited.text.slice(lead.length) : edited.text;
  const document = parseDocument(body);
  for (const [index, path] of change.paths) document.setIn([index, "path"], path);
  for (const index of drops) document.deleteIn([index]);
  return document.toString(PRINT);
}

function block(text: string): Scalar {
  const scalar = new Scalar(tidyBody(text));
  scalar.type = Scalar.BLOCK_LITERAL;
  return scalar;
}
