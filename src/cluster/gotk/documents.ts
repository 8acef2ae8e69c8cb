import type { KubeObject, YamlData } from "../../contract/objects.ts";
import { remember } from "../../files/remember.ts";
import type { Tree } from "../../files/tree.ts";
import { splitDocuments } from "../../yaml/documents.ts";
import { positionAt } from "../../yaml/lines.ts";
import { readYaml } from "../../yaml/read.ts";
import type { LazyDocument } from "../types.ts";

/**
 * The objects of a file, found by cutting it into documents and reading the four fields that name an object from their
 * lines. Documents not written in plain block style are parsed. Empty documents are left out.
 */
export function readLazily(tree: Tree, file: string): LazyDocument[] {
  const text = tree.read(file);
  if (text === undefined) return [];
  return remember(tree, "documents", file, () => cut(file, text));
}

function cut(file: string, text: string): LazyDocument[] {
  return splitDocuments(text).flatMap(({ index, start, end, marker }) => {
    const from = marker === undefined ? start : text.indexOf("\n", marker) + 1 || end;
    const body = text.slice(from, end).replace(/^\.\.\.[ \t]*\r?\n?/gm, "");
    const document = toDocument(file, index, body, () => positionAt(text, marker ?? start).line);
    return document ? [document] : [];
  });
}

function toDocument(file: string, doc: number, text: string, lineOf: () => number): LazyDocument | undefined {
  let parsed: { data: YamlData | undefined } | undefined;
  const data = () => {
    parsed ??= { data: parse(text) };
    return parsed.data;
  };
  const names = readNames(text) ?? namesOf(data());
  if (!names) return undefined;
  return {
    file,
    doc,
    get line() {
      return lineOf();
    },
    ...names,
    text,
    data,
  };
}

function parse(text: string): YamlData | undefined {
  const read = readYaml(text);
  const data = read.ok ? read.docs.find((item) => item.data !== undefined)?.data : undefined;
  return typeof data === "object" && data !== null ? data : undefined;
}

type Names = Pick<LazyDocument, "apiVersion" | "kind" | "name" | "namespace">;

/** The names of a document in plain block style; undefined for any other style. */
function readNames(text: string): Names | undefined {
  const apiVersion = /^apiVersion: ([\w./-]+)[ \t\r]*$/m.exec(text)?.[1];
  const kind = /^kind: (\w+)[ \t\r]*$/m.exec(text)?.[1];
  const metadata = /^metadata:[ \t\r]*\n((?:[ \t]+.*(?:\n|$)|[ \t\r]*\n)*)/m.exec(text)?.[1];
  const name = metadata && /^ {2}name: ([\w.-]+)[ \t\r]*$/m.exec(metadata)?.[1];
  if (!apiVersion || !kind || !name) return undefined;
  return { apiVersion, kind, name, namespace: /^ {2}namespace: ([\w.-]+)[ \t\r]*$/m.exec(metadata)?.[1] ?? "" };
}

function namesOf(data: YamlData | undefined): Names | undefined {
  const { apiVersion, kind, metadata } = data ?? {};
  if (typeof apiVersion !== "string" || typeof kind !== "string" || typeof metadata?.name !== "string")
    return undefined;
  return {
    apiVersion,
    kind,
    name: metadata.name,
    namespace: typeof metadata.namespace === "string" ? metadata.namespace : "",
  };
}

/** A document as an object of the model, without its body: what an install names is removed, never read. */
export function toKubeObject({ file, doc, apiVersion, kind, name, namespace }: LazyDocument): KubeObject {
  const metadata = { name, ...(namespace ? { namespace } : {}) };
  return { file, doc, apiVersion, kind, name, namespace, data: { apiVersion, kind, metadata } };
}
