import type { KubeObject, YamlData } from "../contract/objects.ts";
import { rememberFile } from "../files/remember-file.ts";
import type { Tree } from "../files/tree.ts";
import { splitDocuments } from "../yaml/documents.ts";
import { isMap } from "../yaml/is-map.ts";
import { kindPattern } from "../yaml/kind-pattern.ts";
import { lineCounter } from "../yaml/lines.ts";
import { ofText } from "../yaml/of-text.ts";
import { readYaml, readYamlCached } from "../yaml/read.ts";
import type { LazyDocument } from "./types.ts";

/** Characters from which a file of CRDs is read document by document. */
const LARGE = 50_000;

/** Whether kustomize and Flux would take the file for YAML. */
export function isYamlPath(path: string): boolean {
  return /\.ya?ml$/.test(path);
}

export interface ObjectScan {
  objects: KubeObject[];
  /** What stands in the way of reading a file that mentions Flux. */
  broken: { file: string; line: number; col: number; reason: string }[];
}

/** The Kubernetes objects of one file; empty when it does not parse (the error is in `broken`). */
export function readObjects(tree: Tree, file: string): ObjectScan {
  return rememberFile(tree, "objects", file, (holder) => scanObjects(holder, file));
}

/** The objects of those files that kustomize and Flux take for YAML. */
export function objectsIn(tree: Tree, files: Iterable<string>): KubeObject[] {
  return [...files].filter(isYamlPath).flatMap((file) => readObjects(tree, file).objects);
}

/** Files whose text says a kind: `kind: Namespace`, `"kind": "Namespace"`. It errs towards too many, as `kindPattern` does. */
export function filesOfKind(tree: Tree, kind: string): string[] {
  const pattern = kindPattern(kind);
  return tree.grep(kind).filter((file) => pattern.test(tree.read(file) ?? ""));
}

/** The object in a document of a file. */
export function objectAt(tree: Tree, file: string, doc: number | undefined): KubeObject | undefined {
  return rememberFile(tree, "objects by document", file, (holder) => {
    return new Map<number | undefined, KubeObject>(readObjects(holder, file).objects.map((one) => [one.doc, one]));
  }).get(doc);
}

/** The first object of that kind and name in a file; its namespace may come from a kustomization above. */
export function objectNamed(
  tree: Tree,
  file: string,
  { kind, name }: Pick<KubeObject, "kind" | "name">,
): KubeObject | undefined {
  return rememberFile(tree, "objects by name", file, (holder) => {
    const all = readObjects(holder, file).objects;
    return new Map(all.toReversed().map((one) => [`${one.kind} ${one.name}`, one]));
  }).get(`${kind} ${name}`);
}

function scanObjects(tree: Tree, file: string): ObjectScan {
  const text = tree.read(file);
  if (text === undefined) return { objects: [], broken: [] };
  if (text.length > LARGE && text.includes("kind: CustomResourceDefinition")) return readLarge(tree, file);
  const parsed = readYamlCached(text);
  if (!parsed.ok) {
    return { objects: [], broken: [{ file, line: parsed.line, col: parsed.col, reason: parsed.reason }] };
  }
  const objects = parsed.docs.map(({ index, data }) => toObject(file, index, data));
  return { objects: objects.filter((object) => object !== undefined), broken: [] };
}

/** Files of CRDs are large, and no decision needs their schemas: those are named from their text alone. */
function readLarge(tree: Tree, file: string): ObjectScan {
  const scan: ObjectScan = { objects: [], broken: [] };
  for (const document of readLazily(tree, file)) {
    const isCrd = document.kind === "CustomResourceDefinition";
    const data = isCrd ? undefined : document.data();
    const object = isCrd ? toKubeObject(document) : toObject(file, document.doc, data);
    if (object) scan.objects.push(object);
    else if (data === undefined) scan.broken.push({ file, line: document.line, col: 1, reason: "not valid YAML" });
  }
  return scan;
}

/** A document as a Kubernetes object; undefined when kind or name is missing. */
export function toObject(file: string, doc: number, data: YamlData): KubeObject | undefined {
  if (!isMap(data)) return undefined;
  const { apiVersion, kind, metadata } = data;
  if (typeof apiVersion !== "string" || typeof kind !== "string") return undefined;
  const name = metadata?.name;
  if (typeof name !== "string") return undefined;
  const namespace = typeof metadata.namespace === "string" ? metadata.namespace : "";
  return { file, doc, apiVersion, kind, name, namespace, data };
}

/**
 * The objects of a file, found by cutting it into documents and reading the four fields that name an object from their
 * lines. Documents not written in plain block style are parsed. Empty documents are left out.
 */
export function readLazily(tree: Tree, file: string): LazyDocument[] {
  return rememberFile(tree, "documents", file, (holder) =>
    cut(holder.read(file) ?? "").map(({ lineOf, ...document }) => ({
      ...document,
      file,
      get line() {
        return lineOf();
      },
    })),
  );
}

/** A document, whatever the file is called: clusters of one fleet hold the same install. */
interface CutDocument extends Omit<LazyDocument, "file" | "line"> {
  lineOf(): number;
}

const cut = ofText((text: string): readonly CutDocument[] => {
  const lineAt = lineCounter(text);
  return splitDocuments(text).flatMap(({ index, start, end, marker }) => {
    const from = marker === undefined ? start : text.indexOf("\n", marker) + 1 || end;
    const body = text.slice(from, end).replace(/^\.\.\.[ \t]*\r?\n?/gm, "");
    const document = toDocument(index, body, () => lineAt(marker ?? start));
    return document ? [document] : [];
  });
}, 64);

function toDocument(doc: number, text: string, lineOf: () => number): CutDocument | undefined {
  let parsed: { data: YamlData | undefined } | undefined;
  const data = () => {
    parsed ??= { data: parse(text) };
    return parsed.data;
  };
  const names = readNames(text) ?? toObject("", doc, data());
  if (!names) return undefined;
  const { apiVersion, kind, name, namespace } = names;
  return { doc, apiVersion, kind, name, namespace, text, data, lineOf };
}

function parse(text: string): YamlData | undefined {
  const read = readYaml(text);
  const data = read.ok ? read.docs.find((item) => item.data !== undefined)?.data : undefined;
  return typeof data === "object" && data !== null ? data : undefined;
}

/** The names of a document in plain block style; undefined for any other style. */
function readNames(text: string): Pick<LazyDocument, "apiVersion" | "kind" | "name" | "namespace"> | undefined {
  const apiVersion = /^apiVersion: ([\w./-]+)[ \t\r]*$/m.exec(text)?.[1];
  const kind = /^kind: (\w+)[ \t\r]*$/m.exec(text)?.[1];
  const metadata = /^metadata:[ \t\r]*\n((?:[ \t]+.*(?:\n|$)|[ \t\r]*\n|#.*(?:\n|$))*)/m.exec(text)?.[1];
  const name = metadata && /^ {2}name: ([\w.-]+)[ \t\r]*$/m.exec(metadata)?.[1];
  if (!apiVersion || !kind || !name) return undefined;
  const namespace = /^ {2}namespace: ([\w.-]+)[ \t\r]*$/m.exec(metadata)?.[1];
  if (namespace === undefined && /<<|\bnamespace["']?\s*:|\\/.test(metadata)) return undefined;
  return { apiVersion, kind, name, namespace: namespace ?? "" };
}

/** A document as an object of the model, without its body: what an install names is removed, never read. */
export function toKubeObject({ file, doc, apiVersion, kind, name, namespace }: LazyDocument): KubeObject {
  const metadata = { name, ...(namespace ? { namespace } : {}) };
  return { file, doc, apiVersion, kind, name, namespace, data: { apiVersion, kind, metadata } };
}
